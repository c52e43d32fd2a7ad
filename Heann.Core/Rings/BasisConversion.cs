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
/// v is the exact quotient unless x/D lies within k·2^(−52) of a half, where the result is x ± D/2 from either side: as good a
/// representative as the other. IEEE arithmetic makes it the same everywhere. A target prime that is also a source prime gets x_i itself.
/// Immutable and thread-safe. Source: Halevi, Polyakov, Shoup, "An Improved RNS Variant of the BFV Scheme", eprint 2018/117, section 2.2.
/// </remarks>
public sealed class BasisConversion
{
    private readonly ulong[] _puncturedInverses;
    private readonly ulong[][] _punctured;
    private readonly ulong[] _products;
    private readonly int[] _shared;

    /// <summary>Prepares the conversion from <paramref name="source"/> to <paramref name="target"/>, of the same ring degree.</summary>
    public BasisConversion(RnsBasis source, RnsBasis target)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
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
