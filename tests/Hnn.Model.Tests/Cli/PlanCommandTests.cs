using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hnn.Model.Tests.Cli;

public sealed class PlanCommandTests
{
    private static readonly int[] Buckets = [16, 32, 64];

    [Fact]
    public async Task Json_HasEveryBucketOfTheModel()
    {
        CliRun run = await CliRun.RunAsync("plan", "--json", "--threads", "2");
        Assert.Equal(0, run.ExitCode);
        JsonElement[] plans = [.. run.Json.GetProperty("plans").EnumerateArray()];
        Assert.Equal(Buckets, plans.Select(p => p.GetProperty("bucket").GetInt32()));
        Assert.Equal(
            "bucket, release, securityBits, logN, logQ, logQP, levels, digitCount, threads, steps, keySwitches, products, plainProducts, rescalings, "
            + "keyCount, keyBytes, keyMemoryBytes, relinearizationLevel, rotations, ciphertextPeakBytes, peakBytes, requestBytes, "
            + "responseBytes, estimateMs",
            CliRun.FieldNames(plans[0]));
        foreach (JsonElement plan in plans)
        {
            Assert.True(plan.GetProperty("securityBits").GetInt32() >= 128);
            Assert.Equal(2, plan.GetProperty("threads").GetInt32());
            JsonElement last = plan.GetProperty("steps").EnumerateArray().Last();
            Assert.Equal("name, level, logScale, predictedError, keySwitches, estimateMs, quantity, factor, valueError",
                CliRun.FieldNames(last));
            Assert.Equal(("soft-argmax", 0), (last.GetProperty("name").GetString(), last.GetProperty("level").GetInt32()));
            Assert.Equal(plan.GetProperty("keyCount").GetInt32(), plan.GetProperty("rotations").GetArrayLength() + 1);
        }
    }

    [Fact]
    public async Task Sentences_SaysWhichPackingIsFasterForSoMany()
    {
        foreach ((int count, string packing) in ((int, string)[])[(1, "latency"), (256, "throughput")])
        {
            CliRun run = await CliRun.RunAsync("plan", "--sentences", $"{count}", "--threads", "2", "--json");
            Assert.Equal(0, run.ExitCode);
            JsonElement[] choices = [.. run.Json.GetProperty("choices").EnumerateArray()];
            Assert.Equal(Buckets, choices.Select(c => c.GetProperty("bucket").GetInt32()));
            Assert.Equal("bucket, sentences, packing, latencySeconds, batches, throughputSeconds", CliRun.FieldNames(choices[0]));
            Assert.All(choices, c => Assert.Equal((packing, 1), (c.GetProperty("packing").GetString(), c.GetProperty("batches").GetInt32())));
        }

        CliRun text = await CliRun.RunAsync("plan", "--sentences", "300", "--bucket", "64");
        Assert.Contains("throughput", text.Out, StringComparison.Ordinal);
        CliRun both = await CliRun.RunAsync("plan", "--sentences", "3", "--packing", "latency");
        Assert.Equal(2, both.ExitCode);
        Assert.Contains("give one of them", both.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Steps_SayTheErrorOfEachQuantityInItsOwnUnit()
    {
        JsonElement plan = (await CliRun.RunAsync("plan", "--bucket", "64", "--json")).Json.GetProperty("plans")[0];
        Dictionary<string, JsonElement> steps = plan.GetProperty("steps").EnumerateArray()
            .ToDictionary(s => s.GetProperty("quantity").GetString()!);
        foreach (string quantity in (string[])
            ["layers.0.q", "layers.1.score", "layers.0.weight", "layers.1.context", "layers.0.preactivation", "layers.1.activation",
                "layers.0.output", "head.preactivation", "head.activation", "logit_difference"])
        {
            JsonElement step = steps[quantity];
            Assert.InRange(step.GetProperty("valueError").GetDouble(), 1e-9, 1e-3);
            Assert.Equal(
                step.GetProperty("predictedError").GetDouble(),
                step.GetProperty("valueError").GetDouble() * step.GetProperty("factor").GetDouble(),
                1e-18);
        }

        // 4 heads of 32 in a bucket of 64; c_2 = 1/8; T = 2 on [-8, 8].
        Assert.Equal(1 / Math.Sqrt(32 * 64), steps["layers.0.q"].GetProperty("factor").GetDouble(), 1e-15);
        Assert.Equal(1 / 8.0, steps["layers.0.score"].GetProperty("factor").GetDouble(), 1e-15);
        Assert.Equal(Math.Sqrt(0.125), steps["layers.0.preactivation"].GetProperty("factor").GetDouble(), 1e-15);
        Assert.Equal(1 / (10 * 0.449893), steps["logit_difference"].GetProperty("factor").GetDouble(), 1e-15);
    }

    // A plan reads the config alone, so the other two files may be empty.
    [Theory]
    [InlineData(4, 256, 4, 16, 8)]
    [InlineData(4, 256, 8, 16, 8)]
    [InlineData(6, 256, 8, 17, 9)]
    [InlineData(2, 256, 8, 16, 8)]
    public async Task LargerNetworks_ArePlannedFromTheirConfigs(int layers, int hidden, int heads, int logN, int levelsOfABlock)
    {
        using PlannedModel model = new(layers, hidden, heads);
        JsonElement plan = (await CliRun.RunAsync("plan", "--bucket", "64", "--json", "--model", model.Folder))
            .Json.GetProperty("plans")[0];
        Assert.Equal((logN, (layers * levelsOfABlock) + 8), (plan.GetProperty("logN").GetInt32(), plan.GetProperty("levels").GetInt32()));
        Assert.True(plan.GetProperty("securityBits").GetInt32() >= 128);
        JsonElement[] steps = [.. plan.GetProperty("steps").EnumerateArray()];
        Assert.Equal((layers * 9) + 4, steps.Length);
        Assert.All(steps, step => Assert.InRange(step.GetProperty("valueError").GetDouble(), 1e-9, 5e-3));
    }

    [Fact]
    public async Task ANetworkWiderThanAnyRing_IsRefusedWithTheReason()
    {
        using PlannedModel model = new(6, 768, 12); // 64 tokens of 2048 places
        CliRun run = await CliRun.RunAsync("plan", "--model", model.Folder);
        run.AssertRefused("for 131072 slots");
        run.AssertRefused("no more than 65536 slots");
    }

    [Fact]
    public async Task Bucket_PlansThatOneAlone()
    {
        CliRun run = await CliRun.RunAsync("plan", "--bucket", "32", "--json");
        Assert.Equal(32, Assert.Single(run.Json.GetProperty("plans").EnumerateArray()).GetProperty("bucket").GetInt32());
    }

    [Fact]
    public async Task Text_HasStepsKeysAndARowForEachBucket()
    {
        CliRun run = await CliRun.RunAsync("plan");
        Assert.Equal(0, run.ExitCode);
        Assert.Empty(run.Error);
        foreach (string part in (string[])["N = 2^", "128-bit security", "layers.1.ff.2", "relinearisation key: level", "rotation keys by level", "estimate"])
        {
            Assert.Contains(part, run.Out, StringComparison.Ordinal);
        }

        string[] lines = run.Out.Split('\n');
        Assert.All(Buckets, bucket => Assert.Contains(lines, line => line.TrimStart().StartsWith($"{bucket} ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task MoreThreads_TakeLessTime()
    {
        async Task<double> EstimateAsync(string threads) =>
            (await CliRun.RunAsync("plan", "--bucket", "16", "--threads", threads, "--json")).Json.GetProperty("plans")[0].GetProperty("estimateMs").GetDouble();
        Assert.True(await EstimateAsync("4") < await EstimateAsync("1"));
    }

    [Fact]
    public async Task Throughput_HasSentencesMemoryAndWhatIsOnDisk()
    {
        CliRun run = await CliRun.RunAsync("plan", "--packing", "throughput", "--json", "--threads", "2");
        Assert.Equal(0, run.ExitCode);
        JsonElement[] plans = [.. run.Json.GetProperty("plans").EnumerateArray()];
        Assert.Equal(Buckets, plans.Select(p => p.GetProperty("bucket").GetInt32()));
        Assert.Equal([1024, 512, 256], plans.Select(p => p.GetProperty("sentences").GetInt32()));
        Assert.Equal(
            "bucket, sentences, release, securityBits, logN, logQ, logQP, levels, digitCount, babySteps, threads, steps, keySwitches, products, "
            + "integerProducts, rescalings, keyCount, keyBytes, keyMemoryBytes, relinearizationLevel, rotations, ciphertextPeakBytes, peakBytes, "
            + "memoryBytes, isOnDisk, diskPeakBytes, diskWrittenBytes, diskReadBytes, requestBytes, responseBytes, estimateMs",
            CliRun.FieldNames(plans[0]));
        foreach (JsonElement plan in plans)
        {
            Assert.True(plan.GetProperty("securityBits").GetInt32() >= 128);
            Assert.False(plan.GetProperty("isOnDisk").GetBoolean());
            Assert.InRange(plan.GetProperty("peakBytes").GetInt64(), 1, plan.GetProperty("memoryBytes").GetInt64());
            Assert.Equal("soft-argmax", plan.GetProperty("steps").EnumerateArray().Last().GetProperty("name").GetString());
            Assert.Equal(plan.GetProperty("keyCount").GetInt32(), plan.GetProperty("rotations").GetArrayLength() + 1);
        }
    }

    [Fact]
    public async Task Throughput_WithLessMemoryPutsColumnsOnDiskAndThenRefuses()
    {
        CliRun run = await CliRun.RunAsync("plan", "--packing", "throughput", "--memory", "3.5", "--bucket", "16", "--json");
        JsonElement plan = run.Json.GetProperty("plans")[0];
        Assert.True(plan.GetProperty("isOnDisk").GetBoolean());
        Assert.InRange(plan.GetProperty("peakBytes").GetInt64(), 1, 3_500_000_000);
        Assert.InRange(plan.GetProperty("diskPeakBytes").GetInt64(), 1, plan.GetProperty("diskReadBytes").GetInt64());
        CliRun text = await CliRun.RunAsync("plan", "--packing", "throughput", "--memory", "3.5");
        Assert.Contains("columns that wait: a file of up to", text.Out, StringComparison.Ordinal);
        Assert.Contains("3.50 GB: keys", text.Out, StringComparison.Ordinal);
        Assert.Contains("up to 256 sentences at once", text.Out, StringComparison.Ordinal);
        Assert.All(Buckets, bucket => Assert.Contains(text.Out.Split('\n'), line => line.TrimStart().StartsWith($"{bucket} ", StringComparison.Ordinal)));
        (await CliRun.RunAsync("plan", "--packing", "throughput", "--memory", "0.5")).AssertRefused("0.5 GB are allowed; allow more memory");
    }

    /// <summary>A folder with a config of another shape, and nothing that a plan would not need.</summary>
    private sealed class PlannedModel : IDisposable
    {
        public PlannedModel(int layers, int hidden, int heads)
        {
            JsonNode config = JsonNode.Parse(File.ReadAllText(Path.Combine(TestData.HnnTiny, "config.json")))!;
            (config["num_layers"], config["hidden_size"], config["num_heads"], config["intermediate_size"]) =
                (layers, hidden, heads, 4 * hidden);
            File.WriteAllText(Path.Combine(Folder, "config.json"), config.ToJsonString());
            File.WriteAllText(Path.Combine(Folder, "model.safetensors"), "");
            File.WriteAllText(Path.Combine(Folder, "vocab.txt"), "");
        }

        public string Folder { get; } = Directory.CreateTempSubdirectory("hnn-plan-").FullName;

        public void Dispose() => Directory.Delete(Folder, recursive: true);
    }
}
