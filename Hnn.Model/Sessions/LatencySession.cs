using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Rings;
using Hnn.Model.Text;

namespace Hnn.Model.Sessions;

/// <summary>A <see cref="LocalSession"/>, one sentence at a time.</summary>
/// <remarks>Borrows model and backend. Not thread-safe.</remarks>
public sealed class LatencySession : IEncryptedSession
{
    private readonly LocalSession _session;
    private readonly LoadedModel _model;
    private readonly RingBackend _backend;
    private readonly KeyMemory? _keyMemory;

    /// <summary>Plans the network for a bucket and draws a secret key.</summary>
    /// <param name="model">The model.</param>
    /// <param name="bucket">B, one of the model's.</param>
    /// <param name="backend">Where to compute.</param>
    /// <param name="keyMemory">What the evaluation keys may take in memory, those of a trace too; null for keys in memory.</param>
    /// <exception cref="ArgumentException">The model has no such bucket, or cannot be planned.</exception>
    public LatencySession(LoadedModel model, int bucket, RingBackend backend, KeyMemory? keyMemory = null) =>
        (_session, _model, _backend, _keyMemory) = (new(model, bucket, backend, null, keyMemory), model, backend, keyMemory);

    /// <inheritdoc/>
    public int Bucket => _session.Plan.Bucket;

    /// <inheritdoc/>
    public int BatchSize => 1;

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
        [_session.Classify(RequireOne(sentences), progress, cancellation)];

    /// <inheritdoc/>
    public IReadOnlyList<StageError> Trace(IReadOnlyList<TokenizedText> sentences, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(sentences);
        using StageTracer tracer = new(_session.Plan, _model.Weights, _backend, _keyMemory, cancellation);
        return [.. sentences.SelectMany(sentence => tracer.Trace(sentence, cancellation))];
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private static TokenizedText RequireOne(IReadOnlyList<TokenizedText> sentences)
    {
        ArgumentNullException.ThrowIfNull(sentences);
        return sentences is [var sentence]
            ? sentence
            : throw new ArgumentException($"One sentence at a time fits this packing; got {sentences.Count}.", nameof(sentences));
    }
}
