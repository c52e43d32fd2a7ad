using System.Text.Json;

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
            "bucket, securityBits, logN, logQ, logQP, levels, digitCount, threads, steps, keySwitches, products, plainProducts, rescalings, "
            + "keyCount, keyBytes, keyMemoryBytes, relinearizationLevel, rotations, ciphertextPeakBytes, peakBytes, requestBytes, "
            + "responseBytes, estimateMs",
            CliRun.FieldNames(plans[0]));
        foreach (JsonElement plan in plans)
        {
            Assert.True(plan.GetProperty("securityBits").GetInt32() >= 128);
            Assert.Equal(2, plan.GetProperty("threads").GetInt32());
            JsonElement last = plan.GetProperty("steps").EnumerateArray().Last();
            Assert.Equal("name, level, logScale, predictedError, keySwitches, estimateMs", CliRun.FieldNames(last));
            Assert.Equal(("soft-argmax", 0), (last.GetProperty("name").GetString(), last.GetProperty("level").GetInt32()));
            Assert.Equal(plan.GetProperty("keyCount").GetInt32(), plan.GetProperty("rotations").GetArrayLength() + 1);
        }
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
}
