using System.Numerics;
using Heann.Core.Arithmetic;

namespace Heann.Core.Rings;

/// <summary>The roots of unity of the negacyclic NTT for one ring degree N and one prime q.</summary>
/// <remarks>
/// This is the one place where the order of the transform is stated. With ψ the primitive 2N-th root of
/// <see cref="PrimeSearch.PrimitiveRoot"/> and brv the reversal of log2 N bits,
/// <c>NTT(a)[i] = a(ψ^(2·brv(i)+1))</c>: the input is in natural order, the output in bit-reversed order.
/// Twiddles: <c>Forward[i] = ψ^brv(i)</c>, <c>Inverse[i] = ψ^(−brv(i))</c>; the butterfly of block i among m uses index m + i.
/// Immutable and thread-safe.
/// </remarks>
public sealed class NttTables
{
    private readonly ulong[] _forward;
    private readonly ulong[] _inverse;

    /// <summary>Builds the tables: 2N residues.</summary>
    /// <exception cref="ArgumentException">q ≢ 1 (mod 2N).</exception>
    public NttTables(Modulus modulus, int ringDegree)
    {
        Modulus = modulus;
        RingDegree = ringDegree;
        Root = PrimeSearch.PrimitiveRoot(modulus, ringDegree);
        _forward = Powers(Root);
        _inverse = Powers(modulus.Invert(Root));
        DegreeInverse = modulus.Invert((ulong)ringDegree);
    }

    /// <summary>q.</summary>
    public Modulus Modulus { get; }

    /// <summary>N.</summary>
    public int RingDegree { get; }

    /// <summary>ψ, a primitive 2N-th root of unity.</summary>
    public ulong Root { get; }

    /// <summary>N^(−1) mod q.</summary>
    public ulong DegreeInverse { get; }

    /// <summary>ψ^brv(i), i = 0 … N − 1.</summary>
    public ReadOnlySpan<ulong> Forward => _forward;

    /// <summary>ψ^(−brv(i)), i = 0 … N − 1.</summary>
    public ReadOnlySpan<ulong> Inverse => _inverse;

    /// <summary>The reversal of the lowest <paramref name="bitCount"/> bits of x.</summary>
    public static int ReverseBits(int x, int bitCount)
    {
        int result = 0;
        for (int i = 0; i < bitCount; i++)
        {
            result = (result << 1) | ((x >> i) & 1);
        }

        return result;
    }

    private ulong[] Powers(ulong root)
    {
        int logN = BitOperations.Log2((uint)RingDegree);
        ulong[] powers = new ulong[RingDegree];
        ulong power = 1;
        for (int i = 0; i < RingDegree; i++)
        {
            powers[ReverseBits(i, logN)] = power;
            power = Modulus.Multiply(power, root);
        }

        return powers;
    }
}
