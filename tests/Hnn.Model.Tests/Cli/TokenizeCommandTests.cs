using System.Text.Json;

namespace Hnn.Model.Tests.Cli;

public sealed class TokenizeCommandTests
{
    private static readonly int[] Ids = [101, 2009, 1005, 1055, 11951, 1012, 102];

    [Fact]
    public async Task Json_HasPiecesAndIds()
    {
        CliRun run = await CliRun.RunAsync("tokenize", "It's charming.", "--json");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal("tokens, ids", CliRun.FieldNames(run.Json));
        Assert.Equal(
            "[CLS] it ' s charming . [SEP]", string.Join(' ', run.Json.GetProperty("tokens").EnumerateArray().Select(t => t.GetString())));
        Assert.Equal(Ids, run.Json.GetProperty("ids").Deserialize<int[]>());
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task Text_HasOnePieceALine()
    {
        CliRun run = await CliRun.RunAsync("tokenize", "charming");
        Assert.Equal(["   id  piece", "  101  [CLS]", "11951  charming", "  102  [SEP]"], run.Out.Split('\n')[..^1].Select(l => l.TrimEnd('\r')));
    }

    [Theory]
    [InlineData("@someone liked it")] // no response file
    [InlineData("[suggest] this")] // no directive
    public async Task Text_IsTakenAsItIs(string text) => Assert.Equal(0, (await CliRun.RunAsync("tokenize", text, "--json")).ExitCode);

    [Fact]
    public async Task DoubleDash_AllowsAnyText()
    {
        CliRun run = await CliRun.RunAsync("tokenize", "--json", "--", "--json");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal("-", run.Json.GetProperty("tokens")[1].GetString());
    }

    [Fact]
    public async Task LongText_IsCutWithAWarning()
    {
        CliRun run = await CliRun.RunAsync("tokenize", string.Join(' ', Enumerable.Repeat("film", 100)), "--json");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(64, run.Json.GetProperty("ids").GetArrayLength());
        Assert.Contains("warning: the text is longer than the model's 64 tokens", run.Error, StringComparison.Ordinal);
    }
}
