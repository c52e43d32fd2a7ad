namespace Heann.Core.Rings;

/// <summary>Consecutive limbs of a buffer and the primes they belong to: the unit that crosses the seam.</summary>
/// <remarks>A borrowed view; it owns nothing. <c>default</c> stands for the zero polynomial where a method says so.
/// Immutable; what it points to is as thread-safe as its buffer.</remarks>
public readonly struct LimbBlock
{
    /// <summary>Limbs firstLimb … firstLimb + basis.Count − 1 of the buffer.</summary>
    /// <exception cref="ArgumentException">The buffer has other degree or fewer limbs.</exception>
    public LimbBlock(RingBuffer buffer, int firstLimb, RnsBasis basis)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        ArgumentNullException.ThrowIfNull(basis);
        if (buffer.RingDegree != basis.RingDegree || firstLimb < 0 || firstLimb > buffer.LimbCount - basis.Count)
        {
            throw new ArgumentException(
                $"Limbs {firstLimb} to {(long)firstLimb + basis.Count - 1} of degree {basis.RingDegree} are not in a buffer of {buffer.LimbCount} limbs of degree {buffer.RingDegree}.");
        }

        Buffer = buffer;
        FirstLimb = firstLimb;
        Basis = basis;
    }

    /// <summary>The buffer.</summary>
    public RingBuffer Buffer { get; }

    /// <summary>Index of the first limb in the buffer.</summary>
    public int FirstLimb { get; }

    /// <summary>The primes of the limbs.</summary>
    public RnsBasis Basis { get; }

    /// <summary>Whether this is <c>default</c>, the zero polynomial.</summary>
    public bool IsZero => Buffer is null;

    /// <summary>Number of limbs.</summary>
    public int LimbCount => Basis.Count;

    /// <summary>N.</summary>
    public int RingDegree => Basis.RingDegree;
}
