using System.Collections.Concurrent;
using System.Numerics;
using Heann.Core.Arithmetic;
using Heann.Core.Rings;

namespace Heann.Core.Tests.Rings;

/// <summary>A random source that remembers its seed, so that a failing assertion can print it.</summary>
public sealed class SeededRandom(int seed) : Random(seed)
{
    /// <summary>The seed.</summary>
    public int Seed { get; } = seed;
}

/// <summary>
/// Bases, random residues and naive twins for tests of rings: BigInteger arithmetic and sums from the definitions, nothing shared with the
/// library.
/// </summary>
public static class RingTestKit
{
    // Every size class the library allows, the extremes among them, in an order that mixes them within any basis.
    private static readonly int[] BitCounts = [50, 25, 37, 28, 45, 49, 31, 40];

    private static readonly ConcurrentDictionary<(int, int), RnsBasis> Bases = new();

    /// <summary>A random source for one test case. Set HEANN_TEST_SEED to an integer to run all tests on other values.</summary>
    public static SeededRandom Seeded(params ReadOnlySpan<int> parts)
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("HEANN_TEST_SEED"), out int offset) ? offset : 0;
        foreach (int part in parts)
        {
            seed = unchecked(seed * 31 + part + 17);
        }

        return new(seed);
    }

    /// <summary>
    /// The basis of <paramref name="limbCount"/> primes of 25 to 50 bits, sizes mixed; which size comes first depends on the degree.
    /// </summary>
    public static RnsBasis Basis(int degree, int limbCount) => Bases.GetOrAdd((degree, limbCount), static key =>
    {
        int first = BitOperations.Log2((uint)key.Item1);
        return BasisOfSizes(key.Item1, [.. Enumerable.Range(first, key.Item2).Select(i => BitCounts[i % BitCounts.Length])]);
    });

    /// <summary>The largest primes of the given sizes.</summary>
    public static RnsBasis BasisOfSizes(int degree, params int[] bitCounts)
    {
        HashSet<ulong> taken = [];
        List<ulong> primes = [];
        foreach (int bitCount in bitCounts)
        {
            ulong prime = PrimeSearch.Descending(bitCount, degree, 1, taken)[0];
            taken.Add(prime);
            primes.Add(prime);
        }

        return new(degree, primes);
    }

    /// <summary>Canonical residues, limb after limb; one in four is 0, 1, q − 1 or (q ± 1)/2.</summary>
    public static ulong[] RandomResidues(Random random, RnsBasis basis) => Fill(basis, q => random.Next(4) == 0
        ? Extremes(q)[random.Next(5)]
        : (ulong)random.NextInt64((long)q));

    /// <summary>Seven residue vectors: all 0, all 1, all q − 1, all (q − 1)/2, all (q + 1)/2, extremes at random, and anything.</summary>
    public static ulong[][] Patterns(Random random, RnsBasis basis) =>
    [
        .. Enumerable.Range(0, 5).Select(i => Fill(basis, q => Extremes(q)[i])),
        Fill(basis, q => Extremes(q)[random.Next(5)]),
        RandomResidues(random, basis),
    ];

    /// <summary>0, 1, q − 1, (q − 1)/2, (q + 1)/2.</summary>
    public static ulong[] Extremes(ulong q) => [0, 1, q - 1, (q - 1) / 2, (q + 1) / 2];

    /// <summary>Residues from a function of prime, limb and position whose values need not be reduced.</summary>
    public static ulong[] Expect(RnsBasis basis, Func<BigInteger, int, int, BigInteger> value)
    {
        int degree = basis.RingDegree;
        ulong[] residues = new ulong[basis.Count * degree];
        for (int limb = 0; limb < basis.Count; limb++)
        {
            for (int k = 0; k < degree; k++)
            {
                residues[limb * degree + k] = Mod(value(basis[limb].Value, limb, k), basis[limb].Value);
            }
        }

        return residues;
    }

    /// <summary>The residues of integers modulo every prime.</summary>
    public static ulong[] Reduce(RnsBasis basis, BigInteger[] coefficients) => Expect(basis, (_, _, k) => coefficients[k]);

    /// <summary>x mod q in [0, q).</summary>
    public static ulong Mod(BigInteger x, BigInteger q)
    {
        BigInteger remainder = BigInteger.Remainder(x, q);
        return (ulong)(remainder.Sign < 0 ? remainder + q : remainder);
    }

    /// <summary>The values of one limb.</summary>
    public static ulong[] Limb(RnsBasis basis, ulong[] residues, int limb) =>
        residues[(limb * basis.RingDegree)..((limb + 1) * basis.RingDegree)];

    /// <summary>A compact operand written out: every value repeated N/M times within its limb.</summary>
    public static ulong[] Expand(RnsBasis compact, ulong[] residues, int degree) =>
        [.. residues.SelectMany(value => Enumerable.Repeat(value, degree / compact.RingDegree))];

    /// <summary>The integers of (−D/2, D/2] with the given residues, by the Chinese remainder theorem.</summary>
    public static BigInteger[] Lift(RnsBasis basis, ulong[] residues)
    {
        BigInteger product = basis.Moduli.Aggregate(BigInteger.One, (p, q) => p * q.Value);
        BigInteger[] idempotents = [.. basis.Moduli.Select(q =>
            product / q.Value * BigInteger.ModPow(product / q.Value, q.Value - 2, q.Value))];
        return [.. Enumerable.Range(0, basis.RingDegree).Select(k =>
        {
            BigInteger sum = 0;
            for (int limb = 0; limb < basis.Count; limb++)
            {
                sum += residues[limb * basis.RingDegree + k] * idempotents[limb];
            }

            sum %= product;
            return 2 * sum > product ? sum - product : sum;
        })];
    }

    /// <summary>ψ = g^((q − 1)/2N) for the least quadratic non-residue g: the root that NttTables names.</summary>
    public static BigInteger Root(BigInteger q, int degree)
    {
        BigInteger g = 2;
        while (BigInteger.ModPow(g, (q - 1) / 2, q) != q - 1)
        {
            g++;
        }

        return BigInteger.ModPow(g, (q - 1) / (2 * degree), q);
    }

    /// <summary>The reversal of the lowest bits of x.</summary>
    public static int ReverseBits(int x, int bitCount) =>
        bitCount == 0 ? 0 : Convert.ToInt32(new string([.. Convert.ToString(x, 2).PadLeft(bitCount, '0').Reverse()]), 2);

    /// <summary>The transform by its definition: out[i] = Σ_k a_k ψ^(k·(2·brv(i)+1)), N² products.</summary>
    public static ulong[] EvaluateAtRoots(RnsBasis basis, ulong[] coefficients)
    {
        int degree = basis.RingDegree;
        int logN = BitOperations.Log2((uint)degree);
        ulong[] values = new ulong[coefficients.Length];
        for (int limb = 0; limb < basis.Count; limb++)
        {
            ulong q = basis[limb].Value;
            ulong[] powers = RootPowers(q, degree);
            for (int i = 0; i < degree; i++)
            {
                int point = 2 * ReverseBits(i, logN) + 1;
                UInt128 sum = 0; // 2^20 products of 100 bits at most: below 2^120
                for (int k = 0; k < degree; k++)
                {
                    sum += (UInt128)coefficients[limb * degree + k] * powers[(int)((long)k * point % (2 * degree))];
                }

                values[limb * degree + i] = (ulong)(sum % q);
            }
        }

        return values;
    }

    /// <summary>Value i of the transform of one limb, alone.</summary>
    public static ulong EvaluateAtRoot(ulong q, ulong[] coefficients, int i)
    {
        int degree = coefficients.Length;
        BigInteger point = BigInteger.ModPow(Root(q, degree), 2 * ReverseBits(i, BitOperations.Log2((uint)degree)) + 1, q);
        ulong value = 0;
        for (int k = degree - 1; k >= 0; k--)
        {
            value = (ulong)(((UInt128)value * (ulong)point + coefficients[k]) % q);
        }

        return value;
    }

    /// <summary>The product modulo X^N + 1, term by term.</summary>
    public static ulong[] Schoolbook(RnsBasis basis, ulong[] x, ulong[] y)
    {
        int degree = basis.RingDegree;
        ulong[] product = new ulong[x.Length];
        for (int limb = 0; limb < basis.Count; limb++)
        {
            ulong q = basis[limb].Value;
            int start = limb * degree;
            for (int k = 0; k < degree; k++)
            {
                UInt128 positive = 0;
                UInt128 negative = 0;
                for (int i = 0; i < degree; i++)
                {
                    UInt128 term = (UInt128)x[start + i] * y[start + ((k - i) & (degree - 1))];
                    positive += i <= k ? term : 0;
                    negative += i <= k ? 0 : term;
                }

                product[start + k] = (ulong)((positive % q + q - negative % q) % q);
            }
        }

        return product;
    }

    /// <summary>x(X^g) in Coefficient form: coefficient i goes to i·g mod 2N, X^N = −1.</summary>
    public static ulong[] Substitute(RnsBasis basis, ulong[] x, BigInteger exponent)
    {
        int degree = basis.RingDegree;
        ulong[] result = new ulong[x.Length];
        for (int limb = 0; limb < basis.Count; limb++)
        {
            for (int i = 0; i < degree; i++)
            {
                int target = (int)(i * exponent % (2 * degree));
                ulong value = x[limb * degree + i];
                result[limb * degree + target % degree] = target < degree ? value : Mod(-(BigInteger)value, basis[limb].Value);
            }
        }

        return result;
    }

    /// <summary>
    /// The integers that <see cref="BasisConversion"/> defines, the sums in BigInteger. Asserts on the way that they are the centred lift,
    /// or within k(k + 3)·2^(−55)·D of ±D/2 perhaps its neighbour.
    /// </summary>
    public static BigInteger[] LiftAsDefined(RnsBasis source, ulong[] residues)
    {
        BigInteger product = source.Moduli.Aggregate(BigInteger.One, (p, q) => p * q.Value);
        BigInteger window = source.Count == 1 ? 0 : (product * source.Count * (source.Count + 3) >> 55) + 1;
        BigInteger[] centred = Lift(source, residues);
        BigInteger[] lifts = new BigInteger[source.RingDegree];
        for (int k = 0; k < lifts.Length; k++)
        {
            double quotient = 0;
            for (int i = 0; i < source.Count; i++)
            {
                BigInteger d = source[i].Value;
                BigInteger y = residues[i * source.RingDegree + k] * BigInteger.ModPow(product / d, d - 2, d) % d;
                y = 2 * y > d ? y - d : y;
                lifts[k] += y * (product / d);
                quotient = Math.FusedMultiplyAdd((double)y, 1.0 / (double)d, quotient);
            }

            lifts[k] -= new BigInteger(Math.Round(quotient, MidpointRounding.ToEven)) * product;
            BigInteger neighbour = centred[k] - centred[k].Sign * product;
            Assert.True(
                lifts[k] == centred[k] || (lifts[k] == neighbour && BigInteger.Abs(centred[k]) > product / 2 - window),
                $"{lifts[k]} is no lift of {centred[k]} modulo {product}");
        }

        return lifts;
    }

    /// <summary>A polynomial holding the given residues.</summary>
    public static RnsPolynomial Upload(RingBackend backend, RnsBasis basis, ulong[] residues, Domain domain = Domain.Coefficient)
    {
        RnsPolynomial polynomial = new(backend, basis, domain);
        backend.Upload(residues, polynomial.Block);
        return polynomial;
    }

    /// <summary>Fails on the first residue that differs, naming limb, prime, position, both values and the seed.</summary>
    public static void AssertResidues(RnsBasis basis, ulong[] expected, ulong[] actual, string what, SeededRandom random)
    {
        Assert.Equal(expected.Length, actual.Length);
        int at = expected.AsSpan().CommonPrefixLength(actual);
        if (at != expected.Length)
        {
            int limb = at / basis.RingDegree;
            Assert.Fail(
                $"{what}: limb {limb} of {basis.Count} (q = {basis[limb]}, {basis[limb].BitCount} bits), position {at % basis.RingDegree} of {basis.RingDegree}: "
                + $"expected {expected[at]}, got {actual[at]}; seed {random.Seed}.");
        }
    }

    private static ulong[] RootPowers(ulong q, int degree)
    {
        ulong root = (ulong)Root(q, degree);
        ulong[] powers = new ulong[2 * degree];
        powers[0] = 1;
        for (int i = 1; i < powers.Length; i++)
        {
            powers[i] = (ulong)((UInt128)powers[i - 1] * root % q);
        }

        return powers;
    }

    private static ulong[] Fill(RnsBasis basis, Func<ulong, ulong> next)
    {
        ulong[] residues = new ulong[basis.Count * basis.RingDegree];
        for (int i = 0; i < residues.Length; i++)
        {
            residues[i] = next(basis[i / basis.RingDegree].Value);
        }

        return residues;
    }
}
