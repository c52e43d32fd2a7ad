using Heann.Core.Ciphertexts;
using Heann.Core.Noise;

namespace Heann.Core.Evaluation;

/// <summary>What a ciphertext would be: level, scale, noise, parts. Holds no data.</summary>
/// <remarks>Not thread-safe, as its recorder is not.</remarks>
public sealed class RecordedValue : ICircuitValue
{
    private readonly RecordingEvaluator _recorder;
    private bool _isDisposed;

    internal RecordedValue(RecordingEvaluator recorder, int level, int partCount, Scale scale)
    {
        _recorder = recorder;
        Level = level;
        PartCount = partCount;
        Scale = scale;
    }

    /// <inheritdoc/>
    public int Level { get; internal set; }

    /// <inheritdoc/>
    public Scale Scale { get; internal set; }

    /// <inheritdoc/>
    public NoiseEstimate Noise { get; internal set; }

    /// <inheritdoc/>
    public int PartCount { get; internal set; }

    internal long ByteCount { get; set; }

    internal Parameters.CkksParameters Parameters => _recorder.Parameters;

    /// <summary>Tells the recorder that the storage would be free.</summary>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _recorder.Free(this);
        }
    }
}
