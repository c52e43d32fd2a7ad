using System.Diagnostics;
using Heann.Bench.Quick;
using Heann.Core.Backends;
using Heann.Core.Evaluation;
using Hnn.Model.Compilation;
using Hnn.Model.Sessions;
using Hnn.Model.Text;
using Hnn.Model.Weights;

namespace Heann.Bench.ThroughputCost;

/// <summary>Client and server in this process, with the secure parameters of the plans.</summary>
/// <remarks>The sentences are one, as often as its bucket takes: what they say changes nothing in what is computed.</remarks>
internal sealed class SessionMeter : ICostMeter
{
    private const string Sentence = "a charming and often affecting journey . ";

    private readonly LoadedModel _model;
    private readonly SimdBackend _backend;
    private readonly CostModel _cost;
    private readonly string _commit = Machine.Commit();

    /// <summary>Reads a model.</summary>
    public SessionMeter(string modelPath, int threadCount)
    {
        ModelDirectory directory = ModelDirectory.Open(modelPath);
        Model = Path.GetFileName(directory.FullPath.TrimEnd(Path.DirectorySeparatorChar));
        _model = LoadedModel.Load(directory);
        _backend = new(threadCount);
        _cost = CostModel.Default(threadCount);
    }

    /// <inheritdoc/>
    public string Model { get; }

    /// <inheritdoc/>
    public string ModelId => _model.ModelId;

    /// <inheritdoc/>
    public IReadOnlyList<int> Buckets => _model.Config.Buckets;

    /// <inheritdoc/>
    public CostPrediction Predict(int bucket)
    {
        ThroughputPlan batch = ThroughputPlan.Create(_model.Config, bucket);
        LevelPlan sentence = LevelPlan.Create(_model.Config, bucket);
        return new(
            bucket, batch.SentenceCount, batch.EstimateSeconds(_cost), sentence.EstimateSeconds(_cost), batch.PeakBytes,
            sentence.PeakBytes);
    }

    /// <inheritdoc/>
    public IEnumerable<CostRow> Measure(string packing, int bucket, IReadOnlyList<int> sizes)
    {
        TokenizedText text = TextFor(bucket);
        bool isBatch = packing == CostRow.Throughput;
        using IEncryptedSession session = EncryptedSessions.Create(
            isBatch ? SessionPacking.Throughput : SessionPacking.Latency, _model, bucket, _backend);
        session.CreateKeys();
        if (!isBatch)
        {
            _ = session.Classify([text]); // the first prepares the weights
        }

        foreach (int size in sizes)
        {
            TokenizedText[] sentences = [.. Enumerable.Repeat(text, size)];
            LocalResult[] results = [.. sentences.Chunk(session.BatchSize).SelectMany(batch => session.Classify(batch))];
            yield return new(
                packing, bucket, size,
                session.KeyGenerationTime.TotalSeconds,
                results.Sum(r => r.EncryptTime.TotalSeconds),
                results.Sum(r => r.EvaluateTime.TotalSeconds),
                results.Sum(r => r.DecryptTime.TotalSeconds),
                PeakBytes(),
                results.Max(r => r.TwinError),
                _commit);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _backend.Dispose();

    private TokenizedText TextFor(int bucket)
    {
        for (int times = 1; times <= bucket; times++)
        {
            TokenizedText text = _model.Tokenize(string.Concat(Enumerable.Repeat(Sentence, times)));
            if (!text.IsTruncated && _model.Config.BucketFor(text.Ids.Count) == bucket)
            {
                return text;
            }
        }

        throw new ArgumentException($"No number of repetitions of the sample sentence belongs to bucket {bucket}; measure others of the model's buckets: {string.Join(", ", Buckets)}.");
    }

    private static long PeakBytes()
    {
        using Process process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }
}
