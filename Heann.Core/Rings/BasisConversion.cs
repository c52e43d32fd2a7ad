using System.Numerics;
using Heann.Core.Arithmetic;

namespace Heann.Core.Rings;

/// <summary>The constants that carry a residue vector from one basis to another.</summary>
/// <remarks>
/// With D = ∏ d_i the product of the source primes, the conversion of x is the centred lift: the integer of (−D/2, D/2] congruent to x
/// modulo every d_i, reduced modulo every target prime p_j. It is <b>defined</b>, to the bit, by
/// <code>
/// y_i = center([x_i · (D/d_i)^(−1)] mod d_i)                          centred residues
/// v   = rint(s_k),  s_0 = 0,  s_(i+1) = fma(y_i, fl(1/d_i), s_i)      in doubles, i ascending, ties to even
/// z_j = Σ_i y_i · (D/d_i) − v · D   mod p_j
/// </code>
/// v is the exact quotient unless x/D lies within k(k + 3)·2^(−55) of a half (below): there the lift may be the neighbouring
/// representative, x − D for a positive x or x + D for a negative one, of size D/2 as well. A single source prime (k = 1) is always exact,
/// since (d − 1)/2d is more than 2^(−51) away from a half. IEEE arithmetic makes it the same everywhere. A target prime that is also a
/// source prime gets x_i itself. The bound: |s_i| ≤ i/2, so the i-th fma rounds by at most i·2^(−54); fl(1/d_i) adds |y_i|/d_i · 2^(−53) ≤ 2^(−54); the sum over i = 1 … k
/// is 2^(−54)·(k(k + 1)/2 + k).
/// Immutable and thread-safe. Source: Halevi, Polyakov, Shoup, "An Improved RNS Variant of the BFV Scheme", eprint 2018/117, section 2.2.
/// </remarks>
public sealed class BasisConversion
{
    private readonly ulong[] _puncturedInverses;
    private readonly ulong[][] _punctured;
    private readonly ulong[] _products;
    private readonly int[] _shared;

    /// <summary>Prepares the conversion from <paramref name="source"/> to <paramref name="target"/>, of the same ring degree.</summary>
    /// <exception cref="ArgumentException">The ring degrees differ.</exception>
    public BasisConversion(RnsBasis source, RnsBasis target)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        if (source.RingDegree != target.RingDegree)
        {
            throw new ArgumentException($"Ring degrees differ: {source.RingDegree} and {target.RingDegree}.", nameof(target));
        }

        Source = source;
        Target = target;
        BigInteger product = source.Product;
        BigInteger[] punctured = [.. source.Moduli.Select(d => product / d.Value)];
        _puncturedInverses = [.. source.Moduli.Select((d, i) => d.Invert(d.Reduce(punctured[i])))];
        _punctured = [.. target.Moduli.Select(p => punctured.Select(p.Reduce).ToArray())];
        _products = [.. target.Moduli.Select(p => p.Reduce(product))];
        _shared = [.. target.Moduli.Select(p => IndexOf(source.Moduli, p))];
    }

    /// <summary>d_0 … d_(k−1).</summary>
    public RnsBasis Source { get; }

    /// <summary>p_0 … p_(m−1).</summary>
    public RnsBasis Target { get; }

    /// <summary>(D/d_i)^(−1) mod d_i.</summary>
    public ReadOnlySpan<ulong> PuncturedInverses => _puncturedInverses;

    /// <summary>D mod p_j.</summary>
    public ReadOnlySpan<ulong> Products => _products;

    /// <summary>D/d_i mod p_j for i = 0 … k − 1.</summary>
    public ReadOnlySpan<ulong> Punctured(int targetIndex) => _punctured[targetIndex];

    /// <summary>The index i with d_i = p_j, or −1.</summary>
    public int SharedSource(int targetIndex) => _shared[targetIndex];

    private static int IndexOf(IReadOnlyList<Modulus> moduli, Modulus q)
    {
        for (int i = 0; i < moduli.Count; i++)
        {
            if (moduli[i].Equals(q))
            {
                return i;
            }
        }

        return -1;
    }
}
