namespace Heann.Gpu.Direct3D;

/// <summary>
/// The sum s ← fma(y, fl(1/d), s) of <see cref="Core.Rings.BasisConversion"/> and its rounding, to the bit, without floating point:
/// Direct3D promises no fused multiply-add in doubles.
/// </summary>
/// <remarks>
/// <para>s is a two's complement integer of four words, low first, in units of 2^(−102). It holds every value that occurs, exactly:
/// fl(1/d) = m·2^e with 2^52 ≤ m &lt; 2^53 and −102 ≤ e ≤ −54, since 3 ≤ d &lt; 2^50; so every y·fl(1/d) is a multiple of 2^(−102), and a
/// multiple that is rounded to 53 bits stays one. |s| ≤ k/2 after k terms, far below 2^25.</para>
/// <para>A fused multiply-add is then: multiply, shift, add, and round the magnitude to 53 bits, ties to even.
/// The remarks of <see cref="Words"/> hold here as well.</para>
/// </remarks>
internal static class QuotientSum
{
    /// <summary>s ← fma(±y, m·2^(shift−102), s).</summary>
    /// <param name="yLo">|y| &lt; 2^49, the low word.</param>
    /// <param name="yHi">The high word.</param>
    /// <param name="isNegative">Whether y is negative.</param>
    /// <param name="mLo">m, the low word.</param>
    /// <param name="mHi">The high word.</param>
    /// <param name="shift">0 to 48.</param>
    /// <param name="s0">s.</param>
    /// <param name="s1">s.</param>
    /// <param name="s2">s.</param>
    /// <param name="s3">s.</param>
    public static void MultiplyAdd(
        uint yLo, uint yHi, bool isNegative, uint mLo, uint mHi, int shift, ref uint s0, ref uint s1, ref uint s2, ref uint s3)
    {
        Words.MultiplyFull(yLo, yHi, mLo, mHi, out uint p0, out uint p1, out uint p2, out uint p3);
        int bits = shift & 31;
        bool isFar = shift >= 32;
        uint w0 = isFar ? 0u : p0;
        uint w1 = isFar ? p0 : p1;
        uint w2 = isFar ? p1 : p2;
        uint w3 = isFar ? p2 : p3;
        uint t3 = (w3 << bits) | ((w2 >> 1) >> (31 - bits));
        uint t2 = (w2 << bits) | ((w1 >> 1) >> (31 - bits));
        uint t1 = (w1 << bits) | ((w0 >> 1) >> (31 - bits));
        uint t0 = w0 << bits;
        NegateIf(isNegative, ref t0, ref t1, ref t2, ref t3);
        s0 = Words.AddCarry(s0, t0, 0u, out uint carry0);
        s1 = Words.AddCarry(s1, t1, carry0, out uint carry1);
        s2 = Words.AddCarry(s2, t2, carry1, out uint carry2);
        s3 += t3 + carry2;
        Round(ref s0, ref s1, ref s2, ref s3);
    }

    /// <summary>|rint(s)|, ties to even.</summary>
    public static uint Quotient(uint s0, uint s1, uint s2, uint s3, out bool isNegative)
    {
        isNegative = (s3 >> 31) != 0u;
        uint w0 = s0;
        uint w1 = s1;
        uint w2 = s2;
        uint w3 = s3;
        NegateIf(isNegative, ref w0, ref w1, ref w2, ref w3);

        // Bit 102 is the unit, bit 101 the half.
        uint quotient = w3 >> 6;
        bool isHalf = ((w3 >> 5) & 1u) != 0u;
        bool isMore = ((w3 & 31u) | w2 | w1 | w0) != 0u;
        bool isOdd = (quotient & 1u) != 0u;
        return isHalf && (isMore || isOdd) ? quotient + 1u : quotient;
    }

    /// <summary>Number of bits of x up to its highest one.</summary>
    public static int BitLength(uint x)
    {
        uint rest = x;
        int bitCount = 0;
        if ((rest >> 16) != 0u)
        {
            bitCount = 16;
            rest >>= 16;
        }

        if ((rest >> 8) != 0u)
        {
            bitCount += 8;
            rest >>= 8;
        }

        if ((rest >> 4) != 0u)
        {
            bitCount += 4;
            rest >>= 4;
        }

        if ((rest >> 2) != 0u)
        {
            bitCount += 2;
            rest >>= 2;
        }

        if ((rest >> 1) != 0u)
        {
            bitCount += 1;
            rest >>= 1;
        }

        return bitCount + (int)rest;
    }

    /// <summary>s rounded to 53 significant bits, ties to even.</summary>
    private static void Round(ref uint s0, ref uint s1, ref uint s2, ref uint s3)
    {
        bool isNegative = (s3 >> 31) != 0u;
        NegateIf(isNegative, ref s0, ref s1, ref s2, ref s3);
        int bitCount =
            s3 != 0u ? 96 + BitLength(s3)
            : s2 != 0u ? 64 + BitLength(s2)
            : s1 != 0u ? 32 + BitLength(s1)
            : BitLength(s0);
        int drop = bitCount - 53;
        if (drop > 0)
        {
            // Half a unit less one, and one more where the unit is odd; then the bits below the unit go.
            int word = drop >> 5;
            uint unit = word == 0 ? s0 : word == 1 ? s1 : s2;
            uint odd = (unit >> (drop & 31)) & 1u;
            s0 = Words.AddCarry(s0, Ones(drop - 1, 0), odd, out uint carry0);
            s1 = Words.AddCarry(s1, Ones(drop - 1, 32), carry0, out uint carry1);
            s2 = Words.AddCarry(s2, Ones(drop - 1, 64), carry1, out uint carry2);
            s3 += carry2;
            s0 &= ~Ones(drop, 0);
            s1 &= ~Ones(drop, 32);
            s2 &= ~Ones(drop, 64);
        }

        NegateIf(isNegative, ref s0, ref s1, ref s2, ref s3);
    }

    /// <summary>The word that starts at bit <paramref name="start"/> of 2^count − 1.</summary>
    private static uint Ones(int count, int start)
    {
        int bits = count - start;
        return bits <= 0 ? 0u : bits >= 32 ? 0xFFFFFFFFu : (1u << (bits & 31)) - 1u;
    }

    private static void NegateIf(bool isNegative, ref uint w0, ref uint w1, ref uint w2, ref uint w3)
    {
        if (isNegative)
        {
            w0 = Words.AddCarry(~w0, 1u, 0u, out uint carry0);
            w1 = Words.AddCarry(~w1, 0u, carry0, out uint carry1);
            w2 = Words.AddCarry(~w2, 0u, carry1, out uint carry2);
            w3 = ~w3 + carry2;
        }
    }
}
