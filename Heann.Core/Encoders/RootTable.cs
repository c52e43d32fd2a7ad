using System.Numerics;

namespace Heann.Core.Encoders;

/// <summary>cos(πk/N) and sin(πk/N) as doubles, rounded correctly, the same on every machine: integer arithmetic only.</summary>
/// <remarks>
/// Roots of unity in fixed point, 1 = 2^126. exp(iπ/2^m) comes from half-angle steps in big integers of 192 fractional bits; the first
/// octant is filled by exp(iπk/N) = exp(iπ(k − l)/N)·exp(iπl/N), l the lowest set bit of k: at most 15 products, each off by less than
/// 2^(−124), so the sum of errors is below 2^(−120), against sines of 2^(−16) or more: a relative 2^(−104), hence within 0.5 + 2^(−51) ulp
/// of the true value. Everything beyond the first octant is a symmetry and exact. Immutable and thread-safe.
/// </remarks>
internal sealed class RootTable
{
    private const int FractionBits = 126;
    private const int WideBits = 192;
    private readonly double[] _cos;
    private readonly double[] _sin;

    /// <summary>Computes the table: N/4 + 1 pairs of doubles.</summary>
    /// <param name="ringDegree">N, a power of two, 4 to 2^17.</param>
    public RootTable(int ringDegree)
    {
        RingDegree = ringDegree;
        int octant = ringDegree / 4;
        (UInt128 Cos, UInt128 Sin)[] generators = Generators(BitOperations.Log2((uint)ringDegree));
        var table = new (UInt128 Cos, UInt128 Sin)[octant + 1];
        _cos = new double[octant + 1];
        _sin = new double[octant + 1];
        table[0] = (UInt128.One << FractionBits, UInt128.Zero);
        for (int k = 0; k <= octant; k++)
        {
            int low = k & -k;
            if (k != 0)
            {
                table[k] = Multiply(table[k - low], generators[BitOperations.Log2((uint)(ringDegree / low))]);
            }

            _cos[k] = ToDouble(table[k].Cos);
            _sin[k] = ToDouble(table[k].Sin);
        }
    }

    /// <summary>N.</summary>
    public int RingDegree { get; }

    /// <summary>exp(iπk/N) for any k ≥ 0.</summary>
    public (double Cos, double Sin) this[int k]
    {
        get
        {
            int quarter = RingDegree / 2;
            int rest = k & (quarter - 1);
            (double cos, double sin) = rest <= quarter / 2 ? (_cos[rest], _sin[rest]) : (_sin[quarter - rest], _cos[quarter - rest]);
            return ((k / quarter) & 3) switch
            {
                0 => (cos, sin),
                1 => (-sin, cos),
                2 => (-cos, -sin),
                _ => (sin, -cos),
            };
        }
    }

    /// <summary>exp(iπ/2^m) in fixed point, m = 2 … count; entries 0 and 1 are not used.</summary>
    private static (UInt128 Cos, UInt128 Sin)[] Generators(int count)
    {
        var generators = new (UInt128 Cos, UInt128 Sin)[count + 1];
        BigInteger one = BigInteger.One << WideBits;
        BigInteger cos = BigInteger.Zero; // π/2
        BigInteger sin = one;
        for (int m = 2; m <= count; m++)
        {
            // cos(x/2) = √((1 + cos x)/2), sin(x/2) = sin x / (2 cos(x/2)): no cancellation
            cos = SquareRoot((one + cos) << (WideBits - 1));
            sin = (sin << (WideBits - 1)) / cos;
            generators[m] = (Narrow(cos), Narrow(sin));
        }

        return generators;
    }

    private static UInt128 Narrow(BigInteger x) => (UInt128)((x + (BigInteger.One << (WideBits - FractionBits - 1))) >> (WideBits - FractionBits));

    /// <summary>⌊√x⌋ by Newton's method from above.</summary>
    private static BigInteger SquareRoot(BigInteger x)
    {
        BigInteger root = BigInteger.One << (int)((x.GetBitLength() + 1) / 2);
        while (true)
        {
            BigInteger next = (root + x / root) >> 1;
            if (next >= root)
            {
                return root;
            }

            root = next;
        }
    }

    /// <summary>The product of two roots whose angles add to π/4 at most, so that both parts stay in [0, 1].</summary>
    private static (UInt128 Cos, UInt128 Sin) Multiply((UInt128 Cos, UInt128 Sin) x, (UInt128 Cos, UInt128 Sin) y) =>
        (Multiply(x.Cos, y.Cos) - Multiply(x.Sin, y.Sin), Multiply(x.Cos, y.Sin) + Multiply(x.Sin, y.Cos));

    /// <summary>⌊xy / 2^126⌋ or one or two less; x, y ≤ 2^126.</summary>
    private static UInt128 Multiply(UInt128 x, UInt128 y)
    {
        ulong x1 = (ulong)(x >> 64), x0 = (ulong)x, y1 = (ulong)(y >> 64), y0 = (ulong)y;

        // x1, y1 ≤ 2^62, so each cross product is below 2^126 and nothing overflows.
        UInt128 middle = (UInt128)Math.BigMul(x1, y0, out ulong low1) << 64 | low1;
        middle += (UInt128)Math.BigMul(x0, y1, out ulong low2) << 64 | low2;
        middle += Math.BigMul(x0, y0, out _);
        ulong high = Math.BigMul(x1, y1, out ulong low);
        return ((((UInt128)high << 64) | low) << 2) + (middle >> 62);
    }

    /// <summary>x / 2^126, to nearest, ties to even.</summary>
    private static double ToDouble(UInt128 x)
    {
        if (x == UInt128.Zero)
        {
            return 0.0;
        }

        int shift = (int)UInt128.LeadingZeroCount(x);
        UInt128 normal = x << shift;
        ulong mantissa = (ulong)(normal >> 75);
        UInt128 rest = normal & ((UInt128.One << 75) - 1);
        UInt128 half = UInt128.One << 74;
        if (rest > half || (rest == half && (mantissa & 1) != 0))
        {
            mantissa++;
        }

        return Math.ScaleB(mantissa, 75 - shift - FractionBits);
    }
}
