using System.Globalization;
using Heann.Core.Arithmetic;

namespace Heann.Core.Parameters;

/// <summary>ParamGen(λ, PT, K, B) of arXiv 2502.16176: chooses a set for a security level, a number of slots and a depth.</summary>
/// <remarks>Thread-safe.</remarks>
public static class ParamGen
{
    /// <summary>The smallest ring that offers λ bits of security for the slots and the depth, with the fewest digits that fit.</summary>
    /// <param name="securityBits">λ: 128, 192 or 256.</param>
    /// <param name="slotCount">K: values to be packed, at most 2^16.</param>
    /// <param name="depth">B: consecutive rescalings, each by a prime of the scale's size.</param>
    /// <param name="scaleBits">PT: the plaintext scale, log2 Δ, 25 … 49.</param>
    /// <param name="firstPrimeBits">Size of q_0: the scale plus head-room for the integer part of the result. At most 50.</param>
    /// <exception cref="InsufficientSecurityException">No ring up to 2^17 holds the depth; the message names bits and limit.</exception>
    /// <exception cref="ArgumentException">A number is out of range, or the ring that fits has too few primes of the scale's size (25 to 29 bits, many levels).</exception>
    public static CkksParameters Choose(int securityBits, int slotCount, int depth, int scaleBits = 40, int firstPrimeBits = 50)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(depth);
        ArgumentOutOfRangeException.ThrowIfLessThan(slotCount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(slotCount, 1 << (SecurityTable.MaxLogN - 1));
        if (scaleBits is < 25 or > 49 || firstPrimeBits <= scaleBits || firstPrimeBits > 50)
        {
            throw new ArgumentException($"The scale has 25 to 49 bits and q_0 more, up to 50; got {scaleBits} and {firstPrimeBits}.");
        }

        return ForPrimes(securityBits, slotCount, [firstPrimeBits, .. Enumerable.Repeat(scaleBits, depth)], Scale.FromLog2(scaleBits));
    }

    /// <summary>The smallest ring that offers λ bits of security for the slots and levels of given sizes, with the fewest digits that fit.</summary>
    /// <param name="securityBits">λ: 128, 192 or 256.</param>
    /// <param name="slotCount">Values to be packed.</param>
    /// <param name="primeBits">Sizes of q_0 … q_L.</param>
    /// <param name="defaultScale">Scale of fresh encodings.</param>
    /// <param name="maxDigitCount">Most digits to accept: more digits mean larger keys; a larger ring is taken instead.</param>
    /// <exception cref="InsufficientSecurityException">No ring up to 2^17 holds the levels; the message names bits and limit.</exception>
    public static CkksParameters ForPrimes(
        int securityBits, int slotCount, IReadOnlyList<int> primeBits, Scale defaultScale, int maxDigitCount = int.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(primeBits);
        for (int logN = SecurityTable.MinLogN; logN <= SecurityTable.MaxLogN; logN++)
        {
            if (1 << (logN - 1) >= slotCount && Fit(logN, primeBits, securityBits, maxDigitCount, defaultScale) is { } parameters)
            {
                return parameters;
            }
        }

        const int MaxSlots = 1 << (SecurityTable.MaxLogN - 1);
        string remedy = slotCount > MaxSlots
            ? $"Use at most {MaxSlots} slots: there are no more in any ring." : "Use fewer or smaller levels.";
        throw new InsufficientSecurityException(string.Create(
            CultureInfo.InvariantCulture,
            $"{primeBits.Count - 1} levels make {primeBits.Sum()} bits with q_0 and need a special prime besides, for {slotCount} slots; "
            + $"N = 2^17 allows {SecurityTable.MaxLog2(17, securityBits)} at {securityBits}-bit security"
            + $" and has {MaxSlots} slots. {remedy}"));
    }

    /// <summary>The set of one ring with a given number of special primes, as large as the security level and 50 bits allow, and with the
    /// fewest digits that they cover: for whoever weighs digits against special primes.</summary>
    /// <param name="logN">log2 N.</param>
    /// <param name="primeBits">Sizes of q_0 … q_L.</param>
    /// <param name="specialCount">Special primes, at least 1.</param>
    /// <param name="defaultScale">Scale of fresh encodings.</param>
    /// <param name="securityBits">128, 192 or 256.</param>
    /// <returns>null where special primes that cover the largest prime exceed what is secure.</returns>
    /// <exception cref="ArgumentException">A number is out of range, or the ring has too few primes of a size.</exception>
    public static CkksParameters? ForSpecialPrimes(
        int logN, IReadOnlyList<int> primeBits, int specialCount, Scale defaultScale, int securityBits = 128)
    {
        ArgumentNullException.ThrowIfNull(primeBits);
        ArgumentOutOfRangeException.ThrowIfLessThan(specialCount, 1);
        int limit = SecurityTable.MaxLog2(logN, securityBits);

        // Primes near 2^b have b bits up to a fraction: what is a whole bit a prime too much need not be looked for.
        int largest = Math.Min(Modulus.MaxBitCount, (limit - primeBits.Sum() + primeBits.Count) / specialCount + 1);
        for (int specialBits = largest; specialBits >= PrimeSearch.MinBitCount && specialBits * specialCount >= primeBits.Max(); specialBits--)
        {
            int[] specials = [.. Enumerable.Repeat(specialBits, specialCount)];
            (ulong[] primes, ulong[] special) = CkksParameters.FindPrimes(1 << logN, primeBits, specials);
            double[] bits = [.. primes.Select(q => Math.Log2(q))];
            double covered = special.Sum(p => Math.Log2(p));
            if (bits.Sum() + covered <= limit)
            {
                return bits.Max() > covered ? null
                    : CkksParameters.Create(logN, primeBits, specials, KeySwitchLayout.Cut(bits, covered).Count, defaultScale, securityBits);
            }
        }

        return null;
    }

    // The fewest digits, hence the smallest keys, whose special primes still fit under the limit; counted with the primes themselves, as
    // sums of sizes are off by fractions of a bit.
    private static CkksParameters? Fit(int logN, IReadOnlyList<int> primeBits, int securityBits, int maxDigitCount, Scale defaultScale)
    {
        const int SpecialBits = 50;
        int limit = SecurityTable.MaxLog2(logN, securityBits);

        // Primes lie within a factor of two of their size.
        if (primeBits.Sum() + SpecialBits - primeBits.Count - 1 > limit)
        {
            return null;
        }

        (int DigitCount, int SpecialCount) best = (int.MaxValue, 0);
        for (int count = 1; best.DigitCount > 1; count++)
        {
            (ulong[] primes, ulong[] special) = CkksParameters.FindPrimes(1 << logN, primeBits, [.. Enumerable.Repeat(SpecialBits, count)]);
            double[] bits = [.. primes.Select(q => Math.Log2(q))];
            double covered = special.Sum(p => Math.Log2(p));
            if (bits.Sum() + covered > limit)
            {
                break;
            }

            int digitCount = bits.Max() <= covered ? KeySwitchLayout.Cut(bits, covered).Count : int.MaxValue;
            best = digitCount < best.DigitCount ? (digitCount, count) : best;
        }

        return best.SpecialCount == 0 || best.DigitCount > maxDigitCount
            ? null
            : CkksParameters.Create(logN, primeBits, [.. Enumerable.Repeat(SpecialBits, best.SpecialCount)], best.DigitCount, defaultScale, securityBits);
    }
}
