using Heann.Core;
using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Serialization;
using Hnn.Model.Compilation;
using Hnn.Model.Layers;

namespace Hnn.Model.Server;

/// <summary>A batch on its way in: its features are handed over one after the other, and wait where the plan says, in memory or on disk, so
/// that they need never be in memory all at once. Then it is classified.</summary>
/// <remarks>Made by <see cref="BatchServer.Receive"/>. Owns the features, borrows header and keys. Not thread-safe.</remarks>
public sealed class BatchIntake : IDisposable
{
    private readonly BatchServer _server;
    private readonly BatchHeader _header;
    private readonly EvaluationKeys _keys;
    private readonly ValueStore<Ciphertext> _store;
    private readonly WaitingColumns<Ciphertext> _features;

    internal BatchIntake(
        BatchServer server, BatchHeader header, EvaluationKeys keys, (ValueStore<Ciphertext> Store, BatchCircuit Circuit) waiting)
    {
        (_server, _header, _keys, _store) = (server, header, keys, waiting.Store);
        _features = waiting.Circuit.Columns(_store);
    }

    /// <summary>Features that are there.</summary>
    public int Count { get; private set; }

    /// <summary>Features that a batch takes.</summary>
    public int FeatureCount => _features.Count;

    /// <summary>Bytes that the temporary file has grown to; 0 where features wait in memory.</summary>
    public long DiskPeakBytes => (_store as CiphertextStore)?.PeakBytes ?? 0;

    /// <summary>Bytes written to it.</summary>
    public long DiskWrittenBytes => (_store as CiphertextStore)?.WrittenBytes ?? 0;

    /// <summary>Bytes read from it.</summary>
    public long DiskReadBytes => (_store as CiphertextStore)?.ReadBytes ?? 0;

    /// <summary>The next feature.</summary>
    /// <param name="feature">Taken over; one that is refused stays the caller's.</param>
    /// <exception cref="ArgumentException">It is not fresh.</exception>
    /// <exception cref="ForeignOperandException">It belongs to another key.</exception>
    /// <exception cref="InvalidOperationException">All features are there.</exception>
    /// <exception cref="IOException">The disk is full, or fails otherwise; the feature is disposed.</exception>
    public void Add(Ciphertext feature)
    {
        ArgumentNullException.ThrowIfNull(feature);
        if (Count == FeatureCount)
        {
            throw new InvalidOperationException($"A batch takes {FeatureCount} features and all of them are there; call Infer, once for a batch.");
        }

        RequestChecks.RequireFresh(_server.Plan.Parameters, _keys, feature);
        _features.Put(Count, feature);
        Count++;
    }

    /// <summary>Classifies the sentences. The features are used up, also when this fails.</summary>
    /// <param name="progress">Told the stage last reached and the operations done, of <see cref="ThroughputPlan.OperationCount"/>: at every
    /// stage, and every hundredth of the whole.</param>
    /// <param name="cancellation">Stops between operations.</param>
    /// <exception cref="InvalidOperationException">Features are missing, or were used up.</exception>
    /// <exception cref="IOException">The disk is full, or fails otherwise.</exception>
    /// <exception cref="InvalidDataException">The temporary file is not as it was written.</exception>
    public BatchResponse Infer(IProgress<StageProgress>? progress = null, CancellationToken cancellation = default)
    {
        if (Count < FeatureCount || !_features.Has(0))
        {
            throw new InvalidOperationException($"A batch takes {FeatureCount} features and {(_features.Has(0) ? Count : 0)} are there; add the others.");
        }

        try
        {
            return _server.Infer(_header, _features, _keys, progress, cancellation);
        }
        finally
        {
            _features.Dispose();
        }
    }

    /// <summary>Gives features and temporary file back.</summary>
    public void Dispose()
    {
        _features.Dispose();
        _store.Dispose();
    }
}
