using System.Globalization;
using System.Numerics;
using Heann.Core.Arithmetic;
using Heann.Core.Tests.Rings;

namespace Heann.Core.Tests.Arithmetic;

public sealed class ModulusTests
{
    /// <summary>3, 5, 97, a prime of every tenth size, the largest below 2^49 and 2^50 (OEIS A013603).</summary>
    public static TheoryData<ulong> Primes =>
    [
        3, 5, 97, 65537, (1UL << 25) - 39, (1UL << 30) - 35, (1UL << 36) - 5, (1UL << 40) - 87, (1UL << 49) - 81, (1UL << 50) - 27,
    ];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(9)]
    [InlineData(561)]
    [InlineData(3215031751)]
    [InlineData((1UL << 50) - 1)]
    [InlineData(1UL << 50)]
    [InlineData((1UL << 61) - 1)]
    [InlineData(ulong.MaxValue)]
    public void Constructor_RefusesWhatIsNoOddPrimeBelow2To50(ulong value)
    {
        ArgumentOutOfRangeException exception = Assert.Throws<ArgumentOutOfRangeException>(() => new Modulus(value));
        Assert.Equal("value", exception.ParamName);
        Assert.Contains(value.ToString(CultureInfo.InvariantCulture), exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_RefusesTheFirstPrimeOf51Bits()
    {
        ulong prime = (1UL << 50) + 1;
        while (!Primality.IsPrime(prime))
        {
            prime += 2;
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => new Modulus(prime));
    }

    [Theory]
    [MemberData(nameof(Primes))]
    public void Properties_DescribeThePrime(ulong value)
    {
        Modulus q = new(value);
        Assert.Equal(value, q.Value);
        Assert.Equal((int)((BigInteger)value).GetBitLength(), q.BitCount);
        Assert.Equal(BigInteger.Log(value, 2), q.Log2, 12);
        // The double nearest to 1/q: no neighbour is nearer. |q·r − 1| in exact arithmetic, r = m·2^e.
        Assert.True(Distance(q.Reciprocal) <= Distance(Math.BitIncrement(q.Reciprocal)));
        Assert.True(Distance(q.Reciprocal) <= Distance(Math.BitDecrement(q.Reciprocal)));
        Assert.Equal(value.ToString(CultureInfo.InvariantCulture), q.ToString());
        Assert.Equal(q, new Modulus(value));
        Assert.Equal(q.GetHashCode(), new Modulus(value).GetHashCode());
        Assert.NotEqual(q, new Modulus(7));
        Assert.False(q.Equals(null));

        BigInteger Distance(double reciprocal) =>
            BigInteger.Abs(new BigInteger(Math.ScaleB(reciprocal, 104)) * value - (BigInteger.One << 104));
    }

    [Theory]
    [MemberData(nameof(Primes))]
    public void Arithmetic_EqualsBigInteger(ulong value)
    {
        SeededRandom random = RingTestKit.Seeded((int)(value & 0xFFFF));
        Modulus q = new(value);
        ulong[] operands = [.. RingTestKit.Extremes(value).Concat(Enumerable.Range(0, 30).Select(_ => (ulong)random.NextInt64((long)value)))
            .Distinct()];
        foreach (ulong x in operands)
        {
            Assert.Equal(RingTestKit.Mod(-(BigInteger)x, value), q.Negate(x));
            foreach (ulong y in operands)
            {
                Assert.Equal(RingTestKit.Mod((BigInteger)x + y, value), q.Add(x, y));
                Assert.Equal(RingTestKit.Mod((BigInteger)x - y, value), q.Subtract(x, y));
                Assert.Equal(RingTestKit.Mod((BigInteger)x * y, value), q.Multiply(x, y));
                Assert.Equal(BigInteger.ModPow(x, y, value), q.Power(x, y));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Primes))]
    public void Multiply_AndPowerTakeAny64BitOperand(ulong value)
    {
        SeededRandom random = RingTestKit.Seeded((int)(value & 0xFFFF), 1);
        Modulus q = new(value);
        foreach (ulong x in (ulong[])[ulong.MaxValue, ulong.MaxValue - 1, 1UL << 63, value, value + 1, (ulong)random.NextInt64() * 2 + 1])
        {
            Assert.Equal(RingTestKit.Mod((BigInteger)x * x, value), q.Multiply(x, x));
            Assert.Equal(BigInteger.ModPow(x, ulong.MaxValue, value), q.Power(x, ulong.MaxValue));
        }

        Assert.Equal(1UL, q.Power(0, 0));
    }

    [Theory]
    [MemberData(nameof(Primes))]
    public void Invert_IsTheInverseAndRefusesZero(ulong value)
    {
        SeededRandom random = RingTestKit.Seeded((int)(value & 0xFFFF), 2);
        Modulus q = new(value);
        foreach (ulong x in (ulong[])[1, 2, value - 1, (value + 1) / 2, value + 1, 1 + (ulong)random.NextInt64((long)value - 1)])
        {
            Assert.Equal(BigInteger.One, (BigInteger)q.Invert(x) * x % value);
        }

        Assert.Throws<ArgumentException>(() => q.Invert(0));
        Assert.Throws<ArgumentException>(() => q.Invert(value));
        Assert.Throws<ArgumentException>(() => q.Invert(5 * value));
    }

    [Theory]
    [MemberData(nameof(Primes))]
    public void Reduce_TakesIntegersOfEitherSignAndAnySize(ulong value)
    {
        SeededRandom random = RingTestKit.Seeded((int)(value & 0xFFFF), 3);
        Modulus q = new(value);
        long m = (long)value;
        foreach (long x in (long[])[0, 1, -1, m, -m, m - 1, 1 - m, m + 1, -m - 1, long.MaxValue, long.MinValue, random.NextInt64(),
            -random.NextInt64()])
        {
            Assert.Equal(RingTestKit.Mod(x, value), q.Reduce(x));
            Assert.Equal(RingTestKit.Mod(x, value), q.Reduce((BigInteger)x));
            BigInteger large = (BigInteger)x * long.MaxValue * long.MaxValue - 1;
            Assert.Equal(RingTestKit.Mod(large, value), q.Reduce(large));
        }
    }

    [Theory]
    [MemberData(nameof(Primes))]
    public void ReduceInteger_TakesDoublesOfAnySize(ulong value)
    {
        SeededRandom random = RingTestKit.Seeded((int)(value & 0xFFFF), 4);
        Modulus q = new(value);
        double[] special = [0, -0.0, 1, value, 8.999999999999999e15, 9.0e15, 9.000000000000002e15, 9007199254740991, 9007199254740992,
            long.MaxValue, ulong.MaxValue, double.MaxValue];
        foreach (double x in special.Concat(Enumerable.Range(0, 1024).Select(e => Math.Round(Math.ScaleB(1 + random.NextDouble(), e)))))
        {
            double finite = Math.Min(x, double.MaxValue);
            Assert.Equal(RingTestKit.Mod(new BigInteger(finite), value), q.ReduceInteger(finite));
            Assert.Equal(RingTestKit.Mod(new BigInteger(-finite), value), q.ReduceInteger(-finite));
        }
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(-1.25)]
    [InlineData(double.Epsilon)]
    [InlineData(4503599627370495.5)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void ReduceInteger_RefusesWhatIsNoInteger(double x) => Assert.Throws<ArgumentException>(() => new Modulus(97).ReduceInteger(x));

    [Theory]
    [MemberData(nameof(Primes))]
    public void Center_IsTheRepresentativeOfLeastMagnitude(ulong value)
    {
        Modulus q = new(value);
        long half = (long)(value / 2);
        Assert.Equal(0, q.Center(0));
        Assert.Equal(half, q.Center((ulong)half));
        Assert.Equal(-half, q.Center((ulong)half + 1));
        Assert.Equal(-1, q.Center(value - 1));
    }
}
