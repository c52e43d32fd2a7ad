using System.Text.Json;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Cli;

/// <summary><c>hnn calibrate</c>.</summary>
public sealed class CalibrateCommandTests
{
    // Some right and some wrong, whatever the random model makes of them: equal sentences with different labels.
    private const string Table =
        "sentence\tlabel\ngood film\t1\ngood film\t1\ngood film\t0\nbad film\t0\nbad film\t1\nbad\t0\nbad\t1\nbad\t1\n";
    private const string Trees = "(3 (2 Good) (2 film))\n(0 (1 Bad) (2 film))\n(4 good)\n(0 good)\n(1 film)\n(2 bad)\n(4 bad)\n(3 film)\n";

    [Fact]
    public async Task Json_HasTheDocumentedFieldsAndTheConfigHasThem()
    {
        using TinyModel model = new();
        byte[] weights = File.ReadAllBytes(Path.Combine(model.Folder, "model.safetensors"));
        HnnConfig before = Load(model);
        CliRun run = await CalibrateAsync(model, Table, "--json");
        Assert.Equal(0, run.ExitCode);
        JsonElement json = run.Json;
        Assert.Equal(
            "data, classes, samples, initialTemperature, temperature, iterations, before, after, accuracy, reached, interval, degree, "
            + "divisionIterations, polynomialError, roundedShare, truncated, written",
            CliRun.FieldNames(json));
        Assert.Equal("loss, entropyBits, calibrationError", CliRun.FieldNames(json.GetProperty("after")));
        HnnConfig after = Load(model);
        SoftArgmaxCalibration record = after.SoftArgmax.Calibration!;
        Assert.Equal(("data.tsv", 8, 2.0), (record.Data, record.SampleCount, record.InitialTemperature));
        Assert.Equal(json.GetProperty("temperature").GetDouble(), after.SoftArgmax.Temperature);
        Assert.Equal([after.SoftArgmax.Low, after.SoftArgmax.High],
            json.GetProperty("interval").EnumerateArray().Select(v => v.GetDouble()));
        Assert.Equal(record.After.Loss, json.GetProperty("after").GetProperty("loss").GetDouble());
        Assert.True(record.After.Loss < record.Before.Loss);
        Assert.Equal(Path.Combine(model.Folder, "config.json"), json.GetProperty("written").GetString());

        // Nothing else of the model has changed, and what is reported is what the clear evaluation now finds.
        Assert.Equal(before.Labels, after.Labels);
        Assert.Equal((before.HiddenSize, before.LayerNormEpsilon), (after.HiddenSize, after.LayerNormEpsilon));
        Assert.Equal(weights, File.ReadAllBytes(Path.Combine(model.Folder, "model.safetensors")));
        JsonElement evaluated = (await CliRun.RunAsync(
            "evaluate", "--clear", "--data", Path.Combine(model.Folder, "data.tsv"), "--model", model.Folder, "--json")).Json;
        Assert.Equal(record.After.Loss, evaluated.GetProperty("loss").GetDouble(), 1e-6);
        Assert.Equal(record.After.EntropyBits, evaluated.GetProperty("entropyBits").GetDouble(), 1e-6);
        Assert.Equal(record.Accuracy, evaluated.GetProperty("accuracy").GetDouble(), 1e-6);
        Assert.Equal(0, evaluated.GetProperty("outOfRange").GetInt32());
        Assert.DoesNotContain("film", run.Out + run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, Table)]
    [InlineData(5, Trees)]
    public async Task Twice_GivesTheSameFile(int classCount, string content)
    {
        using TinyModel model = new(classCount: classCount, biasGap: 0.1f);
        Assert.Equal(0, (await CalibrateAsync(model, content)).ExitCode);
        byte[] first = File.ReadAllBytes(Path.Combine(model.Folder, "config.json"));
        Assert.Equal(0, (await CalibrateAsync(model, content, "--threads", "1")).ExitCode);
        Assert.Equal(first, File.ReadAllBytes(Path.Combine(model.Folder, "config.json")));
        Assert.Equal(4, Directory.EnumerateFileSystemEntries(model.Folder).Count()); // three of the model, and the data
    }

    [Fact]
    public async Task CalibratedConfig_ServesTheEncryptedCircuit()
    {
        using TinyModel model = new();
        Assert.Equal(0, (await CalibrateAsync(model, Table)).ExitCode);
        CliRun plan = await CliRun.RunAsync("plan", "--model", model.Folder, "--json");
        Assert.Equal(0, plan.ExitCode);
    }

    [Fact]
    public async Task DryRunAndOut_LeaveTheModelAsItIs()
    {
        using TinyModel model = new();
        byte[] config = File.ReadAllBytes(Path.Combine(model.Folder, "config.json"));
        CliRun dry = await CalibrateAsync(model, Table, "--dry-run", "--json");
        Assert.Equal(JsonValueKind.Null, dry.Json.GetProperty("written").ValueKind);
        Assert.Contains("dry run", (await CalibrateAsync(model, Table, "--dry-run")).Out, StringComparison.Ordinal);
        string elsewhere = Path.Combine(model.Folder, "calibrated.json");
        CliRun run = await CalibrateAsync(model, Table, "--out", elsewhere, "--json");
        Assert.Equal(elsewhere, run.Json.GetProperty("written").GetString());
        Assert.Equal(dry.Json.GetProperty("temperature").GetDouble(), HnnConfig.Load(elsewhere).SoftArgmax.Temperature);
        Assert.Equal(config, File.ReadAllBytes(Path.Combine(model.Folder, "config.json")));
    }

    [Fact]
    public async Task InitialTemperature_MovesBeforeAndNotTheResult()
    {
        using TinyModel model = new();
        JsonElement two = (await CalibrateAsync(model, Table, "--dry-run", "--json")).Json;
        JsonElement five = (await CalibrateAsync(model, Table, "--dry-run", "--json", "--initial-temperature", "5")).Json;
        Assert.Equal(two.GetProperty("temperature").GetDouble(), five.GetProperty("temperature").GetDouble(), 2e-6);
        Assert.Equal((2.0, 5.0), (two.GetProperty("initialTemperature").GetDouble(), five.GetProperty("initialTemperature").GetDouble()));
        Assert.NotEqual(Entropy(two), Entropy(five), 1e-3);

        static double Entropy(JsonElement json) => json.GetProperty("before").GetProperty("entropyBits").GetDouble();
    }

    [Theory]
    [InlineData("sentence\tlabel\n", "no sentence")]
    [InlineData("sentence\tlabel\ngood\t1\nbad\t1\n", "All 2 sentences are of class 1")]
    [InlineData("sentence\tlabel\ngood\t1\n\t0\n", "Sentence 1 of the data is empty")]
    [InlineData(Trees, "of 5 classes, and the model has 2")]
    public async Task BadData_IsRefusedAndNothingWritten(string content, string part)
    {
        using TinyModel model = new();
        await RefusedAsync(model, content, part);
    }

    [Fact]
    public async Task BadNetworks_AreRefusedAndNothingWritten()
    {
        using TinyModel overflowing = new(weightSize: 1e30f);
        await RefusedAsync(overflowing, Table, "overflow");
        using TinyModel biased = new(biasGap: 1e6f);
        await RefusedAsync(biased, Table, "do not determine");
    }

    [Fact]
    public async Task BadOptions_AreRefused()
    {
        (await CliRun.RunAsync("calibrate", "--data", "x.tsv")).AssertRefused("name it by --model");
        (await CliRun.RunAsync("calibrate", "--data", "x.tsv", "--dry-run", "--out", "y")).AssertRefused("one of them");
        (await CliRun.RunAsync("calibrate", "--data", "x.tsv", "--dry-run", "--initial-temperature", "0")).AssertRefused("0.01 to 100");
        (await CliRun.RunAsync("calibrate", "--data", "x.tsv", "--dry-run", "--initial-temperature", "warm")).AssertRefused("got 'warm'");
        (await CliRun.RunAsync("calibrate", "--data", "nowhere.tsv", "--dry-run")).AssertRefused("nowhere.tsv");
        (await CliRun.RunAsync("calibrate", "--dry-run")).AssertRefused("--data");
    }

    [Fact]
    public async Task OutIntoAFolderThatIsNotThere_IsRefused()
    {
        using TinyModel model = new();
        CliRun run = await CalibrateAsync(model, Table, "--out", Path.Combine(model.Folder, "none", "config.json"));
        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        Assert.Equal(4, Directory.EnumerateFileSystemEntries(model.Folder).Count());
    }

    // Measured on the set that calibrates it; on other sentences the error is larger.
    [Fact]
    public async Task CommittedModel_IsBetterCalibrated()
    {
        JsonElement json = (await CliRun.RunAsync(
            "calibrate", "--data", TestData.RequireData("sst2", "dev.tsv"), "--dry-run", "--json")).Json;
        Assert.Equal(0.449893, json.GetProperty("temperature").GetDouble(), 1e-5);
        Assert.Equal(0.848624, json.GetProperty("accuracy").GetDouble());
        double Error(string when) => json.GetProperty(when).GetProperty("calibrationError").GetDouble();
        Assert.True(Error("before") > 0.15 && Error("after") < 0.03);
    }

    private static async Task RefusedAsync(TinyModel model, string content, string part)
    {
        byte[] config = File.ReadAllBytes(Path.Combine(model.Folder, "config.json"));
        CliRun run = await CalibrateAsync(model, content);
        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        Assert.Contains(part, run.Error, StringComparison.Ordinal);
        Assert.Equal(config, File.ReadAllBytes(Path.Combine(model.Folder, "config.json")));
        Assert.Equal(4, Directory.EnumerateFileSystemEntries(model.Folder).Count());
    }

    private static HnnConfig Load(TinyModel model) => HnnConfig.Load(Path.Combine(model.Folder, "config.json"));

    private static async Task<CliRun> CalibrateAsync(TinyModel model, string content, params string[] more)
    {
        string path = Path.Combine(model.Folder, "data.tsv");
        await File.WriteAllTextAsync(path, content);
        return await CliRun.RunAsync(["calibrate", "--data", path, "--model", model.Folder, .. more]);
    }
}
