using System.Numerics;
using Heann.Core.Ciphertexts;
using Heann.Core.Noise;

namespace Heann.Core.Evaluation;

/// <summary>The clear twin of a ciphertext: its slots as doubles, with the level, scale and noise that the ciphertext would have.</summary>
/// <remarks>Thread-safe for reading; not while an operation writes to it.</remarks>
public sealed class ClearValue : ICircuitValue
{
    internal ClearValue(int level, int partCount, Scale scale, int slotCount)
    {
        Level = level;
        PartCount = partCount;
        Scale = scale;
        Real = new double[slotCount];
    }

    /// <inheritdoc/>
    public int Level { get; internal set; }

    /// <inheritdoc/>
    public Scale Scale { get; internal set; }

    /// <inheritdoc/>
    public NoiseEstimate Noise { get; internal set; }

    /// <inheritdoc/>
    public int PartCount { get; internal set; }

    /// <summary>Number of slots.</summary>
    public int SlotCount => Real.Length;

    /// <summary>The value of a slot.</summary>
    public Complex this[int slot] => new(Real[slot], Imaginary is null ? 0 : Imaginary[slot]);

    // Imaginary parts are kept only once there are any: most circuits are real.
    internal double[] Real { get; set; }

    internal double[]? Imaginary { get; set; }

    /// <summary>The slots.</summary>
    public Complex[] ToComplex() => [.. Enumerable.Range(0, SlotCount).Select(i => this[i])];

    /// <summary>The real parts of the slots.</summary>
    public double[] ToReal() => [.. Real];

    /// <summary>Nothing to give back.</summary>
    public void Dispose()
    {
    }
}
