using System.Numerics;
using Heann.Core.Ciphertexts;
using Heann.Core.Noise;

namespace Heann.Core.Evaluation;

/// <summary>The clear twin of a ciphertext: its slots as doubles, with the level, scale and noise that the ciphertext would have.</summary>
public sealed class ClearValue : ICircuitValue
{
    internal ClearValue(int level, int partCount, Scale scale, int slotCount)
    {
        Level = level;
        PartCount = partCount;
        Scale = scale;
        Values = new Complex[slotCount];
    }

    /// <inheritdoc/>
    public int Level { get; internal set; }

    /// <inheritdoc/>
    public Scale Scale { get; internal set; }

    /// <inheritdoc/>
    public NoiseEstimate Noise { get; internal set; }

    /// <inheritdoc/>
    public int PartCount { get; internal set; }

    /// <summary>The slots.</summary>
    public ReadOnlySpan<Complex> Slots => Values;

    internal Complex[] Values { get; set; }

    /// <summary>The real parts of the slots.</summary>
    public double[] ToReal() => [.. Values.Select(z => z.Real)];

    /// <summary>Nothing to give back.</summary>
    public void Dispose()
    {
    }
}
