using System.Numerics;
using Heann.Core.Arithmetic;
using Heann.Core.Tests.Rings;

namespace Heann.Core.Tests.Arithmetic;

public sealed class PrimeSearchTests
{
    // The primes below 2^15 are enough to divide out every composite below 2^30.
    private static readonly ulong[] SmallPrimes =
        [.. Enumerable.Range(2, 32766).Where(n => Enumerable.Range(2, (int)Math.Sqrt(n) - 1).All(d => n % d != 0)).Select(n => (ulong)n)];

    /// <summary>How many primes of exactly b bits are 1 mod 2N, b = 25 … 30: the figures of the design for N = 2^15, 2^16, 2^17.</summary>
    public static TheoryData<int, int[]> Counts => new()
    {
        { 15, [33, 47, 118, 229, 389, 784] },
        { 16, [18, 22, 60, 124, 183, 395] },
        { 17, [8, 10, 32, 61, 90, 211] },
    };

    [Theory]
    [MemberData(nameof(Counts))]
    public void Descending_FindsEveryPrimeOfASizeAndNoMore(int logN, int[] counts)
    {
        for (int i = 0; i < counts.Length; i++)
        {
            int bitCount = PrimeSearch.MinBitCount + i;
            ulong[] expected = [.. ByTrialDivision(1UL << (bitCount - 1), 1UL << bitCount, 1 << logN).Reverse()];
            Assert.Equal(counts[i], expected.Length);
            Assert.Equal(expected, PrimeSearch.Descending(bitCount, 1 << logN, counts[i]));
            Assert.Equal(expected[..5], PrimeSearch.Descending(bitCount, 1 << logN, 5));
            string message = Assert.Throws<ArgumentException>(() => PrimeSearch.Descending(bitCount, 1 << logN, counts[i] + 1)).Message;
            Assert.Contains($"only {counts[i]} ", message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(64)]
    [InlineData(1 << 20)]
    public void Descending_ReturnsPrimesOfTheSizeInOrder(int ringDegree)
    {
        foreach (int bitCount in (int[])[36, 49, 50])
        {
            ulong[] primes = PrimeSearch.Descending(bitCount, ringDegree, 20);
            Assert.Equal(primes.OrderDescending().Distinct(), primes);
            Assert.All(primes, q =>
                Assert.Equal((true, 1UL, bitCount), (Primality.IsPrime(q), q % (2UL * (ulong)ringDegree), new Modulus(q).BitCount)));
            Assert.Equal(primes[0], Enumerable.Range(0, int.MaxValue)
                .Select(k => ((1UL << bitCount) / (2UL * (ulong)ringDegree) - 1 - (ulong)k) * (2UL * (ulong)ringDegree) + 1)
                .First(Primality.IsPrime));
        }
    }

    [Fact]
    public void Descending_LeavesOutWhatIsExcluded()
    {
        ulong[] all = PrimeSearch.Descending(30, 1 << 15, 20);
        HashSet<ulong> taken = [all[0], all[3], all[4], 17];
        Assert.Equal(all.Except(taken), PrimeSearch.Descending(30, 1 << 15, 17, taken));
        HashSet<ulong> most = [.. PrimeSearch.Descending(25, 1 << 15, 30)];
        Assert.Equal(3, PrimeSearch.Descending(25, 1 << 15, 3, most).Length);
        Assert.Contains("only 3 ", Assert.Throws<ArgumentException>(() => PrimeSearch.Descending(25, 1 << 15, 4, most)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1 << 9)]
    [InlineData(1 << 12)]
    [InlineData(1 << 15)]
    public void Nearest_SortsByDistance(int ringDegree)
    {
        SeededRandom random = RingTestKit.Seeded(ringDegree);
        ulong step = 2UL * (ulong)ringDegree;
        ulong[] known = ByTrialDivision(1 << 24, 1 << 28, ringDegree);
        ulong somePrime = known[known.Length / 2];
        double[] targets =
        [
            1 << 25, 1 << 26, (1 << 26) + 0.5, (1 << 26) + 1, (1 << 26) - 1, somePrime, somePrime - 1, somePrime + 1,
            somePrime + step * 0.9, (1 << 24) + 1, 1 << 24,
            .. Enumerable.Range(0, 40).Select(_ => (1 << 25) + random.NextDouble() * (1 << 26)),
        ];
        foreach (double target in targets)
        {
            ulong[] expected = [.. known.Where(q => q >= target / 2 && q < target * 2).OrderBy(q => Math.Abs(q - target)).ThenBy(q => q)
                .Take(12)];
            Assert.Equal(12, expected.Length);
            Assert.True(expected.SequenceEqual(PrimeSearch.Nearest(target, ringDegree, 12)), $"target {target:R}, seed {random.Seed}");
            Assert.Equal(expected[0], Assert.Single(PrimeSearch.Nearest(target, ringDegree, 1)));
            Assert.Equal(expected[2..], PrimeSearch.Nearest(target, ringDegree, 10, new HashSet<ulong>(expected[..2])));
        }
    }

    [Fact]
    public void Nearest_NamesTheCountWhenItRunsOut()
    {
        // 33 primes of 25 bits and 47 of 26 lie within a factor of two of 2^25: see the counts above.
        ulong[] all = PrimeSearch.Nearest(1 << 25, 1 << 15, 80);
        Assert.Equal(ByTrialDivision(1 << 24, 1 << 26, 1 << 15), all.Order());
        Assert.Contains("Only 80 ", Assert.Throws<ArgumentException>(() => PrimeSearch.Nearest(1 << 25, 1 << 15, 81)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Nearest_StaysBetween25And50Bits()
    {
        double top = 1L << 50;
        Assert.All(PrimeSearch.Nearest(top - 1, 1 << 15, 50), q => Assert.True(q < 1UL << 50));
        Assert.Equal(PrimeSearch.Descending(50, 1 << 15, 50), PrimeSearch.Nearest(top - 1, 1 << 15, 50));
        Assert.Equal(ByTrialDivision(1 << 24, 1 << 25, 1 << 10)[..50], PrimeSearch.Nearest(1 << 24, 1 << 10, 50));
        foreach (double target in (double[])[0, -1, 1 << 23, (1 << 24) - 1, top, 2 * top, double.NaN, double.PositiveInfinity,
            double.NegativeInfinity])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => PrimeSearch.Nearest(target, 1 << 15, 1));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-8)]
    [InlineData(3)]
    [InlineData(24)]
    [InlineData(1 << 21)]
    [InlineData(int.MinValue)]
    public void Searches_RefuseDegreesThatAreNoPowerOfTwo(int ringDegree)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => PrimeSearch.Descending(40, ringDegree, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => PrimeSearch.Nearest(1L << 40, ringDegree, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => PrimeSearch.PrimitiveRoot(new(97), ringDegree));
    }

    [Theory]
    [InlineData(24)]
    [InlineData(51)]
    [InlineData(0)]
    [InlineData(-1)]
    public void Descending_RefusesOtherSizes(int bitCount) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => PrimeSearch.Descending(bitCount, 1 << 10, 1));

    [Fact]
    public void PrimitiveRoot_HasOrder2NAndIsAPowerOfTheRootOfEveryLargerDegree()
    {
        const int Largest = 1 << 15;
        foreach (ulong q in (ulong[])[.. PrimeSearch.Descending(50, Largest, 3), .. PrimeSearch.Descending(25, Largest, 3),
            .. PrimeSearch.Nearest(1L << 36, Largest, 3)])
        {
            Modulus modulus = new(q);
            BigInteger root = PrimeSearch.PrimitiveRoot(modulus, Largest);
            for (int degree = Largest; degree >= 1; degree /= 2)
            {
                BigInteger own = PrimeSearch.PrimitiveRoot(modulus, degree);
                Assert.Equal(q - 1, BigInteger.ModPow(own, degree, q)); // −1: so the order divides 2N and no N
                Assert.Equal(BigInteger.ModPow(root, Largest / degree, q), own);
                Assert.Equal(RingTestKit.Root(q, degree), own);
            }
        }
    }

    [Fact]
    public void PrimitiveRoot_RefusesPrimesThatAreNot1Mod2N()
    {
        Assert.Equal(16UL, PrimeSearch.PrimitiveRoot(new(17), 1));
        string message = Assert.Throws<ArgumentException>(() => PrimeSearch.PrimitiveRoot(new(17), 16)).Message;
        Assert.Contains("17", message, StringComparison.Ordinal);
        Assert.Contains("32", message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => PrimeSearch.PrimitiveRoot(null!, 16));
    }

    // Ascending primes of [low, high) that are 1 mod 2N, low ≥ 2^15 and high ≤ 2^30.
    private static ulong[] ByTrialDivision(ulong low, ulong high, int ringDegree)
    {
        ulong step = 2UL * (ulong)ringDegree;
        List<ulong> primes = [];
        for (ulong q = (low + step - 2) / step * step + 1; q < high; q += step)
        {
            if (!SmallPrimes.TakeWhile(p => p * p <= q).Any(p => q % p == 0))
            {
                primes.Add(q);
            }
        }

        return [.. primes];
    }
}
