using System.Text;
using Heann.Bench.Quick;
using Heann.Core.Serialization;

namespace Heann.Bench.ThroughputCost;

/// <summary><c>throughput-cost</c>: what a batch costs as it grows and as its bucket grows, against the same sentences one at a
/// time.</summary>
/// <remarks>Rows are written as soon as they are measured, and are not measured again: a run that was cut goes on.</remarks>
internal sealed class CostRun(CostOptions options, ICostMeter meter, string machine, TextWriter log)
{
    /// <summary>Measures and writes the table as JSON, as Markdown and as a plot.</summary>
    /// <exception cref="ArgumentException">The model has no such bucket, or a size is larger than a batch.</exception>
    public static void Write(CostOptions options)
    {
        using SessionMeter meter = new(options.ModelPath, options.ThreadCount);
        new CostRun(options, meter, Machine.Describe(options.ThreadCount), Console.Out).Write();
    }

    /// <summary>Measures and writes.</summary>
    public void Write()
    {
        CostPrediction[] predictions = [.. meter.Buckets.Select(meter.Predict)];
        (int Bucket, IReadOnlyList<int> Sizes)[] wanted =
            [.. (options.Buckets ?? meter.Buckets).Select(bucket => (bucket, Sizes(bucket, predictions)))];
        Directory.CreateDirectory(options.OutPath);
        CostTable table = new CostTable(machine, options.ThreadCount, meter.Model, meter.ModelId, [], predictions).Resume(PathOf("json"));
        table = Save(table);
        foreach ((int bucket, IReadOnlyList<int> sizes) in options.IsDryRun ? [] : wanted)
        {
            table = Measure(table, CostRow.Latency, bucket, options.LatencySentences > 0 ? [options.LatencySentences] : []);
            table = Measure(table, CostRow.Throughput, bucket, sizes);
        }
    }

    private IReadOnlyList<int> Sizes(int bucket, CostPrediction[] predictions)
    {
        int most = predictions.FirstOrDefault(plan => plan.Bucket == bucket)?.BatchSize
            ?? throw new ArgumentException($"The model has no bucket {bucket}; it has {string.Join(", ", meter.Buckets)}.");
        if (options.Sentences is { } sizes && sizes.Max() > most)
        {
            throw new ArgumentException($"A batch in bucket {bucket} holds at most {most} sentences; got {sizes.Max()}.");
        }

        return options.Sentences ?? [.. CostReport.Sizes.Where(size => size <= most)];
    }

    private CostTable Measure(CostTable table, string packing, int bucket, IEnumerable<int> sizes)
    {
        int[] left = [.. sizes.Where(size => table.Find(packing, bucket, size) is null)];
        if (left.Length == 0)
        {
            return table;
        }

        log.WriteLine($"bucket {bucket}, {packing}: {string.Join(", ", left)} sentences");
        foreach (CostRow row in meter.Measure(packing, bucket, left))
        {
            table = Save(table with { Rows = [.. table.Rows, row] });
            log.WriteLine(FormattableString.Invariant(
                $"  {row.Sentences}: {row.Seconds:F1} s, {row.PeakBytes / 1e9:F1} GB, error {row.MaxTwinError:E1}"));
        }

        return table;
    }

    private CostTable Save(CostTable table)
    {
        table.Write(PathOf("json"));
        Save("md", CostReport.ToMarkdown(table));
        Save("svg", CostChart.Draw(table));
        return table;
    }

    private void Save(string extension, string text) => AtomicFile.Write(
        PathOf(extension), overwrite: true, isSecret: false, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    private string PathOf(string extension) => Path.Combine(options.OutPath, $"throughput-cost.{extension}");
}
