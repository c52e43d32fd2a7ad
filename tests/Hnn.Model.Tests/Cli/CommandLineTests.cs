using Hnn.Tool;

namespace Hnn.Model.Tests.Cli;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("--help", "classify")]
    [InlineData("-h", "plan")]
    [InlineData("classify --help", "--threads")]
    [InlineData("plan --help", "--bucket")]
    [InlineData("tokenize --help", "--json")]
    [InlineData("evaluate --help", "--limit")]
    public async Task Help_IsAResult(string arguments, string mentioned)
    {
        CliRun run = await CliRun.RunAsync(arguments.Split(' '));
        Assert.Equal(0, run.ExitCode);
        Assert.Contains(mentioned, run.Out, StringComparison.Ordinal);
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task Version_IsOneLine()
    {
        CliRun run = await CliRun.RunAsync("--version");
        Assert.Equal(0, run.ExitCode);
        Assert.Matches(@"\Ahnn \d+\.\d+\.\d+\S*\r?\n\z", run.Out);
    }

    [Theory]
    [InlineData("A command is missing")]
    [InlineData("Unknown command 'frobnicate'", "frobnicate")]
    [InlineData("Unknown option '--fast'", "--fast")]
    [InlineData("Unknown option '--jsn'", "classify", "--jsn")]
    [InlineData("Unknown option '--jsn'", "classify", "fine", "--jsn")]
    [InlineData("Unknown option '--limit'", "plan", "--limit", "3")]
    [InlineData("Unknown option '-x'", "tokenize", "-x")]
    [InlineData("'TEXT' missing", "classify")]
    [InlineData("in quotes", "classify", "two", "words")]
    [InlineData("Unknown argument 'more'", "plan", "more")]
    [InlineData("got '0'", "classify", "fine", "--threads", "0")]
    [InlineData("got '-2'", "plan", "--threads", "-2")]
    [InlineData("got 'many'", "plan", "--threads", "many")]
    [InlineData("got '99999999999'", "plan", "--threads", "99999999999")]
    [InlineData("missing", "plan", "--threads")]
    [InlineData("--data", "evaluate")]
    [InlineData("got '0'", "evaluate", "--data", "x.tsv", "--limit", "0")]
    [InlineData("--ranges is for --clear", "evaluate", "--data", "x.tsv", "--ranges")]
    [InlineData("--packing takes latency or throughput; got 'fast'", "evaluate", "--data", "x.tsv", "--packing", "fast")]
    [InlineData("--packing takes latency or throughput; got 'fast'", "plan", "--packing", "fast")]
    [InlineData("--memory is for --packing throughput", "plan", "--memory", "7")]
    [InlineData("--memory is for --packing throughput", "evaluate", "--data", "x.tsv", "--memory", "7")]
    [InlineData("--disk is for --packing throughput", "evaluate", "--data", "x.tsv", "--packing", "latency", "--disk", ".")]
    [InlineData("--memory takes a number of gigabytes from 0.001 to 1000000; got '0'", "plan", "--packing", "throughput", "--memory", "0")]
    [InlineData("got '1e9'", "plan", "--packing", "throughput", "--memory", "1e9")]
    [InlineData("--key-memory takes a number of gigabytes from 0.001 to 1000000; got '0'", "classify", "fine", "--key-memory", "0")]
    [InlineData("got 'all'", "infer", "x", "--evaluation-keys", "y", "--out", "z", "--key-memory", "all")]
    [InlineData("got '-1'", "evaluate", "--data", "x.tsv", "--key-memory", "-1")]
    [InlineData("--key-memory is for --packing latency", "evaluate", "--data", "x.tsv", "--packing", "throughput", "--key-memory", "3")]
    [InlineData("--memory is for --packing throughput", "evaluate", "--data", "x.tsv", "--key-memory", "3", "--memory", "7")]
    [InlineData("--key-memory is for evaluation under encryption", "evaluate", "--data", "x.tsv", "--clear", "--key-memory", "3")]
    [InlineData("--key-memory is for classification under encryption", "classify", "fine", "--plain", "--key-memory", "3")]
    [InlineData("--disk is for --key-memory", "classify", "fine", "--disk", ".")]
    [InlineData("nowhere.tsv", "evaluate", "--data", "nowhere.tsv", "--key-memory", "3", "--disk", ".")]
    [InlineData("--memory is for evaluation under encryption", "evaluate", "--data", "x.tsv", "--clear", "--memory", "7")]
    [InlineData("--report is for evaluation under encryption", "evaluate", "--data", "x.tsv", "--clear", "--report", "out")]
    [InlineData("--trace is for evaluation under encryption", "evaluate", "--data", "x.tsv", "--clear", "--trace", "0")]
    [InlineData("give one of them", "evaluate", "--data", "x.tsv", "--rows", "rows.jsonl", "--report", "out")]
    [InlineData("got '-1'", "evaluate", "--data", "x.tsv", "--trace", "-1")]
    [InlineData("nowhere.tsv", "evaluate", "--clear", "--data", "nowhere.tsv")]
    [InlineData("--data takes the path", "evaluate", "--clear", "--data", "")]
    [InlineData("no bucket 17", "plan", "--bucket", "17")]
    [InlineData("nowhere.tsv", "evaluate", "--data", "nowhere.tsv")]
    public async Task BadCommandLine_IsRefusedInOneLine(string part, params string[] arguments) =>
        (await CliRun.RunAsync(arguments)).AssertRefused(part);

    [Theory]
    [InlineData("classify", "")]
    [InlineData("classify", "   ")]
    [InlineData("classify", "\t\r\n\u0007\u200B\u00A0")]
    [InlineData("tokenize", "")]
    [InlineData("tokenize", " \n ")]
    public async Task EmptyText_IsRefused(string command, string text) =>
        (await CliRun.RunAsync(command, text)).AssertRefused("text is empty");

    [Fact]
    public async Task Interrupt_Returns130()
    {
        using CancellationTokenSource interrupt = new();
        await interrupt.CancelAsync();
        using StringWriter output = new(), error = new();
        int exitCode = await HnnCommandLine.RunAsync(["classify", "fine"], new Terminal(output, error, IsInteractive: false), interrupt.Token);
        Assert.Equal(130, exitCode);
        Assert.Empty(output.ToString());
        Assert.Equal("hnn: interrupted.", error.ToString().Trim());
    }
}
