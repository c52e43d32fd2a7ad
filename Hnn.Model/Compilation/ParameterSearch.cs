using Heann.Core;
using Heann.Core.Arithmetic;
using Heann.Core.Evaluation;
using Heann.Core.Parameters;

namespace Hnn.Model.Compilation;

/// <summary>The primes for a circuit in a given ring: products as small as the precision allows, and the special primes that make key
/// switches cheapest.</summary>
/// <param name="PrimeBits">Sizes of q_0 … q_L for the size of the primes at which ciphertexts are multiplied, which is the scale's too, and
/// the size of those at which they meet weights.</param>
/// <param name="PredictError">Predicted standard deviation of what is released, with a set of such primes.</param>
/// <param name="MaxPredictedError">What it must not exceed.</param>
/// <param name="SecurityBits">128, 192 or 256.</param>
/// <remarks>Primes that only divide products with weights have 25 bits, or as few more as the precision takes: the weights' rounding is mostly
/// far below the scale's. The smaller the other primes, the more room there is for special primes, and the fewer digits every key switch
/// has; so the smallest size is taken whose predicted error is small enough, with the number of special primes that makes a key switch
/// cheapest. Where there is room in the ring, larger primes are no dearer: then both sizes grow as long as key switches do not.</remarks>
internal sealed record ParameterSearch(
    Func<int, int, int[]> PrimeBits, Func<CkksParameters, double> PredictError, double MaxPredictedError, int SecurityBits)
{
    /// <summary>Smallest size of primes at which ciphertexts meet weights.</summary>
    public const int SmallestPlainBits = 25;

    /// <summary>Smallest size of primes at which ciphertexts are multiplied.</summary>
    public const int SmallestProductBits = 30;

    private const int LargestProductBits = 40;
    private const int LargestPlainBits = 28;

    // How much dearer a key switch may become for precision that was not asked for.
    private const double FreeShare = 1.05;

    // Of the largest special primes.
    private const int SpecialBits = 50;

    /// <summary>Fewest levels' sizes, for messages: q_0 … q_L.</summary>
    public int[] SmallestPrimeBits => PrimeBits(SmallestProductBits, SmallestPlainBits);

    /// <summary>The set for a ring: precise enough, with the cheapest key switches; null if that is too large to be secure.</summary>
    public CkksParameters? Find(int logN)
    {
        for (int plainBits = PlainBits(logN); plainBits <= LargestPlainBits; plainBits++)
        {
            if (Find(logN, plainBits) is { } set)
            {
                return Widen(set, plainBits);
            }
        }

        return null;
    }

    // Larger plain primes and larger products in turn, while key switches stay as cheap and have no more digits: keys grow with those.
    private CkksParameters Widen(CkksParameters set, int plainBits)
    {
        double limit = FreeShare * KeySwitchSeconds(set);
        int productBits = (int)Math.Round(set.DefaultScale.Log2);
        bool isWider = true;
        while (isWider)
        {
            isWider = false;
            if (plainBits < LargestPlainBits && Wider(productBits, plainBits + 1) is { } plain)
            {
                (set, plainBits, isWider) = (plain, plainBits + 1, true);
            }

            if (productBits < LargestProductBits && Wider(productBits + 1, plainBits) is { } product)
            {
                (set, productBits, isWider) = (product, productBits + 1, true);
            }
        }

        return set;

        CkksParameters? Wider(int products, int plains) =>
            Fit(set.LogN, products, plains, set.DigitCount) is { } wider && KeySwitchSeconds(wider) <= limit ? wider : null;
    }

    private CkksParameters? Find(int logN, int plainBits)
    {
        // The error halves with every bit, nearly, until the weights' rounding is what remains.
        (int bits, double last) = (SmallestProductBits, double.PositiveInfinity);
        while (bits <= LargestProductBits && Fit(logN, bits, plainBits) is { } set)
        {
            double error = PredictError(set);
            if (error <= MaxPredictedError || error > 0.9 * last)
            {
                return error <= MaxPredictedError ? set : null;
            }

            bits += Math.Max(1, (int)Math.Ceiling(Math.Log2(error / MaxPredictedError) - 0.1));
            last = error;
        }

        return null;
    }

    // The set whose key switches are cheapest by the cost model. Null if none is secure.
    private CkksParameters? Fit(int logN, int productBits, int plainBits, int maxDigitCount = int.MaxValue)
    {
        int[] primeBits = PrimeBits(productBits, plainBits);
        int room = SecurityTable.MaxLog2(logN, SecurityBits) - primeBits.Sum();
        return Enumerable.Range(1, Math.Max(1, (room / SpecialBits) + 1))
            .Select(count => ParamGen.ForSpecialPrimes(logN, primeBits, count, Scale.FromLog2(productBits), SecurityBits))
            .OfType<CkksParameters>()
            .Where(set => set.DigitCount <= maxDigitCount)
            .MinBy(KeySwitchSeconds);
    }

    // A key switch at the top level: the digits' transforms and conversions, the inner product, the division by P.
    private static double KeySwitchSeconds(CkksParameters set)
    {
        KeySwitchLayout layout = set.KeySwitchLayoutAt(set.MaxLevel);
        (int limbs, int special) = (set.MaxLevel + 1, layout.BasisP.Count);
        int extended = limbs + special;
        IReadOnlyList<Range> digits = layout.DigitsAt(set.MaxLevel);
        double conversions = digits.Sum(digit => (digit.End.Value - digit.Start.Value) * (double)(extended - digit.End.Value + digit.Start.Value));
        return CostModel.Default(1).Seconds(
            set.RingDegree, (digits.Count + 2.0) * extended, conversions + (2.0 * digits.Count * extended) + (2.0 * special * limbs));
    }

    // The smallest size of which the ring has enough primes, nearby sizes included.
    private int PlainBits(int logN)
    {
        int count = SmallestPrimeBits.Count(bits => bits == SmallestPlainBits);
        for (int bits = SmallestPlainBits; bits < LargestPlainBits; bits++)
        {
            try
            {
                _ = PrimeSearch.Nearest(Math.Pow(2, bits), 1 << logN, count);
                return bits;
            }
            catch (ArgumentException)
            {
                // Too few: the next size has about twice as many.
            }
        }

        return LargestPlainBits;
    }
}
