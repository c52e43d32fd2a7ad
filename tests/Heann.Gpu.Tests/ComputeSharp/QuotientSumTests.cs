using System.Numerics;
using Heann.Core.Tests.Rings;
using Heann.Gpu.Direct3D;
using static Heann.Core.Tests.Rings.RingTestKit;

namespace Heann.Gpu.Tests.Direct3D;

/// <summary>The integer form of the fused multiply-add and of the rounding, bit for bit against the processor's.</summary>
public sealed class QuotientSumTests
{
    private static readonly ulong[] HardDivisors =
    [
        3, 5, 7, 11, 17, 127, 257, 65537, (1UL << 32) - 5, (1UL << 49) - 1, (1UL << 49) + 1, (1UL << 50) - 27, (1UL << 50) - 1,
    ];

    // Two million sums of one term: any s that chains can reach, and beyond, in every relation of exponents to the product.
    [Fact]
    public void MultiplyAdd_EqualsTheProcessorsForAnySum()
    {
        SeededRandom random = Seeded(920);
        for (int i = 0; i < 2_000_000; i++)
        {
            ulong d = Divisor(random);
            double reciprocal = 1.0 / d;
            long y = Residue(random, d);
            double s = Sum(random, y * reciprocal);
            AssertStep(y, reciprocal, s, random);
        }
    }

    // s chosen so that the exact sum lies on or beside the middle of two doubles.
    [Fact]
    public void MultiplyAdd_RoundsTiesToEven()
    {
        SeededRandom random = Seeded(921);
        for (int i = 0; i < 300_000; i++)
        {
            // y·m·2^e with y = 2^a: the product has 53 bits, and s·ulp puts its last bit at any place below the sum's.
            ulong d = Divisor(random);
            double reciprocal = 1.0 / d;
            long y = 1L << random.Next(BitOperations.Log2(d / 2 + 1) + 1);
            y = y > (long)(d / 2) ? 1 : y;
            double unit = Math.BitIncrement(y * reciprocal) - (y * reciprocal);
            double s = Representable(Math.ScaleB(unit, 53 + random.Next(4)) + Math.ScaleB(unit, random.Next(54)));
            s = random.Next(2) == 0 ? s : -s;
            AssertStep(random.Next(2) == 0 ? y : -y, reciprocal, s, random);
        }
    }

    [Fact]
    public void MultiplyAdd_EqualsTheProcessorsForHardOperands()
    {
        SeededRandom random = Seeded(922);
        foreach (ulong d in HardDivisors)
        {
            double reciprocal = 1.0 / d;
            long top = (long)(d / 2);
            foreach (long magnitude in new[] { 0, 1, 2, top - 1, top, top / 2, top / 3 }.Where(m => m >= 0 && m <= top))
            {
                foreach (long y in (long[])[magnitude, -magnitude])
                {
                    double product = y * reciprocal;
                    double[] sums =
                    [
                        0, 0.5, -0.5, 1, -1, 32, -32, 0.25, product, -product, Math.BitIncrement(-product), Math.BitDecrement(-product),
                        2 * product, -2 * product, Math.BitDecrement(0.5), Math.BitIncrement(0.5), Math.BitDecrement(1),
                        Math.BitIncrement(-1), Math.ScaleB(1, -102), -Math.ScaleB(3, -102),
                    ];
                    Assert.All(sums, s => AssertStep(y, reciprocal, Representable(s), random));
                }
            }
        }
    }

    // Whole chains, as a conversion runs them, and their quotients.
    [Fact]
    public void Chains_GiveTheProcessorsQuotient()
    {
        SeededRandom random = Seeded(923);
        for (int i = 0; i < 40_000; i++)
        {
            double expected = 0;
            UInt128 actual = 0;
            int count = random.Next(1, 40);
            for (int k = 0; k < count; k++)
            {
                ulong d = Divisor(random);
                long y = random.Next(3) == 0 ? (random.Next(2) == 0 ? 1 : -1) * (long)(d / 2) : Residue(random, d);
                expected = Math.FusedMultiplyAdd(y, 1.0 / d, expected);
                actual = Step(actual, y, 1.0 / d);
                double value = ToDouble(actual);
                Assert.True(value == expected, $"term {k} of {count}: {value:R}, not {expected:R}; seed {random.Seed}");
            }

            AssertQuotient(actual);
        }
    }

    [Fact]
    public void Quotient_RoundsTiesToEven()
    {
        foreach (double s in (double[])[0, 0.5, 1.5, 2.5, 3.5, 31.5, 100.5, 0.25, 0.75, 1, 2, 1e6, 1e6 + 0.5])
        {
            foreach (double near in (double[])[s, Math.BitIncrement(s), Math.BitDecrement(s)])
            {
                AssertQuotient(FromDouble(Representable(near)));
                AssertQuotient(FromDouble(Representable(-near)));
            }
        }
    }

    private static void AssertQuotient(UInt128 s)
    {
        uint magnitude = QuotientSum.Quotient(Word(s, 0), Word(s, 1), Word(s, 2), Word(s, 3), out bool isNegative);
        Assert.Equal((long)Math.Round(ToDouble(s), MidpointRounding.ToEven), isNegative ? -(long)magnitude : magnitude);
    }

    private static void AssertStep(long y, double reciprocal, double s, SeededRandom random)
    {
        double expected = Math.FusedMultiplyAdd(y, reciprocal, s);
        double actual = ToDouble(Step(FromDouble(s), y, reciprocal));
        if (actual != expected)
        {
            Assert.Fail($"fma({y}, {reciprocal:R}, {s:R}) is {expected:R}, not {actual:R}; seed {random.Seed}");
        }
    }

    private static UInt128 Step(UInt128 s, long y, double reciprocal)
    {
        ulong bits = BitConverter.DoubleToUInt64Bits(reciprocal);
        WordPair m = WordPair.Of((bits & ((1UL << 52) - 1)) | (1UL << 52));
        WordPair magnitude = WordPair.Of((ulong)Math.Abs(y));
        (uint s0, uint s1, uint s2, uint s3) = (Word(s, 0), Word(s, 1), Word(s, 2), Word(s, 3));
        QuotientSum.MultiplyAdd(
            magnitude.Lo, magnitude.Hi, y < 0, m.Lo, m.Hi, (int)(bits >> 52) - 1075 + 102, ref s0, ref s1, ref s2, ref s3);
        return new(((ulong)s3 << 32) | s2, ((ulong)s1 << 32) | s0);
    }

    // Odd, 3 to 2^50: reciprocals need no primes.
    private static ulong Divisor(Random random) => random.Next(4) == 0
        ? HardDivisors[random.Next(HardDivisors.Length)]
        : (ulong)random.NextInt64(3, 1L << random.Next(3, 51)) | 1;

    private static long Residue(Random random, ulong d) => random.NextInt64(-(long)(d / 2), (long)(d / 2) + 1);

    // Near the negative of the product (cancellation), of any exponent, or an ordinary partial sum.
    private static double Sum(Random random, double product) => Representable(random.Next(4) switch
    {
        0 => -product + (random.Next(-3, 4) * Math.ScaleB(1, -random.Next(50, 103))),
        1 => -product * (1 + ((random.NextDouble() - 0.5) * Math.ScaleB(1, -random.Next(53)))),
        2 => (random.NextDouble() - 0.5) * Math.ScaleB(1, -random.Next(103)),
        _ => (random.NextDouble() - 0.5) * random.Next(1, 64),
    });

    // The nearest multiple of 2^(−102): what every partial sum is.
    private static double Representable(double s) => Math.ScaleB(Math.Round(Math.ScaleB(s, 102)), -102);

    private static UInt128 FromDouble(double s)
    {
        double scaled = Math.ScaleB(Math.Abs(s), 102);
        Assert.True(scaled < Math.ScaleB(1, 127) && double.IsInteger(scaled));
        UInt128 magnitude = (UInt128)scaled;
        return s < 0 ? unchecked(0 - magnitude) : magnitude;
    }

    // Exact: asserts that no bit is lost.
    private static double ToDouble(UInt128 s)
    {
        bool isNegative = (s >> 127) != 0;
        UInt128 magnitude = isNegative ? unchecked(0 - s) : s;
        double value = (double)magnitude;
        Assert.Equal(magnitude, (UInt128)value);
        return Math.ScaleB(isNegative ? -value : value, -102);
    }

    private static uint Word(UInt128 s, int index) => (uint)(s >> (32 * index));
}
