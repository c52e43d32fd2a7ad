using System.Text.Json;
using System.Text.Json.Serialization;
using Heann.Core.Serialization;

namespace Heann.Bench.ThroughputCost;

/// <summary>Everything measured so far, and the predictions beside it: <c>throughput-cost.json</c>.</summary>
/// <param name="Machine">Where it was measured.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Model">Name of the model's folder.</param>
/// <param name="ModelId">SHA-256 of the model's files.</param>
/// <param name="Rows">Measured.</param>
/// <param name="Predictions">Predicted, one for each bucket.</param>
internal sealed record CostTable(
    string Machine, int Threads, string Model, string ModelId, IReadOnlyList<CostRow> Rows, IReadOnlyList<CostPrediction> Predictions)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    /// <summary>A batch's seconds as measured: the mean over its sizes, which cost the same; null where none was.</summary>
    public double? MeasuredBatchSeconds(int bucket) => Mean(CostRow.Throughput, bucket, row => row.Seconds);

    /// <summary>A sentence's seconds in the latency packing as measured; null where none was.</summary>
    public double? MeasuredSentenceSeconds(int bucket) => Mean(CostRow.Latency, bucket, row => row.Seconds / row.Sentences);

    /// <summary>The smallest number of sentences for which a batch takes less time than as many sentences one at a time.</summary>
    public static int BreakEven(double batchSeconds, double sentenceSeconds) => (int)Math.Floor(batchSeconds / sentenceSeconds) + 1;

    /// <summary>The measured break-even of a bucket; null unless both packings were measured.</summary>
    public int? MeasuredBreakEven(int bucket) =>
        MeasuredBatchSeconds(bucket) is { } batch && MeasuredSentenceSeconds(bucket) is { } sentence ? BreakEven(batch, sentence) : null;

    /// <summary>What was measured of a size; null where nothing was.</summary>
    public CostRow? Find(string packing, int bucket, int sentences) =>
        Rows.FirstOrDefault(row => (row.Packing, row.Bucket, row.Sentences) == (packing, bucket, sentences));

    /// <summary>Goes on with a file, if it is there, and with the predictions of this run.</summary>
    /// <exception cref="ArgumentException">It was measured otherwise: another machine, number of threads or model; or it is no such
    /// file.</exception>
    public CostTable Resume(string path)
    {
        if (!File.Exists(path))
        {
            return this;
        }

        CostTable before = Read(path);
        foreach ((string what, object there, object here) in ((string, object, object)[])
            [("machine", before.Machine, Machine), ("number of threads", before.Threads, Threads), ("model", before.ModelId, ModelId)])
        {
            if (!there.Equals(here))
            {
                throw new ArgumentException($"The {what} of '{path}' is {there} and here it is {here}; figures of both in one table could not be compared: write to another folder.");
            }
        }

        IEnumerable<CostPrediction> others = before.Predictions.Where(p => Predictions.All(q => q.Bucket != p.Bucket));
        return this with { Rows = before.Rows, Predictions = [.. Predictions.Concat(others).OrderBy(p => p.Bucket)] };
    }

    /// <summary>Writes the file, whole or not at all.</summary>
    public void Write(string path) =>
        AtomicFile.Write(path, overwrite: true, isSecret: false, stream => JsonSerializer.Serialize(stream, this, Json));

    private static CostTable Read(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            return JsonSerializer.Deserialize<CostTable>(stream, Json) ?? throw new JsonException("It holds null.");
        }
        catch (JsonException exception)
        {
            throw new ArgumentException($"'{path}' is no table of this program: {exception.Message} Write to another folder.", exception);
        }
    }

    private double? Mean(string packing, int bucket, Func<CostRow, double> seconds)
    {
        double[] measured = [.. Rows.Where(row => row.Packing == packing && row.Bucket == bucket).Select(seconds)];
        return measured.Length == 0 ? null : measured.Average();
    }
}
