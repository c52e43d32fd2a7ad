using System.Numerics;
using Heann.Core.Arithmetic;
using Heann.Core.Tests.Rings;
using Heann.Gpu.Direct3D;
using static Heann.Core.Tests.Rings.RingTestKit;

namespace Heann.Gpu.Tests.Direct3D;

/// <summary>The arithmetic of shaders on word pairs against 128-bit integers: hard cases in all combinations, and many at random.</summary>
public sealed class WordsTests
{
    private static readonly ulong[] HardWords =
        [0, 1, 2, 0xFFFF, 0x10000, 0xFFFFFFFF, 0x100000000, 0x1FFFFFFFF, 0xFFFF0000FFFF, 1UL << 63, ulong.MaxValue - 1, ulong.MaxValue];

    // The largest prime of each size from 2 to 50 bits, and the smallest above the power of two below it.
    private static readonly Modulus[] Primes =
        [.. Enumerable.Range(2, 49).SelectMany(bits => new[] { Below(1UL << bits), Above(1UL << (bits - 1)) })];

    [Fact]
    public void Products_EqualUInt128()
    {
        SeededRandom random = Seeded(910);
        foreach ((ulong x, ulong y) in Pairs(random, HardWords, 200_000))
        {
            UInt128 expected = (UInt128)x * y;
            (WordPair a, WordPair b) = (WordPair.Of(x), WordPair.Of(y));
            Words.MultiplyFull(a.Lo, a.Hi, b.Lo, b.Hi, out uint p0, out uint p1, out uint p2, out uint p3);
            Assert.Equal(expected, new UInt128(Join(p2, p3), Join(p0, p1)));
            Words.MultiplyLow(a.Lo, a.Hi, b.Lo, b.Hi, out uint lo, out uint hi);
            Assert.Equal((ulong)expected, Join(lo, hi));
            Words.Subtract(a.Lo, a.Hi, b.Lo, b.Hi, out lo, out hi);
            Assert.Equal(unchecked(x - y), Join(lo, hi));
            Assert.Equal(x < y, Words.IsLess(a.Lo, a.Hi, b.Lo, b.Hi));
        }
    }

    [Fact]
    public void ModularOperations_EqualTheDefinitionForEverySizeOfPrime()
    {
        SeededRandom random = Seeded(911);
        foreach (Modulus q in Primes)
        {
            PrimeConstants prime = new(q);
            foreach ((ulong x, ulong y) in Pairs(random, [.. Extremes(q.Value), 2 % q.Value, q.Value - 2], 4_000, (long)q.Value))
            {
                (WordPair a, WordPair b) = (WordPair.Of(x), WordPair.Of(y));
                Words.AddModulo(a.Lo, a.Hi, b.Lo, b.Hi, prime.Q.Lo, prime.Q.Hi, out uint lo, out uint hi);
                Assert.Equal(q.Add(x, y), Join(lo, hi));
                Words.SubtractModulo(a.Lo, a.Hi, b.Lo, b.Hi, prime.Q.Lo, prime.Q.Hi, out lo, out hi);
                Assert.Equal(q.Subtract(x, y), Join(lo, hi));
                Words.MultiplyModulo(
                    a.Lo, a.Hi, b.Lo, b.Hi, prime.Q.Lo, prime.Q.Hi, prime.Mu.Lo, prime.Mu.Hi, prime.Shift, out lo, out hi);
                Assert.Equal(q.Multiply(x, y), Join(lo, hi));
            }
        }
    }

    // The quotient of p = x·y is short by two only if p mod 2^(b−1) is close to 2^(b−1), p mod q close to 0, and μ cut off by almost one: one
    // product in 2^30. Here p mod q < a, since x = q − a and y = ⌊m·q/a⌋; and μ = 2^113/q loses about the fraction of c²/2^34, q = 2^49 + c.
    [Fact]
    public void MultiplyModulo_ReducesTwiceWhereTheQuotientIsShortByTwo()
    {
        SeededRandom random = Seeded(913);
        Modulus q = Above((1UL << 49) + 125_000);
        PrimeConstants prime = new(q);
        UInt128 mu = Join(prime.Mu.Lo, prime.Mu.Hi);
        int shortCount = 0;
        for (int i = 0; i < 1_000_000; i++)
        {
            ulong a = (ulong)random.Next(2, 1 << 20);
            ulong m = a - (ulong)random.NextInt64(1, (long)(a / 8) + 2);
            (ulong x, ulong y) = (q.Value - a, (ulong)((UInt128)m * q.Value / a));
            UInt128 p = (UInt128)x * y;
            shortCount += p - (((p >> 49) * mu) >> 64) * q.Value >= 2 * (UInt128)q.Value ? 1 : 0;
            (WordPair left, WordPair right) = (WordPair.Of(x), WordPair.Of(y));
            Words.MultiplyModulo(
                left.Lo, left.Hi, right.Lo, right.Hi, prime.Q.Lo, prime.Q.Hi, prime.Mu.Lo, prime.Mu.Hi, prime.Shift, out uint lo, out uint hi);
            Assert.Equal(q.Multiply(x, y), Join(lo, hi));
        }

        Assert.True(shortCount > 0, $"no such product; seed {random.Seed}");
    }

    [Fact]
    public void MultiplyConstant_ReducesAnySixtyFourBits()
    {
        SeededRandom random = Seeded(912);
        foreach (Modulus q in Primes)
        {
            WordPair p = WordPair.Of(q.Value);
            foreach (ulong w in (ulong[])[.. Extremes(q.Value), (ulong)random.NextInt64((long)q.Value)])
            {
                FactorConstants factor = new(w, q);
                foreach (ulong x in HardWords.Concat(Extremes(q.Value)).Concat(Enumerable.Range(0, 500).Select(_ => Any(random))))
                {
                    WordPair a = WordPair.Of(x);
                    Words.MultiplyConstant(
                        a.Lo, a.Hi, factor.W.Lo, factor.W.Hi, factor.V.Lo, factor.V.Hi, p.Lo, p.Hi, out uint lo, out uint hi);
                    Assert.Equal(q.Multiply(x, w), Join(lo, hi));
                }
            }
        }
    }

    [Fact]
    public void ReverseBits_EqualsTheDefinition()
    {
        for (int bits = 0; bits <= 12; bits++)
        {
            for (int x = 0; x < 1 << bits; x++)
            {
                Assert.Equal((uint)Heann.Core.Rings.NttTables.ReverseBits(x, bits), Words.ReverseBits((uint)x, bits));
            }
        }
    }

    [Fact]
    public void BitLength_EqualsTheDefinition()
    {
        Assert.Equal(0, QuotientSum.BitLength(0));
        for (int bit = 0; bit < 32; bit++)
        {
            uint power = 1u << bit;
            Assert.All(
                (uint[])[power, power | 1, power | (power - 1)], x => Assert.Equal(BitOperations.Log2(x) + 1, QuotientSum.BitLength(x)));
        }
    }

    private static IEnumerable<(ulong X, ulong Y)> Pairs(Random random, ulong[] hard, int count, long? limit = null)
    {
        ulong Next() => limit is { } q ? (ulong)random.NextInt64(q) : Any(random);
        return
        [
            .. from x in hard from y in hard select (x, y),
            .. Enumerable.Range(0, count).Select(i => (i % 3 == 0 ? hard[random.Next(hard.Length)] : Next(), Next())),
        ];
    }

    // 64 bits, runs of zeros and ones among them.
    private static ulong Any(Random random)
    {
        ulong x = (ulong)random.NextInt64(long.MinValue, long.MaxValue);
        return random.Next(2) == 0 ? x : (ulong)((long)x >> random.Next(64)) << random.Next(64);
    }

    private static ulong Join(uint lo, uint hi) => ((ulong)hi << 32) | lo;

    private static Modulus Below(ulong limit)
    {
        ulong x = limit - 1;
        while (!IsPrime(x))
        {
            x--;
        }

        return new(x);
    }

    private static Modulus Above(ulong limit)
    {
        ulong x = limit | 1;
        while (x < 3 || !IsPrime(x))
        {
            x += 2;
        }

        return new(x);
    }

    private static bool IsPrime(ulong x)
    {
        try
        {
            return new Modulus(x).Value == x;
        }
        catch (ArgumentOutOfRangeException)
        {
            return false;
        }
    }
}
