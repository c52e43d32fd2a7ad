using System.Text.Json;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Cli;

/// <summary>Five classes on the command line: plans, refusals, and one sentence under real parameters.</summary>
public sealed class ManyClassesCommandTests
{
    [Fact]
    public async Task Plan_SaysWhatIsReleasedAndYTakesALevelMore()
    {
        using TinyModel model = new(classCount: 5);
        JsonElement probabilities = await PlanAsync(model), y = await PlanAsync(model, "--release", "soft_argmax");
        Assert.Equal("probabilities", probabilities.GetProperty("release").GetString());
        Assert.Equal("soft_argmax", y.GetProperty("release").GetString());
        Assert.Equal(probabilities.GetProperty("levels").GetInt32() + 1, y.GetProperty("levels").GetInt32());
        Assert.Equal("probabilities", probabilities.GetProperty("steps").EnumerateArray().Last().GetProperty("name").GetString());
        Assert.Contains("released    probabilities", (await CliRun.RunAsync("plan", "--model", model.Folder)).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReleaseThatThereIsNot_IsRefused()
    {
        using TinyModel two = new();
        (await CliRun.RunAsync("plan", "--model", two.Folder, "--release", "probabilities")).AssertRefused("probability of the second");
        (await CliRun.RunAsync("classify", "good", "--model", two.Folder, "--release", "probabilities")).AssertRefused("2 classes");
        (await CliRun.RunAsync("keygen", "--model", two.Folder, "--out", Path.Combine(two.Folder, "k"), "--release", "probabilities"))
            .AssertRefused("2 classes");
        (await CliRun.RunAsync("plan", "--model", two.Folder, "--release", "label")).AssertRefused("got 'label'");
        (await CliRun.RunAsync("classify", "good", "--plain", "--release", "soft_argmax")).AssertRefused("leave --release out");
    }

    [Fact]
    public async Task Classify_GivesTheProbabilitiesOfTheNetworkInTheClear()
    {
        using TinyModel model = new(classCount: 5, biasGap: 0.3f);
        CliRun run = await CliRun.RunAsync("classify", "good film", "--model", model.Folder, "--threads", "2", "--json");
        Assert.Equal(0, run.ExitCode);
        double[] Values(string name) => [.. run.Json.GetProperty(name).EnumerateArray().Select(v => v.GetDouble())];
        double[] probabilities = Values("probabilities"), plain = Values("plainProbabilities");
        Assert.Equal((5, 5), (probabilities.Length, plain.Length));
        Assert.Equal(1, plain.Sum(), 1e-12);
        Assert.Equal(run.Json.GetProperty("absError").GetDouble(), probabilities.Zip(plain, (a, b) => Math.Abs(a - b)).Max(), 1e-15);
        Assert.InRange(run.Json.GetProperty("absError").GetDouble(), 0, 1e-3);
        Assert.InRange(run.Json.GetProperty("twinError").GetDouble(), 0, 1e-4);
        Assert.Equal(plain.Select((p, i) => i * p).Sum(), run.Json.GetProperty("plainSoftArgmax").GetDouble(), 1e-12);
        Assert.Equal($"class {Array.IndexOf(plain, plain.Max())}", run.Json.GetProperty("label").GetString());
        Assert.True(run.Json.GetProperty("securityBits").GetInt32() >= 128);

        // The same in the clear by the command that knows no packing.
        JsonElement clear = (await CliRun.RunAsync("classify", "good film", "--plain", "--model", model.Folder, "--json")).Json;
        double[] other = [.. clear.GetProperty("classes").EnumerateArray().Select(c => c.GetProperty("probability").GetDouble())];
        Assert.All(other.Zip(plain), pair => Assert.Equal(pair.First, pair.Second, 1e-9));
    }

    [Fact]
    public async Task Calibrate_WritesAConfigThatThePlanFollows()
    {
        using TinyModel model = new(classCount: 5, biasGap: 0.1f);
        const string Trees = "(3 (2 Good) (2 film))\n(0 (1 Bad) (2 film))\n(4 good)\n(0 good)\n(1 film)\n(2 bad)\n(4 bad)\n(3 film)\n";
        string data = Path.Combine(model.Folder, "data.txt");
        await File.WriteAllTextAsync(data, Trees);
        CliRun run = await CliRun.RunAsync("calibrate", "--data", data, "--model", model.Folder, "--json");
        Assert.Equal(0, run.ExitCode);
        SoftArgmaxConfig config = HnnConfig.Load(Path.Combine(model.Folder, "config.json")).SoftArgmax;
        Assert.Equal(run.Json.GetProperty("degree").GetInt32(), config.Degree);
        Assert.Equal(run.Json.GetProperty("divisionIterations").GetInt32(), config.Iterations);
        Assert.InRange(run.Json.GetProperty("polynomialError").GetDouble(), 1e-12, 3e-4);
        Assert.InRange(run.Json.GetProperty("roundedShare").GetDouble(), 0, 1);
        int levels = (await PlanAsync(model)).GetProperty("levels").GetInt32();
        Assert.Equal(9 + 3 + int.Log2(config.Degree + 1) + config.Iterations, levels);
    }

    private static async Task<JsonElement> PlanAsync(TinyModel model, params string[] more)
    {
        CliRun run = await CliRun.RunAsync(["plan", "--model", model.Folder, "--json", .. more]);
        Assert.Equal(0, run.ExitCode);
        return run.Json.GetProperty("plans")[0];
    }
}
