using System.Text.Json;
using Heann.Bench.Quick;
using Heann.Bench.Rows;

namespace Heann.Bench.Tests.Quick;

/// <summary>The quick run: options, measurement, output.</summary>
public sealed class QuickTests
{
    private static readonly QuickResult Relinearize = new("relinearize", "S14", 1, 1234.567, 2000, 10127.0 / 317);

    [Fact]
    public void Options_DefaultToEverything()
    {
        QuickOptions options = QuickOptions.Parse([]);
        Assert.Equal(("table", null), (options.Format, options.Threads));
        Assert.Equal(Operations.All, options.Ops);
        Assert.Equal(["N12", "N13", "N14", "N15", "N16", "N17", "S14", "S15", "S16"], options.Sets);
    }

    [Fact]
    public void Operations_AreThoseOfTheTable()
    {
        string[] table =
        [
            "ntt", "intt", "add", "multiplyPlain", "multiply", "relinearize", "rotate", "rotateHoisted", "rescale",
            "encode", "decode", "encryptPk", "encryptSk", "decrypt",
        ];
        Assert.Equal([.. table, "linearTransform"], Operations.All);
        Assert.Equal(table[2..], Operations.Of("S14"));
        Assert.Equal([.. table[2..], "linearTransform"], Operations.Of("S15"));
    }

    [Fact]
    public void Options_ChooseSetsOperationsAndThreads()
    {
        QuickOptions options = QuickOptions.Parse(["--json", "--sets", "S14, N16", "--ops", "ntt,rotate", "--threads", "2"]);
        Assert.Equal(("json", 2), (options.Format, options.Threads));
        Assert.Equal(["S14", "N16"], options.Sets);
        Assert.Equal(["ntt", "rotate"], options.Ops);
    }

    [Theory]
    [InlineData("--frobnicate", "--json")]
    [InlineData("--sets S13", "N12")]
    [InlineData("--ops turn", "rotateHoisted")]
    [InlineData("--sets", "--sets")]
    [InlineData("--threads 0", "1024")]
    [InlineData("--threads two", "two")]
    public void Options_RefuseWhatDoesNotExistAndSayWhatDoes(string line, string named)
    {
        ArgumentException exception = Assert.Throws<ArgumentException>(() => QuickOptions.Parse(line.Split(' ')));
        Assert.Contains(named, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_RefusesOperationsThatGoWithNoSet() =>
        Assert.Throws<ArgumentException>(() => new QuickRun(QuickOptions.Parse(["--sets", "N12", "--ops", "rotate"])));

    [Fact]
    public void Run_MeasuresInTheUnitOfTheCalibrator()
    {
        using QuickRun run = new(QuickOptions.Parse(["--sets", "N12", "--ops", "ntt,intt"]));
        IReadOnlyList<QuickResult> results = run.Measure();
        Assert.Equal([("ntt", "N12", 1), ("intt", "N12", 1)], results.Select(r => (r.Op, r.Set, r.Threads)));
        Assert.All(results, r => Assert.InRange(r.MinUs, 0.1, r.MedianUs));

        // Both are divided by one calibrator.
        Assert.Equal(results[0].MinUs / results[0].ToScalarNtt, results[1].MinUs / results[1].ToScalarNtt, 6);
    }

    [Fact]
    public void Clock_CountsEveryCallAndItsTime()
    {
        int calls = 0;
        SampleClock clock = new(() =>
        {
            calls++;
            Thread.Sleep(2);
        });
        clock.WarmUp(1);
        int before = calls;
        clock.Turn(1);
        clock.Turn(9);
        Assert.Equal(calls - before, clock.Count);
        Assert.True(clock.Min >= 1900, $"{clock.Min} us");
        Assert.InRange(clock.Spent, clock.Count * clock.Min, double.MaxValue);
        Assert.InRange(clock.Median, clock.Min, clock.Spent);
    }

    [Fact]
    public void Json_IsOneArrayOfSixFields()
    {
        using JsonDocument document = JsonDocument.Parse(QuickReport.ToJson([Relinearize, Relinearize with { Op = "rotate" }]));
        Assert.Equal(2, document.RootElement.GetArrayLength());
        JsonElement first = document.RootElement[0];
        Assert.Equal(["op", "set", "threads", "minUs", "medianUs", "toScalarNtt"], first.EnumerateObject().Select(p => p.Name));
        Assert.Equal("relinearize", first.GetProperty("op").GetString());
        Assert.Equal(1234.57, first.GetProperty("minUs").GetDouble());
    }

    [Fact]
    public void Tables_StandBesideThePeers()
    {
        string markdown = QuickReport.ToMarkdown([Relinearize]);
        const string Row = "| relinearize | S14 | 1 | 1,235 | 2,000 | 31.95 | 10,127 | 25,029 | 16,758 | 36,002 | 1.00 |";
        Assert.Contains(Row, markdown, StringComparison.Ordinal);
        Assert.Contains("S14: N = 2^14, 9 primes, log QP = 416, 1 special, dnum 9", markdown, StringComparison.Ordinal);
        Assert.Contains("10,127", QuickReport.ToTable([Relinearize]), StringComparison.Ordinal);
        Assert.Contains("| relinearize | 1.23 / 10.1 (1.00) |  |  |", QuickReport.ToSummary([Relinearize]), StringComparison.Ordinal);
    }

    [Fact]
    public void Tables_CompareThreadsAndHoistedRotations()
    {
        QuickResult rotate = new("rotate", "S15", 1, 2000, 2000, 3);
        string text = QuickReport.ToTable(
            [rotate, new("rotateHoisted", "S15", 1, 900, 950, 1), Relinearize, Relinearize with { Threads = 2, MinUs = Relinearize.MinUs / 1.9 }]);
        Assert.Contains("rotateHoisted, S15: 45 % of rotate.", text, StringComparison.Ordinal);
        Assert.Contains("relinearize, S14: 1.90 times as fast on 2 threads.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Ratio_IsThatOfTheCalibratedTimes()
    {
        Assert.Equal(1, PeerFigures.RatioToSealHexl(Relinearize)!.Value, 9);
        Assert.Equal(0.5, PeerFigures.RatioToSealHexl(Relinearize with { ToScalarNtt = Relinearize.ToScalarNtt / 2 })!.Value, 9);
        Assert.Null(PeerFigures.RatioToSealHexl(Relinearize with { Threads = 2 }));
        Assert.Null(PeerFigures.RatioToSealHexl(Relinearize with { Op = "decrypt" }));
    }
}
