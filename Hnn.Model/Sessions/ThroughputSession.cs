using Heann.Core.Ciphertexts;
using Heann.Core.Parameters;
using Heann.Core.Rings;
using Hnn.Model.Client;
using Hnn.Model.Compilation;
using Hnn.Model.Text;
using Hnn.Model.Weights;

namespace Hnn.Model.Sessions;

/// <summary>A <see cref="BatchSession"/>: as many sentences at once as a batch holds.</summary>
/// <remarks>Borrows model and backend. Not thread-safe.</remarks>
public sealed class ThroughputSession : IEncryptedSession
{
    private readonly BatchSession _session;
    private readonly HnnWeights _weights;

    /// <summary>Plans the network for a bucket and draws a secret key.</summary>
    /// <param name="model">The model.</param>
    /// <param name="bucket">B, one of the model's.</param>
    /// <param name="backend">Where to compute.</param>
    /// <param name="memory">What it may take; null for <see cref="ThroughputPlan.DefaultMemoryBytes"/>. Where that does not do, columns
    /// wait
    /// on disk.</param>
    /// <exception cref="ArgumentException">The model has no such bucket, cannot be planned, or the memory does not do.</exception>
    public ThroughputSession(LoadedModel model, int bucket, RingBackend backend, SessionMemory? memory = null)
        : this(new BatchSession(model, bucket, backend, memory), model.Weights)
    {
    }

    // For tests: a session with insecure parameters.
    internal ThroughputSession(BatchSession session, HnnWeights weights) => (_session, _weights) = (session, weights);

    /// <summary>The plan that it follows.</summary>
    public ThroughputPlan Plan => _session.Plan;

    /// <inheritdoc/>
    public int Bucket => _session.Plan.Bucket;

    /// <inheritdoc/>
    public int BatchSize => _session.BatchSize;

    /// <inheritdoc/>
    public CkksParameters Parameters => _session.Plan.Parameters;

    /// <inheritdoc/>
    public TimeSpan KeyGenerationTime => _session.KeyGenerationTime;

    /// <inheritdoc/>
    public long KeyBytes => _session.KeyBytes;

    /// <inheritdoc/>
    public void CreateKeys(IProgress<double>? progress = null, CancellationToken cancellation = default) =>
        _session.CreateKeys(progress, cancellation);

    /// <inheritdoc/>
    public IReadOnlyList<LocalResult> Classify(
        IReadOnlyList<TokenizedText> sentences, IProgress<StageProgress>? progress = null, CancellationToken cancellation = default) =>
        _session.Classify(sentences, progress, cancellation).Sentences;

    /// <inheritdoc/>
    /// <remarks>A batch takes the time of a batch however few the sentences are. Each step is measured by the column that stands for it, see
    /// <see cref="BatchCircuit"/>; the keys are the session's.</remarks>
    public IReadOnlyList<StageError> Trace(IReadOnlyList<TokenizedText> sentences, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(sentences);
        List<StageError> errors = [];
        SentenceEmbedder embedder = new(_weights.Embeddings);
        ClearBatch twin = new(_session.Plan, _weights.Network);
        foreach (TokenizedText[] batch in sentences.Chunk(BatchSize))
        {
            Queue<(string Name, double[] Slots)> expected = new();
            twin.Evaluate([.. batch.Select(s => embedder.Embed(s.Ids))], (name, slots) => expected.Enqueue((name, slots)), cancellation);
            int step = 0;
            _session.StageDecrypted = (name, actual, value) =>
            {
                (string twinName, double[] slots) = expected.Dequeue();
                if (twinName != name) throw new InvalidOperationException($"The twin reached {twinName} where ciphertexts reached {name}.");
                errors.Add(StageTracer.Measure(_session.Plan.Steps[step++], Diagnosis.Of(value, value.Parameters), slots, actual));
            };
            try
            {
                _session.Classify(batch, null, cancellation);
            }
            finally
            {
                _session.StageDecrypted = null;
            }
        }

        return errors;
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();
}
