namespace Heann.Gpu.Direct3D;

/// <summary>Arithmetic modulo q &lt; 2^50 on pairs of 32-bit words, low word first: all that a shader's integers can do.</summary>
/// <remarks>
/// The package's generator translates these methods to HLSL, hence their plainness: no constants by name, no overloads, no names that
/// HLSL reserves, every shift by 0 to 31, every variable that an argument declares named once in its method. On a processor they run as
/// they are. Pure; thread-safe.
/// </remarks>
internal static class Words
{
    /// <summary>x·y: returns the low word.</summary>
    public static uint MultiplyWide(uint x, uint y, out uint high)
    {
        uint x0 = x & 0xFFFFu;
        uint x1 = x >> 16;
        uint y0 = y & 0xFFFFu;
        uint y1 = y >> 16;
        uint cross0 = x0 * y1;
        uint cross1 = x1 * y0;

        // Three terms below 2^16: no overflow.
        uint middle = ((x0 * y0) >> 16) + (cross0 & 0xFFFFu) + (cross1 & 0xFFFFu);
        high = (x1 * y1) + (cross0 >> 16) + (cross1 >> 16) + (middle >> 16);
        return x * y;
    }

    /// <summary>x + y + carryIn; the carries are 0 or 1.</summary>
    public static uint AddCarry(uint x, uint y, uint carryIn, out uint carryOut)
    {
        uint sum = x + y;
        uint result = sum + carryIn;
        carryOut = (sum < x ? 1u : 0u) + (result < sum ? 1u : 0u);
        return result;
    }

    /// <summary>x·y, all four words.</summary>
    public static void MultiplyFull(uint xLo, uint xHi, uint yLo, uint yHi, out uint p0, out uint p1, out uint p2, out uint p3)
    {
        p0 = MultiplyWide(xLo, yLo, out uint lowHigh);
        uint crossLow0 = MultiplyWide(xLo, yHi, out uint crossHigh0);
        uint crossLow1 = MultiplyWide(xHi, yLo, out uint crossHigh1);
        uint highLow = MultiplyWide(xHi, yHi, out uint highHigh);
        uint sum1 = AddCarry(lowHigh, crossLow0, 0u, out uint carry0);
        p1 = AddCarry(sum1, crossLow1, 0u, out uint carry1);
        uint sum2 = AddCarry(crossHigh0, crossHigh1, carry0, out uint carry2);
        p2 = AddCarry(sum2, highLow, carry1, out uint carry3);
        p3 = highHigh + carry2 + carry3;
    }

    /// <summary>x·y mod 2^64.</summary>
    public static void MultiplyLow(uint xLo, uint xHi, uint yLo, uint yHi, out uint lo, out uint hi)
    {
        lo = MultiplyWide(xLo, yLo, out uint carry);
        hi = carry + (xLo * yHi) + (xHi * yLo);
    }

    /// <summary>x − y mod 2^64.</summary>
    public static void Subtract(uint xLo, uint xHi, uint yLo, uint yHi, out uint lo, out uint hi)
    {
        lo = xLo - yLo;
        hi = xHi - yHi - (xLo < yLo ? 1u : 0u);
    }

    /// <summary>x &lt; y.</summary>
    public static bool IsLess(uint xLo, uint xHi, uint yLo, uint yHi) => xHi < yHi || (xHi == yHi && xLo < yLo);

    /// <summary>x &lt; 2q → x mod q; in general x − q where that is not negative.</summary>
    public static void ReduceOnce(uint xLo, uint xHi, uint qLo, uint qHi, out uint lo, out uint hi)
    {
        lo = xLo;
        hi = xHi;
        if (!IsLess(xLo, xHi, qLo, qHi))
        {
            Subtract(xLo, xHi, qLo, qHi, out lo, out hi);
        }
    }

    /// <summary>x + y mod q; x, y in [0, q).</summary>
    public static void AddModulo(uint xLo, uint xHi, uint yLo, uint yHi, uint qLo, uint qHi, out uint lo, out uint hi)
    {
        uint sumLo = AddCarry(xLo, yLo, 0u, out uint carry);
        ReduceOnce(sumLo, xHi + yHi + carry, qLo, qHi, out lo, out hi);
    }

    /// <summary>x − y mod q; x, y in [0, q).</summary>
    public static void SubtractModulo(uint xLo, uint xHi, uint yLo, uint yHi, uint qLo, uint qHi, out uint lo, out uint hi)
    {
        Subtract(xLo, xHi, yLo, yHi, out uint differenceLo, out uint differenceHi);
        lo = differenceLo;
        hi = differenceHi;
        if (IsLess(xLo, xHi, yLo, yHi))
        {
            lo = AddCarry(differenceLo, qLo, 0u, out uint carry);
            hi = differenceHi + qHi + carry;
        }
    }

    /// <summary>x·y mod q; x, y in [0, q). b = shift + 1 is the bit length of q, μ = ⌊2^(63+b)/q⌋.</summary>
    /// <remarks>
    /// Barrett. With p = x·y &lt; 2^(2b), t = ⌊p/2^(b−1)⌋ &lt; 2^(b+1) and u = ⌊t·μ/2^64⌋:
    /// p/q − u &lt; 1 + 2^(b−1)/q + t/2^64 &lt; 2 + 2^(−13), so p − u·q &lt; 3q &lt; 2^52. Since q is no power of two, μ &lt; 2^64.
    /// </remarks>
    public static void MultiplyModulo(
        uint xLo, uint xHi, uint yLo, uint yHi, uint qLo, uint qHi, uint muLo, uint muHi, int shift, out uint lo, out uint hi)
    {
        MultiplyFull(xLo, xHi, yLo, yHi, out uint p0, out uint p1, out uint p2, out uint p3);
        int bits = shift & 31;
        bool isFar = shift >= 32;
        uint w0 = isFar ? p1 : p0;
        uint w1 = isFar ? p2 : p1;
        uint w2 = isFar ? p3 : p2;
        uint tLo = (w0 >> bits) | ((w1 << 1) << (31 - bits));
        uint tHi = (w1 >> bits) | ((w2 << 1) << (31 - bits));
        MultiplyFull(tLo, tHi, muLo, muHi, out _, out _, out uint uLo, out uint uHi);
        MultiplyLow(uLo, uHi, qLo, qHi, out uint multipleLo, out uint multipleHi);
        Subtract(p0, p1, multipleLo, multipleHi, out uint rLo, out uint rHi);
        ReduceOnce(rLo, rHi, qLo, qHi, out uint onceLo, out uint onceHi);
        ReduceOnce(onceLo, onceHi, qLo, qHi, out lo, out hi);
    }

    /// <summary>x·w mod q for any 64-bit x; w in [0, q), v = ⌊w·2^64/q⌋.</summary>
    /// <remarks>
    /// x·w − ⌊x·v/2^64⌋·q is in [0, 2q). Source: Shoup's product, in Harvey, "Faster arithmetic for number-theoretic transforms",
    /// arXiv 1205.2926.
    /// </remarks>
    public static void MultiplyConstant(
        uint xLo, uint xHi, uint wLo, uint wHi, uint vLo, uint vHi, uint qLo, uint qHi, out uint lo, out uint hi)
    {
        MultiplyFull(xLo, xHi, vLo, vHi, out _, out _, out uint uLo, out uint uHi);
        MultiplyLow(xLo, xHi, wLo, wHi, out uint productLo, out uint productHi);
        MultiplyLow(uLo, uHi, qLo, qHi, out uint multipleLo, out uint multipleHi);
        Subtract(productLo, productHi, multipleLo, multipleHi, out uint rLo, out uint rHi);
        ReduceOnce(rLo, rHi, qLo, qHi, out lo, out hi);
    }

    /// <summary>The reversal of the lowest bits of x, 0 to 31 of them.</summary>
    public static uint ReverseBits(uint x, int bitCount)
    {
        uint r = (x >> 16) | (x << 16);
        r = ((r >> 8) & 0x00FF00FFu) | ((r & 0x00FF00FFu) << 8);
        r = ((r >> 4) & 0x0F0F0F0Fu) | ((r & 0x0F0F0F0Fu) << 4);
        r = ((r >> 2) & 0x33333333u) | ((r & 0x33333333u) << 2);
        r = ((r >> 1) & 0x55555555u) | ((r & 0x55555555u) << 1);
        return (r >> 1) >> (31 - bitCount);
    }
}
