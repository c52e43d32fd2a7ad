using System.Text.Json;
using Hnn.Tool;

namespace Hnn.Model.Tests.Cli;

/// <summary><c>hnn evaluate --report</c> and <c>--rows</c>, with secure parameters of the smallest model.</summary>
public sealed class EvaluateReportTests
{
    private const string Table = "sentence\tlabel\ngood film\t1\nbad film\t0\n";

    // An interrupt after the first sentence, a torn line, the rest with a report, and once more when nothing is left to do.
    [Fact]
    [Trait("Category", "Slow")]
    public async Task AnInterruptedRun_GoesOnAndEndsInAReport()
    {
        using TinyModel model = new();
        using TemporaryFolder folder = new();
        string report = folder["report"], rows = Path.Combine(report, "rows.jsonl");
        await InterruptAsync(model, report);
        Assert.Equal(["rows.jsonl"], Directory.GetFiles(report).Select(Path.GetFileName));
        string[] before = await File.ReadAllLinesAsync(rows);
        Assert.Equal(3, before.Length); // the run, its session, a sentence
        await File.AppendAllTextAsync(rows, "{\"kind\":\"sentence\",\"ind");

        CliRun resumed = await EvaluateAsync(model, Table, "--report", report, "--json");
        Assert.Equal(0, resumed.ExitCode);
        Assert.Contains("ended within a line", resumed.Error, StringComparison.Ordinal);
        Assert.Contains("1 of 2 sentences are done already", resumed.Error, StringComparison.Ordinal);
        Assert.Equal((2, 2, 2), (Number(resumed, "sentences"), Number(resumed, "agreements"), Number(resumed, "runs")));
        Assert.InRange(resumed.Json.GetProperty("maxAbsError").GetDouble(), 0, 2e-3);
        Assert.True(Number(resumed, "securityBits") >= 128);
        AssertLayers([.. resumed.Json.GetProperty("layers").EnumerateArray()]);
        string[] after = await File.ReadAllLinesAsync(rows);
        Assert.Equal(before, after[..3]);
        Assert.Equal(6, after.Length); // a second session, a sentence, the trace
        Assert.Equal(["report.html", "rows.jsonl", "summary.json"], Directory.GetFiles(report).Select(Path.GetFileName).Order());
        Assert.Equal(resumed.Out, await File.ReadAllTextAsync(Path.Combine(report, "summary.json")));
        string page = await File.ReadAllTextAsync(Path.Combine(report, "report.html"));
        foreach (string text in (string[])[resumed.Out, page, .. after])
        {
            Assert.DoesNotContain("film", text, StringComparison.Ordinal);
            Assert.DoesNotContain(folder.FullPath, text, StringComparison.Ordinal);
            Assert.DoesNotContain(Path.GetDirectoryName(model.Folder)!, text, StringComparison.Ordinal);
        }

        CliRun again = await EvaluateAsync(model, Table, "--report", report, "--json");
        Assert.Equal(resumed.Out, again.Out);
        (await EvaluateAsync(model, Table, "--limit", "1", "--report", report)).AssertRefused("the limit is 1 here and none there");
        (await EvaluateAsync(model, Table + "bad\t0\n", "--report", report)).AssertRefused("the data is data.tsv");
        Assert.Equal(after, await File.ReadAllLinesAsync(rows));
    }

    [Fact]
    public async Task PlacesThatCannotHoldAReport_AreRefused()
    {
        using TinyModel model = new();
        using TemporaryFolder folder = new();
        await File.WriteAllTextAsync(folder["file"], "mine");
        (await EvaluateAsync(model, Table, "--report", folder["file"])).AssertRefused("is a file");
        (await EvaluateAsync(model, Table, "--report", folder["file/report"])).AssertRefused("file");
        (await EvaluateAsync(model, Table, "--report", "")).AssertRefused("got an empty one");
        (await EvaluateAsync(model, Table, "--rows", "")).AssertRefused("got an empty one");
        (await EvaluateAsync(model, Table, "--rows", folder["file"])).AssertRefused("no rows of hnn evaluate");
        (await EvaluateAsync(model, Table, "--rows", folder.FullPath)).AssertRefused(folder.FullPath);
        (await EvaluateAsync(model, Table, "--rows", folder["none/rows.jsonl"])).AssertRefused("none");
        Assert.Equal("mine", await File.ReadAllTextAsync(folder["file"]));
    }

    [Theory]
    [InlineData("--report", "/proc/hnn-report")]
    [InlineData("--rows", "/proc/hnn-rows.jsonl")]
    [InlineData("--rows", "/dev/full")]
    public async Task PlacesThatCannotBeWritten_AreRefused(string option, string path)
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Linux has places that nobody can write.");
        using TinyModel model = new();
        (await EvaluateAsync(model, Table, option, path)).AssertRefused("hnn: ");
    }

    [Fact]
    public async Task EmptySentences_AreRefusedByTheirPlace()
    {
        using TinyModel model = new();
        (await EvaluateAsync(model, "sentence\tlabel\ngood\t1\n \t0\n")).AssertRefused("Sentence 1 of the data is empty");
    }

    private static async Task InterruptAsync(TinyModel model, string report)
    {
        using CancellationTokenSource interrupt = new();
        using StringWriter error = new();
        using InterruptingWriter output = new(interrupt, afterLines: 2); // the header and a sentence
        Assert.Equal(130, await HnnCommandLine.RunAsync(
            ["evaluate", "--data", await WriteAsync(model, Table), "--model", model.Folder, "--threads", "2", "--report", report],
            new Terminal(output, error, IsInteractive: false), interrupt.Token));
    }

    private static void AssertLayers(JsonElement[] layers)
    {
        string[] names = [.. layers.Select(layer => layer.GetProperty("name").GetString()!)];
        Assert.Equal(("layers.0.attention.qkv", "soft-argmax"), (names[0], names[^1]));
        Assert.Equal("name, quantity, level, maxError, meanError, predictedError, budgetBits", CliRun.FieldNames(layers[0]));
        Assert.All(layers, l => Assert.InRange(l.GetProperty("maxError").GetDouble(), 1e-12, 5e-3));
    }

    private static int Number(CliRun run, string name) => run.Json.GetProperty(name).GetInt32();

    private static async Task<CliRun> EvaluateAsync(TinyModel model, string content, params string[] more) =>
        await CliRun.RunAsync(["evaluate", "--data", await WriteAsync(model, content), "--model", model.Folder, "--threads", "2", .. more]);

    private static async Task<string> WriteAsync(TinyModel model, string content)
    {
        string path = Path.Combine(model.Folder, "data.tsv");
        await File.WriteAllTextAsync(path, content);
        return path;
    }

    /// <summary>Cancels once so many lines were written.</summary>
    private sealed class InterruptingWriter(CancellationTokenSource interrupt, int afterLines) : StringWriter
    {
        private int _lines;

        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (++_lines == afterLines) interrupt.Cancel();
        }
    }
}
