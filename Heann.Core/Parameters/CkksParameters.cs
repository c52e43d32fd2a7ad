using System.Collections.Concurrent;
using System.Globalization;
using System.Numerics;
using Heann.Core.Arithmetic;
using Heann.Core.Rings;
using Heann.Core.Sampling;

namespace Heann.Core.Parameters;

/// <summary>A set of CKKS parameters: ring degree, primes, special primes, digits and default scale, proven secure when it was made.</summary>
/// <remarks>
/// The only ways in are <see cref="Create"/> and <see cref="ParamGen"/>, which refuse what <see cref="SecurityTable"/> does not allow, and
/// <see cref="CreateInsecure"/> for tests. Secrets are dense uniform ternary, errors discrete Gaussian with σ = 3.2. Immutable, thread-safe.
/// </remarks>
public sealed class CkksParameters
{
    /// <summary>Standard deviation of the error of every RLWE sample.</summary>
    public const double ErrorSigma = GaussianSampler.StandardDeviation;

    private readonly ConcurrentDictionary<int, KeySwitchLayout> _layouts = new();

    private CkksParameters(RnsBasis basisQ, RnsBasis basisP, int digitCount, Scale defaultScale, bool isInsecure)
    {
        BasisQ = basisQ;
        BasisP = basisP;
        BasisQP = basisQ.Concat(basisP);
        DigitCount = digitCount;
        DefaultScale = defaultScale;
        Id = ParametersId.Compute(SeededStream.ExpanderId, basisQ, basisP, digitCount);
        SecurityBits = isInsecure ? 0 : SecurityTable.SecurityBits(LogN, BasisQP.Log2);
        _ = KeySwitchLayoutAt(MaxLevel);
    }

    /// <summary>log2 N.</summary>
    public int LogN => BitOperations.Log2((uint)RingDegree);

    /// <summary>N.</summary>
    public int RingDegree => BasisQ.RingDegree;

    /// <summary>N/2 complex values.</summary>
    public int SlotCount => RingDegree / 2;

    /// <summary>q_0 … q_L.</summary>
    public RnsBasis BasisQ { get; }

    /// <summary>The special primes p_0 … p_(K−1).</summary>
    public RnsBasis BasisP { get; }

    /// <summary>Q followed by P.</summary>
    public RnsBasis BasisQP { get; }

    /// <summary>dnum: the largest number of digits of a key-switching key.</summary>
    public int DigitCount { get; }

    /// <summary>L: rescalings that a fresh ciphertext allows.</summary>
    public int MaxLevel => BasisQ.Count - 1;

    /// <summary>The scale at which messages are encoded unless another is given.</summary>
    public Scale DefaultScale { get; }

    /// <summary>Identity of the set.</summary>
    public ParametersId Id { get; }

    /// <summary>Classical security in bits, by the table: 128, 192 or 256; 0 for a set made by <see cref="CreateInsecure"/>.</summary>
    public int SecurityBits { get; }

    /// <summary>Creates a set from the sizes of its primes.</summary>
    /// <param name="logN">log2 N, 10 … 17.</param>
    /// <param name="primeBits">Sizes of q_0 … q_L in bits, 25 … 50 each: the primes nearest to 2^bits are taken, in this order. q_0 stays to the last level.</param>
    /// <param name="specialPrimeBits">Sizes of the special primes; together they must cover the largest digit.</param>
    /// <param name="digitCount">dnum ≥ 1.</param>
    /// <param name="defaultScale">Scale of fresh encodings.</param>
    /// <param name="securityBits">The level to be reached: 128, 192 or 256.</param>
    /// <exception cref="InsufficientSecurityException">log2(QP) exceeds the limit of the table; the message names both.</exception>
    /// <exception cref="ArgumentException">Sizes out of range, primes exhausted, or P too small for the digits.</exception>
    public static CkksParameters Create(
        int logN, IReadOnlyList<int> primeBits, IReadOnlyList<int> specialPrimeBits, int digitCount, Scale defaultScale, int securityBits = 128)
    {
        int limit = SecurityTable.MaxLog2(logN, securityBits);
        CkksParameters parameters = Build(logN, primeBits, specialPrimeBits, digitCount, defaultScale, isInsecure: false);
        if (parameters.BasisQP.Log2 > limit)
        {
            throw new InsufficientSecurityException(string.Create(
                CultureInfo.InvariantCulture,
                $"log2(QP) = {parameters.BasisQ.Log2:F1} + {parameters.BasisP.Log2:F1} = {parameters.BasisQP.Log2:F1} bits exceeds {limit}, the limit for N = 2^{logN} at {securityBits}-bit security; use fewer or smaller primes, or a larger N."));
        }

        return parameters;
    }

    /// <summary>Creates a set without any claim of security. <b>For tests only.</b></summary>
    /// <remarks>log2 N may be as small as 3.</remarks>
    public static CkksParameters CreateInsecure(
        int logN, IReadOnlyList<int> primeBits, IReadOnlyList<int> specialPrimeBits, int digitCount, Scale defaultScale) =>
        Build(logN, primeBits, specialPrimeBits, digitCount, defaultScale, isInsecure: true);

    // From the primes themselves, for a set that was written; the caller checks security. Throws ArgumentException as Create does.
    internal static CkksParameters FromPrimes(int ringDegree, (ulong[] Primes, ulong[] Special) primes, int digitCount, Scale defaultScale, bool isInsecure) =>
        new(new RnsBasis(ringDegree, primes.Primes), new RnsBasis(ringDegree, primes.Special), digitCount, defaultScale, isInsecure);

    /// <summary>The primes q_0 … q_ℓ.</summary>
    /// <exception cref="ArgumentOutOfRangeException">ℓ is not in 0 … L.</exception>
    public RnsBasis BasisAt(int level)
    {
        RequireLevel(level, nameof(level));
        return BasisQ.Take(level + 1);
    }

    /// <summary>Digits and special primes of a key-switching key that serves level ℓ and below.</summary>
    public KeySwitchLayout KeySwitchLayoutAt(int level)
    {
        RequireLevel(level, nameof(level));
        return _layouts.GetOrAdd(level, CreateLayout);
    }

    /// <summary>For people: ring degree, sizes, security.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"CKKS N = 2^{LogN}, log Q = {BasisQ.Log2:F0}, log QP = {BasisQP.Log2:F0}, {MaxLevel} levels, dnum {DigitCount}, {(SecurityBits == 0 ? "INSECURE" : SecurityBits + "-bit")}, {Id}");

    internal void RequireLevel(int level, string name)
    {
        if (level < 0 || level > MaxLevel)
        {
            Throw.LevelOutOfRange(level, MaxLevel, name);
        }
    }

    private static CkksParameters Build(
        int logN, IReadOnlyList<int> primeBits, IReadOnlyList<int> specialPrimeBits, int digitCount, Scale defaultScale, bool isInsecure)
    {
        ArgumentNullException.ThrowIfNull(primeBits);
        ArgumentNullException.ThrowIfNull(specialPrimeBits);
        int minLogN = isInsecure ? 3 : SecurityTable.MinLogN;
        if (logN < minLogN || logN > SecurityTable.MaxLogN)
        {
            throw new ArgumentOutOfRangeException(nameof(logN), logN, $"Ring degrees are 2^{minLogN} to 2^{SecurityTable.MaxLogN}; got 2^{logN}.");
        }

        if (primeBits.Count == 0 || specialPrimeBits.Count == 0 || digitCount < 1 || digitCount > primeBits.Count)
        {
            throw new ArgumentException(
                $"A set needs a prime, a special prime and 1 to {primeBits.Count} digits; got {primeBits.Count}, {specialPrimeBits.Count} and {digitCount}.");
        }

        if (!(defaultScale.Value > 0))
        {
            throw new ArgumentOutOfRangeException(nameof(defaultScale), "The scale is default(Scale), which is none; make one with Scale.FromLog2.");
        }

        int ringDegree = 1 << logN;
        (ulong[] primes, ulong[] special) = FindPrimes(ringDegree, primeBits, specialPrimeBits);
        return new(new RnsBasis(ringDegree, primes), new RnsBasis(ringDegree, special), digitCount, defaultScale, isInsecure);
    }

    // Special primes first: of equal sizes they get the larger ones where 50 bits are asked for, and cover a digit of that size.
    internal static (ulong[] Primes, ulong[] Special) FindPrimes(int ringDegree, IReadOnlyList<int> primeBits, IReadOnlyList<int> specialPrimeBits)
    {
        HashSet<ulong> taken = [];
        ulong[] special = FindPrimes(specialPrimeBits, ringDegree, taken);
        return (FindPrimes(primeBits, ringDegree, taken), special);
    }

    // One search per size, so that equal sizes get the nearest primes in order.
    private static ulong[] FindPrimes(IReadOnlyList<int> bits, int ringDegree, HashSet<ulong> taken)
    {
        foreach (int b in bits)
        {
            if (b is < PrimeSearch.MinBitCount or > Modulus.MaxBitCount)
            {
                throw new ArgumentException($"Primes have {PrimeSearch.MinBitCount} to {Modulus.MaxBitCount} bits; {b} were asked for.", nameof(bits));
            }
        }

        Dictionary<int, Queue<ulong>> found = bits.GroupBy(b => b).ToDictionary(
            group => group.Key,
            group =>
            {
                // 2^50 itself is above every prime allowed.
                double target = Math.Min(Math.Pow(2, group.Key), Math.Pow(2, Modulus.MaxBitCount) - 1);
                ulong[] primes = PrimeSearch.Nearest(target, ringDegree, group.Count(), taken);
                taken.UnionWith(primes);
                return new Queue<ulong>(primes);
            });
        return [.. bits.Select(b => found[b].Dequeue())];
    }

    private KeySwitchLayout CreateLayout(int level)
    {
        double[] bits = [.. BasisQ.Moduli.Take(level + 1).Select(q => q.Log2)];
        List<Range> digits = KeySwitchLayout.Partition(bits, DigitCount);
        double largest = digits.Max(d => bits[d].Sum());
        double special = 0;
        for (int count = 1; count <= BasisP.Count; count++)
        {
            special += BasisP[count - 1].Log2;
            if (special >= largest)
            {
                return new(digits, BasisAt(level), BasisP.Take(count));
            }
        }

        throw new ArgumentException(string.Create(
            CultureInfo.InvariantCulture,
            $"The special primes have {special:F1} bits together and the largest of {digits.Count} digits at level {level} has {largest:F1}; add special primes or digits."));
    }
}
