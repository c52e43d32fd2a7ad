using System.Text.Json;
using Heann.Gpu;

namespace Hnn.Model.Tests.Cli;

/// <summary><c>hnn devices</c>, and --backend where it is taken and where not.</summary>
public sealed class DevicesCommandTests
{
    [Fact]
    public async Task Json_HasEveryDeviceOrWhyThereIsNone()
    {
        CliRun run = await CliRun.RunAsync("devices", "--json");
        Assert.Equal(0, run.ExitCode);
        Assert.Empty(run.Error);
        JsonElement[] devices = [.. run.Json.GetProperty("devices").EnumerateArray()];
        Assert.Equal(["cuda", "opencl", "computesharp"], devices.Select(d => d.GetProperty("backend").GetString()).Distinct());
        Assert.All(devices, device =>
        {
            Assert.Equal("backend, index, name, memoryBytes, driver, isProcessor, available, reason", CliRun.FieldNames(device));
            bool isAvailable = device.GetProperty("available").GetBoolean();
            Assert.Equal(isAvailable ? JsonValueKind.Null : JsonValueKind.String, device.GetProperty("reason").ValueKind);
            Assert.True(!isAvailable || device.GetProperty("memoryBytes").GetInt64() > 0);
        });
        Assert.Equal(GpuDevice.List().Count, devices.Length);
    }

    [Fact]
    public async Task Text_HasALineForEach()
    {
        string[] lines = (await CliRun.RunAsync("devices")).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2 + GpuDevice.List().Count, lines.Length);
        Assert.StartsWith("backend       device", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("cpu ", lines[1], StringComparison.Ordinal);
        Assert.All(lines[1..], line => Assert.Contains("available", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Backend_TakesTheNamesOfBackendsAlone() =>
        (await CliRun.RunAsync("classify", "good", "--backend", "gpu")).AssertRefused("--backend takes auto|cpu|cuda|opencl|computesharp, of several devices with a number (cuda:1); got 'gpu'.");

    [Theory]
    [InlineData("opencl:")]
    [InlineData("opencl:-1")]
    [InlineData("opencl:1:2")]
    [InlineData("cpu:0")]
    [InlineData("auto:0")]
    public async Task Backend_TakesANumberOfADeviceAlone(string given) =>
        (await CliRun.RunAsync("classify", "good", "--backend", given)).AssertRefused($"got '{given}'");

    [Fact]
    public async Task Backend_SaysHowManyDevicesThereAre()
    {
        RequireOpenCl();
        using TemporaryFolder folder = new();
        (await CliRun.RunAsync("keygen", "--out", folder["KEYS"], "--backend", "opencl:77")).AssertRefused("OpenCL device 77 was asked for and there are ");
    }

    [Fact]
    public async Task Backend_IsForEncryptionAlone()
    {
        (await CliRun.RunAsync("classify", "good", "--plain", "--backend", "cpu")).AssertRefused("--backend is for classification under encryption");
        (await CliRun.RunAsync("evaluate", "--data", "none.tsv", "--clear", "--backend", "cpu")).AssertRefused("--backend");
    }

    [Theory]
    [InlineData("keygen", "--out", "KEYS")]
    [InlineData("classify", "good")]
    public async Task Backend_ThatIsNotThere_IsRefusedWithTheReason(params string[] command)
    {
        GpuDevice? cuda = GpuDevice.List().FirstOrDefault(d => d.Api == GpuApi.Cuda);
        Assert.SkipWhen(cuda!.IsAvailable, $"{cuda} is there");
        using TemporaryFolder folder = new();
        CliRun run = await CliRun.RunAsync([.. command.Select(a => a == "KEYS" ? folder[a] : a), "--backend", "cuda"]);
        run.AssertRefused("--backend cuda: CUDA is not available");
        Assert.Contains("'hnn devices'", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Backend_ThatWasNotCompiled_IsRefusedWithTheRemedy()
    {
        GpuDevice direct3D = GpuDevice.List().First(d => d.Api == GpuApi.ComputeSharp);
        Assert.SkipWhen(direct3D.IsAvailable, $"{direct3D} is there");
        using TemporaryFolder folder = new();
        CliRun run = await CliRun.RunAsync("keygen", "--out", folder["KEYS"], "--backend", "computesharp");
        run.AssertRefused($"--backend computesharp: Direct3D 12 is not available: {direct3D.Reason}. 'hnn devices' lists what there is");
    }

    // Under secure parameters, on whatever OpenCL there is: a processor's will do.
    [Fact]
    [Trait("Category", "Slow")]
    public async Task Classify_OnOpenClSaysWhatTheClearTwinSays()
    {
        string name = RequireOpenCl();
        using TinyModel model = new();
        CliRun run = await CliRun.RunAsync("classify", "good film", "--model", model.Folder, "--backend", "opencl", "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains($"hnn: computing on {name}", run.Error, StringComparison.Ordinal);
        Assert.Equal(name, run.Json.GetProperty("backend").GetString());
        Assert.InRange(run.Json.GetProperty("twinError").GetDouble(), 0, ErrorBudgets.Twin);
        Assert.True(run.Json.GetProperty("inRange").GetBoolean());
        Assert.Equal(128, run.Json.GetProperty("securityBits").GetInt32());
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Evaluate_OnOpenClSaysSoInSummaryRowsAndReport()
    {
        string name = RequireOpenCl();
        using TinyModel model = new();
        using TemporaryFolder folder = new();
        await File.WriteAllTextAsync(folder["data.tsv"], "sentence\tlabel\ngood film\t1\n");
        CliRun run = await CliRun.RunAsync(
            "evaluate", "--data", folder["data.tsv"], "--model", model.Folder, "--trace", "0", "--report", folder["report"],
            "--backend", "opencl", "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(name, run.Json.GetProperty("backend").GetString());
        Assert.Equal(run.Out, await File.ReadAllTextAsync(folder["report/summary.json"]));
        string[] rows = await File.ReadAllLinesAsync(folder["report/rows.jsonl"]);
        Assert.Equal(name, JsonSerializer.Deserialize<JsonElement>(rows[1]).GetProperty("backend").GetString());
        Assert.Contains($"<dt>backend</dt><dd>{name}</dd>", await File.ReadAllTextAsync(folder["report/report.html"]), StringComparison.Ordinal);
    }

    /// <summary>The name of the backend that --backend opencl opens; skips the test, with the reason, where there is none.</summary>
    internal static string RequireOpenCl()
    {
        IReadOnlyList<GpuDevice> devices = [.. GpuDevice.List().Where(d => d.Api == GpuApi.OpenCl)];
        Assert.SkipUnless(devices.Any(d => d.Index == 0 && d.IsAvailable), string.Join("; ", devices));
        return $"OpenCl: {devices[0].Name}, driver {devices[0].Driver}";
    }
}
