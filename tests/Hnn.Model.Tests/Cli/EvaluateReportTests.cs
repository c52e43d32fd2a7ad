using System.Text.Json;
using Hnn.Tool;

namespace Hnn.Model.Tests.Cli;

/// <summary><c>hnn evaluate --report</c> and <c>--rows</c>, with secure parameters of the smallest model.</summary>
public sealed class EvaluateReportTests
{
    private const string Table = "sentence\tlabel\ngood film\t1\nbad film\t0\n";

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Report_IsWrittenAndAnInterruptedRunGoesOn()
    {
        using TinyModel model = new();
        using TemporaryFolder folder = new();
        string report = folder["report"], rows = Path.Combine(report, "rows.jsonl");
        CliRun first = await EvaluateAsync(model, Table, "--report", report, "--json");
        Assert.Equal(0, first.ExitCode);
        Assert.Equal(["report.html", "rows.jsonl", "summary.json"], Directory.GetFiles(report).Select(Path.GetFileName).Order());
        Assert.Equal(first.Out, await File.ReadAllTextAsync(Path.Combine(report, "summary.json")));
        Assert.Equal((2, 2, 1), (Number(first, "sentences"), Number(first, "agreements"), Number(first, "runs")));
        Assert.InRange(first.Json.GetProperty("maxAbsError").GetDouble(), 0, 2e-3);
        Assert.True(Number(first, "securityBits") >= 128);
        JsonElement[] layers = [.. first.Json.GetProperty("layers").EnumerateArray()];
        Assert.Equal("name, quantity, level, maxError, meanError, predictedError, budgetBits", CliRun.FieldNames(layers[0]));
        Assert.Equal(("layers.0.attention.qkv", "soft-argmax"), (Name(layers[0]), Name(layers[^1])));
        Assert.All(layers, l => Assert.InRange(l.GetProperty("maxError").GetDouble(), 1e-12, 1e-4));
        string page = await File.ReadAllTextAsync(Path.Combine(report, "report.html"));
        foreach (string text in (string[])[first.Out, first.Error, page, await File.ReadAllTextAsync(rows)])
        {
            Assert.DoesNotContain("film", text, StringComparison.Ordinal);
            Assert.DoesNotContain(folder.FullPath, text.Replace(first.Error, "", StringComparison.Ordinal), StringComparison.Ordinal);
        }

        // Cut within the second sentence: identity, session, one sentence are left, and 20 bytes.
        string[] lines = await File.ReadAllLinesAsync(rows);
        Assert.Equal(5, lines.Length); // and the second sentence, and the trace
        await File.WriteAllTextAsync(rows, string.Join('\n', lines[..3]) + "\n" + lines[3][..20]);
        CliRun resumed = await EvaluateAsync(model, Table, "--report", report, "--trace", "0", "--json");
        Assert.Contains("ended within a line", resumed.Error, StringComparison.Ordinal);
        Assert.Contains("1 of 2 sentences are done already", resumed.Error, StringComparison.Ordinal);
        Assert.Equal((2, 2, 2), (Number(resumed, "sentences"), Number(resumed, "agreements"), Number(resumed, "runs")));
        string[] after = await File.ReadAllLinesAsync(rows);
        Assert.Equal(lines[..3], after[..3]);
        Assert.Equal(5, after.Length); // a second session, and no trace

        // Complete: nothing is computed, and the same comes out.
        CliRun again = await EvaluateAsync(model, Table, "--report", report, "--trace", "0", "--json");
        Assert.Equal(resumed.Out, again.Out);
        Assert.Equal(after, await File.ReadAllLinesAsync(rows));
        (await EvaluateAsync(model, Table, "--limit", "1", "--report", report)).AssertRefused("the limit is 1 here and none there");
        (await EvaluateAsync(model, Table + "bad\t0\n", "--report", report)).AssertRefused("the data is data.tsv");
        Assert.Equal(after, await File.ReadAllLinesAsync(rows));
        string Name(JsonElement layer) => layer.GetProperty("name").GetString()!;
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task AnInterrupt_LosesNoRow()
    {
        using TinyModel model = new();
        using TemporaryFolder folder = new();
        string data = await WriteAsync(model, Table);
        using CancellationTokenSource interrupt = new();
        using StringWriter error = new();
        using InterruptingWriter output = new(interrupt, afterLines: 2); // the header and a sentence
        string[] command = ["evaluate", "--data", data, "--model", model.Folder, "--rows", folder["rows.jsonl"]];
        Assert.Equal(130, await HnnCommandLine.RunAsync(command, new Terminal(output, error, IsInteractive: false), interrupt.Token));
        CliRun resumed = await CliRun.RunAsync([.. command, "--json"]);
        Assert.Equal((2, 2), (Number(resumed, "sentences"), Number(resumed, "runs")));
        Assert.Contains("1 of 2 sentences are done already", resumed.Error, StringComparison.Ordinal);
        Assert.Empty(resumed.Json.GetProperty("layers").EnumerateArray()); // --rows alone traces nothing
        Assert.Equal(["rows.jsonl"], Directory.GetFiles(folder.FullPath).Select(Path.GetFileName));
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
