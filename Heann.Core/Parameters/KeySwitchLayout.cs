using Heann.Core.Rings;
using Heann.Core.Sampling;

namespace Heann.Core.Parameters;

/// <summary>How a key-switching key cuts q_0 … q_ℓ into digits, and how many special primes it needs.</summary>
/// <remarks>
/// Digits are consecutive limbs, balanced in bits: limbs differ in size, and P must cover the largest digit. A key truncated to a lower
/// level has smaller digits and therefore fewer special primes. Immutable, thread-safe.
/// Source: Han, Ki, "Better Bootstrapping for Approximate Homomorphic Encryption", eprint 2019/688, section 3 (hybrid key switching).
/// </remarks>
public sealed class KeySwitchLayout
{
    private readonly Range[]?[] _digitsAt;

    internal KeySwitchLayout(IReadOnlyList<Range> digits, RnsBasis basisQ, RnsBasis basisP)
    {
        Digits = digits;
        BasisP = basisP;
        Basis = basisQ.Concat(basisP);
        Level = basisQ.Count - 1;
        _digitsAt = new Range[basisQ.Count][];
    }

    /// <summary>ℓ: the highest level at which the key serves.</summary>
    public int Level { get; }

    /// <summary>P': the special primes in use, the first ones of the parameters.</summary>
    public RnsBasis BasisP { get; }

    /// <summary>q_0 … q_ℓ followed by P'.</summary>
    public RnsBasis Basis { get; }

    /// <summary>The limbs of each digit.</summary>
    public IReadOnlyList<Range> Digits { get; }

    /// <summary>Bytes of a key in memory: two polynomials for each digit, 4 bytes a residue where the prime is below 2^32, otherwise 8. The
    /// scalar backend takes 8 everywhere.</summary>
    public long KeyByteCount => 2L * Digits.Count * Basis.RingDegree * Basis.Moduli.Sum(q => (long)SwitchingMatrix.BytesPerValue(q));

    /// <summary>Bytes to be stored or sent of a key: residues as 64-bit integers and a seed in the place of half of them. Files, which pack
    /// residues by bits, are smaller.</summary>
    public long SeededKeyByteCount => (long)Digits.Count * Basis.Count * sizeof(ulong) * Basis.RingDegree + SeededStream.SeedByteCount;

    /// <summary>The digits that remain at a lower level, the last one possibly cut.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The level is not in 0 … ℓ.</exception>
    public IReadOnlyList<Range> DigitsAt(int level) => CutAt(level);

    // The same array for the same level. Two threads may make one each, of the same digits.
    internal Range[] CutAt(int level)
    {
        if (level < 0 || level > Level)
        {
            throw new ArgumentOutOfRangeException(nameof(level), level, $"Level {level} is not in 0 … {Level}, the levels of this layout.");
        }

        return _digitsAt[level] ??= Cut(level);
    }

    // Apart, so that the closure is made only where the array is.
    private Range[] Cut(int level) =>
        [.. Digits.Where(d => d.Start.Value <= level).Select(d => d.Start..Math.Min(d.End.Value, level + 1))];

    /// <summary>Bits of the largest digit when limbs of the given sizes are cut into at most so many digits: what the special primes must cover.</summary>
    public static double LargestDigit(ReadOnlySpan<double> limbBits, int digitCount)
    {
        double largest = 0;
        foreach (Range digit in Partition(limbBits, digitCount))
        {
            double sum = 0;
            foreach (double bits in limbBits[digit])
            {
                sum += bits;
            }

            largest = Math.Max(largest, sum);
        }

        return largest;
    }

    // The contiguous partition into at most digitCount digits whose largest has the fewest bits, by bisection over the largest.
    internal static List<Range> Partition(ReadOnlySpan<double> limbBits, int digitCount)
    {
        double low = 0;
        double high = 0;
        foreach (double bits in limbBits)
        {
            low = Math.Max(low, bits);
            high += bits;
        }

        for (int i = 0; i < 60; i++)
        {
            double middle = (low + high) / 2;
            (low, high) = Cut(limbBits, middle).Count <= digitCount ? (low, middle) : (middle, high);
        }

        return Cut(limbBits, high);
    }

    // Digits of at most `capacity` bits, greedily: no partition into such digits has fewer.
    internal static List<Range> Cut(ReadOnlySpan<double> limbBits, double capacity)
    {
        List<Range> digits = [];
        int start = 0;
        double sum = 0;
        for (int i = 0; i < limbBits.Length; i++)
        {
            if (i > start && sum + limbBits[i] > capacity)
            {
                digits.Add(start..i);
                (start, sum) = (i, 0);
            }

            sum += limbBits[i];
        }

        digits.Add(start..limbBits.Length);
        return digits;
    }
}
