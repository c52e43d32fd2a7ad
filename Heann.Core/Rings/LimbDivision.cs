using Heann.Core.Arithmetic;

namespace Heann.Core.Rings;

/// <summary>The constants of an exact rounded division by the last primes of a basis: x ← ⌊x / D⌉, D the product of the dropped primes.</summary>
/// <remarks>Serves ModDown (D = P, the special primes) and Rescale (D = q_ℓ). Immutable and thread-safe.</remarks>
public sealed class LimbDivision
{
    private readonly ulong[] _inverses;

    /// <summary>Division of a polynomial over <paramref name="kept"/> followed by <paramref name="dropped"/>.</summary>
    public LimbDivision(RnsBasis kept, RnsBasis dropped)
    {
        ArgumentNullException.ThrowIfNull(kept);
        ArgumentNullException.ThrowIfNull(dropped);
        Kept = kept;
        Dropped = dropped;
        Conversion = new(dropped, kept);
        _inverses = [.. kept.Moduli.Select(q => q.Invert(q.Reduce(dropped.Product)))];
    }

    /// <summary>The primes that stay.</summary>
    public RnsBasis Kept { get; }

    /// <summary>The primes divided by.</summary>
    public RnsBasis Dropped { get; }

    /// <summary>From the dropped primes to the kept ones, centred: hence rounding, not flooring.</summary>
    public BasisConversion Conversion { get; }

    /// <summary>D^(−1) mod q_j, for the kept primes.</summary>
    public ReadOnlySpan<ulong> Inverses => _inverses;
}
