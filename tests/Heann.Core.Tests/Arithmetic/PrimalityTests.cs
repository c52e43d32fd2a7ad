using System.Numerics;
using Heann.Core.Arithmetic;

namespace Heann.Core.Tests.Arithmetic;

public sealed class PrimalityTests
{
    [Fact]
    public void IsPrime_AgreesWithTheSieveOfEratosthenes()
    {
        const int Limit = 100_000;
        bool[] isComposite = new bool[Limit + 1];
        int count = 0;
        for (int n = 2; n <= Limit; n++)
        {
            for (int multiple = 2 * n; !isComposite[n] && multiple <= Limit; multiple += n)
            {
                isComposite[multiple] = true;
            }

            count += isComposite[n] ? 0 : 1;
            Assert.True(Primality.IsPrime((ulong)n) == !isComposite[n], $"{n}");
        }

        Assert.Equal(9592, count); // pi(10^5), OEIS A006880
        Assert.False(Primality.IsPrime(0));
        Assert.False(Primality.IsPrime(1));
    }

    /// <summary>
    /// OEIS A014233: the least odd composite that is a strong pseudoprime to the first k primes; Jaeschke 1993, Jiang and Deng 2014.
    /// </summary>
    public static TheoryData<int, ulong> StrongPseudoprimes => new()
    {
        { 1, 2047 }, { 2, 1373653 }, { 3, 25326001 }, { 4, 3215031751 }, { 5, 2152302898747 }, { 6, 3474749660383 },
        { 8, 341550071728321 }, { 11, 3825123056546413051 },
    };

    [Theory]
    [MemberData(nameof(StrongPseudoprimes))]
    public void IsPrime_RefusesStrongPseudoprimes(int baseCount, ulong n)
    {
        int[] primes = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31];
        Assert.All(primes[..baseCount],
            b => Assert.True(PassesStrongTest(n, b), $"{n} is no strong pseudoprime to base {b}: the list is wrong"));
        Assert.False(Primality.IsPrime(n));
    }

    /// <summary>
    /// Carmichael numbers (OEIS A002997), squares of primes, products of two near-equal primes, neighbours of the primes below.
    /// </summary>
    [Theory]
    [InlineData(561)]
    [InlineData(1105)]
    [InlineData(1729)]
    [InlineData(41041)]
    [InlineData(825265)]
    [InlineData(321197185)]
    [InlineData(4294967291UL * 4294967291UL)]
    [InlineData(4294967291UL * 4294967279UL)]
    [InlineData(37UL * 37)]
    [InlineData(41UL * 41)]
    [InlineData((1UL << 50) - 1)]
    [InlineData((1UL << 59) - 1)]
    [InlineData(ulong.MaxValue)]
    [InlineData(ulong.MaxValue - 1)]
    public void IsPrime_RefusesHardComposites(ulong n) => Assert.False(Primality.IsPrime(n));

    /// <summary>OEIS A013603: 2^n − k is the largest prime below 2^n. Every number between it and 2^n is composite.</summary>
    [Theory]
    [InlineData(25, 39)]
    [InlineData(30, 35)]
    [InlineData(36, 5)]
    [InlineData(40, 87)]
    [InlineData(49, 81)]
    [InlineData(50, 27)]
    [InlineData(61, 1)]
    [InlineData(62, 57)]
    [InlineData(63, 25)]
    [InlineData(64, 59)]
    public void IsPrime_FindsTheLargestPrimeBelowAPowerOfTwo(int bits, ulong k)
    {
        ulong last = ulong.MaxValue >> (64 - bits);
        Assert.True(Primality.IsPrime(last - k + 1));
        for (ulong n = last; n > last - k + 1; n--)
        {
            Assert.False(Primality.IsPrime(n), $"{n}");
        }
    }

    private static bool PassesStrongTest(BigInteger n, BigInteger b)
    {
        BigInteger odd = n - 1;
        int twos = 0;
        while (odd.IsEven)
        {
            odd /= 2;
            twos++;
        }

        return BigInteger.ModPow(b, odd, n).IsOne || Enumerable.Range(0, twos).Any(i => BigInteger.ModPow(b, odd << i, n) == n - 1);
    }
}
