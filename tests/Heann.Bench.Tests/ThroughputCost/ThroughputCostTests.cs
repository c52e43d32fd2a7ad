using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using Heann.Bench.ThroughputCost;

namespace Heann.Bench.Tests.ThroughputCost;

/// <summary>The cost of batches: what is measured again and what is not, break-even, and measured kept apart from predicted.</summary>
public sealed class ThroughputCostTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("heann-cost-");

    private string JsonPath => Path.Combine(_folder.FullName, "throughput-cost.json");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Options_AreListsAndNumbers()
    {
        CostOptions options = CostOptions.Parse(["--sentences", "16,1,16", "--buckets", "32", "--latency", "0", "--threads", "3", "--out", "x", "--dry-run"]);
        Assert.Equal([1, 16], options.Sentences!);
        Assert.Equal([32], options.Buckets!);
        Assert.Equal((0, 3, "x", true), (options.LatencySentences, options.ThreadCount, options.OutPath, options.IsDryRun));
        Assert.Equal((null, null), (CostOptions.Parse([]).Sentences, CostOptions.Parse([]).Buckets));
        foreach ((string part, string[] args) in ((string, string[])[])
            [("Unknown option '--fast'", ["--fast"]), ("got '0'", ["--sentences", "1,0"]), ("got ''", ["--buckets", "16,"]),
                ("missing after --out", ["--out"]), ("got 'x'", ["--threads", "x"])])
        {
            Assert.Contains(part, Assert.Throws<ArgumentException>(() => CostOptions.Parse(args)).Message, StringComparison.Ordinal);
        }
    }

    // An interrupt in the second bucket, then the rest: nothing twice, nothing lost.
    [Fact]
    public void Run_ThatWasCutGoesOnWithWhatIsMissing()
    {
        FakeMeter cut = new() { FailAt = ("throughput", 32, 4) };
        Assert.Throws<IOException>(() => Run(cut, "--sentences", "1,4", "--latency", "2"));
        Assert.Equal(["latency 16 2", "throughput 16 1", "throughput 16 4", "latency 32 2", "throughput 32 1"], cut.Measured);
        FakeMeter rest = new();
        Run(rest, "--sentences", "1,4", "--latency", "2");
        Assert.Equal(["throughput 32 4"], rest.Measured);
        FakeMeter nothing = new();
        Run(nothing, "--sentences", "1,4", "--latency", "2");
        Run(nothing, "--dry-run");
        Assert.Empty(nothing.Measured);
        FakeMeter all = new();
        Run(all, "--buckets", "32", "--latency", "2");
        Assert.Equal(["throughput 32 16"], all.Measured); // of 1, 4, 16, 64, 256 a batch holds 1, 4 and 16
        FakeMeter more = new();
        Run(more, "--sentences", "8", "--buckets", "16", "--latency", "0");
        Assert.Equal(["throughput 16 8"], more.Measured);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(JsonPath));
        Assert.Equal(8, json.RootElement.GetProperty("rows").GetArrayLength());
        Assert.Equal(2, json.RootElement.GetProperty("predictions").GetArrayLength());
        Assert.Equal(
            ["throughput-cost.json", "throughput-cost.md", "throughput-cost.svg"], _folder.GetFiles().Select(file => file.Name).Order());
    }

    [Fact]
    public void Run_RefusesWhatDoesNotBelongInOneTable()
    {
        Run(new FakeMeter(), "--dry-run");
        string Refusal(FakeMeter meter, params string[] args) => Assert.Throws<ArgumentException>(() => Run(meter, args)).Message;
        Assert.Contains("number of threads", Refusal(new FakeMeter(), "--threads", "7"), StringComparison.Ordinal);
        Assert.Contains("is m and here it is other", Refusal(new FakeMeter { ModelId = "other" }), StringComparison.Ordinal);
        Assert.Contains("no bucket 64; it has 16, 32", Refusal(new FakeMeter(), "--buckets", "64"), StringComparison.Ordinal);
        Assert.Contains("at most 64 sentences; got 65", Refusal(new FakeMeter(), "--sentences", "65", "--buckets", "16"), StringComparison.Ordinal);
        File.WriteAllText(JsonPath, "{\"rows\": []}");
        Assert.Contains("is no table of this program", Refusal(new FakeMeter()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100, 15, 7)]
    [InlineData(100, 10, 11)]
    [InlineData(5, 10, 1)]
    public void BreakEven_IsTheFirstSizeForWhichABatchIsFaster(double batch, double sentence, int expected)
    {
        int count = CostTable.BreakEven(batch, sentence);
        Assert.Equal(expected, count);
        Assert.True(batch < count * sentence);
        Assert.True(count == 1 || batch >= (count - 1) * sentence);
    }

    [Fact]
    public void Report_KeepsMeasuredAndPredictedApart()
    {
        Run(new FakeMeter(), "--buckets", "16", "--sentences", "1,16", "--latency", "2");
        string[] lines = File.ReadAllLines(Path.Combine(_folder.FullName, "throughput-cost.md"));

        // Bucket, sentences; the batch 162 measured and 150 predicted; 11 measured and 10 predicted a sentence.
        Assert.Contains("| 16 | 1 | 162 s | 150 s | 11.0 s | 10.0 s | 162 s |", lines);
        Assert.Contains("| 16 | 4 |  | 150 s | 44.0 s | 40.0 s |  |", lines);
        Assert.Contains("| 16 | 16 | 162 s | 150 s | 176 s | 160 s | 10.1 s |", lines);
        Assert.Contains("| 32 | 16 |  | 300 s |  | 320 s |  |", lines);
        Assert.Contains("| 16 | 64 | 15 | 16 | 2.53 s | 2.34 s | 11.0 s | 10.0 s |", lines);
        Assert.Contains("| 32 | 32 |  | 16 |  | 9.38 s |  | 20.0 s |", lines);
    }

    [Fact]
    public void Chart_MarksWhatWasMeasured()
    {
        Run(new FakeMeter(), "--buckets", "16", "--sentences", "1,16", "--latency", "2");
        string text = File.ReadAllText(Path.Combine(_folder.FullName, "throughput-cost.svg"));
        XElement svg = XDocument.Parse(text).Root!;
        XElement[] Marks(string name) => [.. svg.Descendants().Where(e => (string?)e.Attribute("class") == name)];
        Assert.Equal(3, Marks("measured").Length); // batches of 1 and 16, and the sentence alone
        Assert.Equal(2 + 3, Marks("predicted").Length); // 4 and 64 in bucket 16; 1, 4 and 16 in bucket 32
        Assert.Equal(2, Marks("even").Length);
        Assert.All(Marks("measured").Concat(Marks("predicted")), mark =>
        {
            Assert.InRange(double.Parse(mark.Attribute("cx")!.Value, CultureInfo.InvariantCulture), 0, 900);
            Assert.InRange(double.Parse(mark.Attribute("cy")!.Value, CultureInfo.InvariantCulture), 0, 620);
        });
        Assert.DoesNotContain("href", text, StringComparison.Ordinal);
        Assert.DoesNotContain("script", text, StringComparison.Ordinal);
        Assert.Contains("it pays from 15 sentences", text, StringComparison.Ordinal);
        Assert.Contains("(measured)", text, StringComparison.Ordinal);
        Assert.Contains("(predicted)", text, StringComparison.Ordinal);
    }

    private void Run(FakeMeter meter, params string[] args)
    {
        CostOptions options = CostOptions.Parse(["--threads", "2", .. args, "--out", _folder.FullName]);
        new CostRun(options, meter, "a machine", TextWriter.Null).Write();
    }

    /// <summary>Batches take 162 seconds and sentences 11, where 150 and 10 are predicted; twice that in bucket 32.</summary>
    private sealed class FakeMeter : ICostMeter
    {
        public List<string> Measured { get; } = [];

        public (string Packing, int Bucket, int Size)? FailAt { get; init; }

        public string Model => "model";

        public string ModelId { get; init; } = "m";

        public IReadOnlyList<int> Buckets => [16, 32];

        public CostPrediction Predict(int bucket) => new(bucket, 1024 / bucket, 150 * bucket / 16.0, 10 * bucket / 16.0, 5_000_000_000, 4_000_000_000);

        public IEnumerable<CostRow> Measure(string packing, int bucket, IReadOnlyList<int> sizes)
        {
            foreach (int size in sizes)
            {
                if (FailAt == (packing, bucket, size)) throw new IOException("cut");
                Measured.Add($"{packing} {bucket} {size}");
                double factor = bucket / 16.0;
                yield return packing == CostRow.Latency
                    ? new(packing, bucket, size, 3, 0.5 * size, 10 * factor * size, 0.5 * size, 1, 1e-6, "c")
                    : new(packing, bucket, size, 3, 10, 150 * factor, 2, 1, 1e-5, "c");
            }
        }

        public void Dispose()
        {
            // It holds nothing.
        }
    }
}
