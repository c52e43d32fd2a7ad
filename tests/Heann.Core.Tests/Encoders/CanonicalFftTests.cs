using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Heann.Core.Encoders;

namespace Heann.Core.Tests.Encoders;

public sealed class CanonicalFftTests
{
    private const int Seed = 42;
    private static readonly JsonElement Vectors = TestVectors.Read("fft.json");

    public static TheoryData<int> AllDegrees => [.. Enumerable.Range(0, 18).Select(log => 1 << log)];

    public static TheoryData<int> SmallDegrees => [.. Enumerable.Range(0, 9).Select(log => 1 << log)];

    [Fact]
    public void Forward_GivesTheSlotsOfTheDefinition()
    {
        foreach (JsonElement entry in Vectors.GetProperty("embeddings").EnumerateArray())
        {
            double[] coefficients = [.. entry.GetProperty("coefficients").EnumerateArray().Select(c => c.GetDouble())];
            Complex[] expected = [.. entry.GetProperty("slots").EnumerateArray().Select(z => new Complex(TestVectors.HexFloat(z[0]), TestVectors.HexFloat(z[1])))];
            foreach (CanonicalFft fft in AllWidths(coefficients.Length))
            {
                (double[] re, double[] im) = Forward(fft, coefficients);
                AssertSlots(expected, re, im, Bound(fft, 20));
                double[] back = Inverse(fft, [.. expected.Select(z => z.Real)], [.. expected.Select(z => z.Imaginary)]);
                Assert.All(back.Zip(coefficients), pair => Assert.Equal(pair.Second, pair.First, Bound(fft, 20)));
            }
        }
    }

    [Theory]
    [MemberData(nameof(SmallDegrees))]
    public void Forward_EqualsTheNaiveSum(int n)
    {
        double[] coefficients = Random(n, Seed);
        Complex[] expected = NaiveSlots(coefficients);
        foreach (CanonicalFft fft in AllWidths(n))
        {
            (double[] re, double[] im) = Forward(fft, coefficients);
            AssertSlots(expected, re, im, Bound(fft, 1));
        }
    }

    /// <summary>Python does the documented butterflies on unfused doubles; every width must agree to the bit.</summary>
    [Fact]
    public void BothDirections_EqualThePythonButterfliesToTheBit()
    {
        static double Fraction(long k) => (k * 2654435761 + 12345) % (1L << 32) / 4294967296.0 - 0.5;
        foreach (JsonElement entry in Vectors.GetProperty("transforms").EnumerateArray())
        {
            int n = entry.GetProperty("ringDegree").GetInt32();
            double[] values = [.. Enumerable.Range(0, n).Select(k => Fraction(k))];
            foreach (CanonicalFft fft in AllWidths(n))
            {
                (double[] re, double[] im) = Forward(fft, values);
                Assert.Equal(entry.GetProperty("forward").GetString(), Digest([.. re, .. im]));
                Assert.Equal(entry.GetProperty("inverse").GetString(), Digest(Inverse(fft, values[..(n / 2)], values[(n / 2)..])));
            }
        }
    }

    [Theory]
    [MemberData(nameof(AllDegrees))]
    public void AllWidths_AgreeToTheBit(int n)
    {
        // exponents from −1060 to 60: subnormals, cancellation, signed zeros
        Random random = new(Seed);
        double[] values = [.. Enumerable.Range(0, n).Select(i => i % 7 == 3 ? -0.0 : Math.ScaleB(random.NextDouble() - 0.5, i % 5 == 0 ? -1060 : random.Next(60)))];
        CanonicalFft[] transforms = [.. AllWidths(n)];
        int slots = transforms[0].SlotCount;
        double[] half = n == 1 ? [1.0] : values[slots..];
        (double[] re, double[] im) = Forward(transforms[0], values);
        double[] back = Inverse(transforms[0], values[..slots], half);
        foreach (CanonicalFft fft in transforms.Skip(1))
        {
            (double[] otherRe, double[] otherIm) = Forward(fft, values);
            Assert.True(SameBits(re, otherRe) && SameBits(im, otherIm), $"{fft.Width} forward, N = {n}, seed {Seed}");
            Assert.True(SameBits(back, Inverse(fft, values[..slots], half)), $"{fft.Width} inverse, N = {n}, seed {Seed}");
        }
    }

    /// <summary>Root mean square error at most 2^(−53)·√(2 log2 n + 2) of the root mean square of the values, the largest 8 times that.</summary>
    [Theory]
    [InlineData(1 << 10)]
    [InlineData(1 << 15)]
    [InlineData(1 << 16)]
    [InlineData(1 << 17)]
    public void RoundTrip_LosesLessThanTheBound(int n)
    {
        CanonicalFft fft = new(n);
        double[] values = Random(n, Seed);
        (double[] re, double[] im) = Forward(fft, values);
        AssertClose(values, Inverse(fft, re, im), n);
        double[] coefficients = Inverse(fft, values[..(n / 2)], values[(n / 2)..]);
        (re, im) = Forward(fft, coefficients);
        AssertClose(values, [.. re, .. im], n);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(16)]
    [InlineData(2048)]
    public void Constants_AreExact(int n)
    {
        foreach (CanonicalFft fft in AllWidths(n))
        {
            double[] coefficients = new double[n];
            coefficients[0] = 0.3;
            coefficients[n / 2] = -7.1; // X^(N/2) is i in every slot
            (double[] re, double[] im) = Forward(fft, coefficients);
            Assert.All(re, x => Assert.Equal(0.3, x));
            Assert.All(im, x => Assert.Equal(-7.1, x));
            Assert.Equal(coefficients, Inverse(fft, re, im));
        }
    }

    [Fact]
    public void DegreeOne_IsARealConstant()
    {
        CanonicalFft fft = new(1);
        Assert.Equal(1, fft.SlotCount);
        (double[] re, double[] im) = Forward(fft, [-2.5]);
        Assert.Equal((-2.5, 0.0), (re[0], im[0]));
        Assert.Equal([-2.5], Inverse(fft, [-2.5], [99.0]));
    }

    /// <summary>X → X^5 moves slot j + 1 to slot j.</summary>
    [Fact]
    public void Automorphism_RotatesTheSlots()
    {
        const int n = 1024;
        CanonicalFft fft = new(n);
        double[] coefficients = Random(n, Seed);
        double[] image = new double[n];
        for (int k = 0; k < n; k++)
        {
            int exponent = 5 * k % (2 * n);
            image[exponent % n] = exponent < n ? coefficients[k] : -coefficients[k];
        }

        (double[] re, double[] im) = Forward(fft, coefficients);
        (double[] rotatedRe, double[] rotatedIm) = Forward(fft, image);
        for (int j = 0; j < n / 2; j++)
        {
            Assert.Equal(re[(j + 1) % (n / 2)], rotatedRe[j], Bound(fft, 1));
            Assert.Equal(im[(j + 1) % (n / 2)], rotatedIm[j], Bound(fft, 1));
        }
    }

    /// <summary>Slots of period F are a polynomial in X^(N/2F): the transform of degree 2F of one period.</summary>
    [Fact]
    public void PeriodicSlots_LieInTheSubring()
    {
        const int n = 4096;
        const int period = 64;
        CanonicalFft large = new(n);
        CanonicalFft small = new(2 * period);
        double[] values = Random(period, Seed);
        double[] sparse = Inverse(large, [.. Enumerable.Range(0, n / 2).Select(j => values[j % period])], new double[n / 2]);
        double[] dense = Inverse(small, [.. values], new double[period]);
        for (int k = 0; k < n; k++)
        {
            Assert.Equal(k % (n / (2 * period)) == 0 ? dense[k / (n / (2 * period))] : 0.0, sparse[k], 1e-15);
        }
    }

    [Fact]
    public void Twiddle_IsThePowerOfFive()
    {
        CanonicalFft fft = new(64);
        for (int h = 1; h < 32; h *= 2)
        {
            for (int j = 0; j < h; j++)
            {
                Complex expected = Complex.FromPolarCoordinates(1, Math.PI * (double)BigInteger.ModPow(5, j, 8 * h) / (4 * h));
                Assert.Equal(expected.Real, fft.Twiddle(h, j).Re, 1e-15);
                Assert.Equal(expected.Imaginary, fft.Twiddle(h, j).Im, 1e-15);
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-4)]
    [InlineData(12)]
    [InlineData(1 << 18)]
    [InlineData(int.MinValue)]
    public void Constructor_RefusesOtherDegrees(int n) => Assert.Throws<ArgumentOutOfRangeException>(() => new CanonicalFft(n));

    [Theory]
    [InlineData(7, 8, 16)]
    [InlineData(8, 9, 16)]
    [InlineData(8, 8, 8)]
    public void Transforms_RefuseOtherLengths(int re, int im, int coefficients)
    {
        CanonicalFft fft = new(16);
        Assert.Throws<ArgumentException>(() => fft.Forward(new double[coefficients], new double[re], new double[im]));
        Assert.Throws<ArgumentException>(() => fft.Inverse(new double[re], new double[im], new double[coefficients]));
    }

    private static IEnumerable<CanonicalFft> AllWidths(int n) => Enum.GetValues<FftWidth>().Select(width => new CanonicalFft(n, width));

    /// <summary>Runs on spans that start off every alignment and checks that nothing is written outside.</summary>
    private static (double[] Re, double[] Im) Forward(CanonicalFft fft, double[] coefficients)
    {
        int slots = fft.SlotCount;
        double[] re = new double[slots + 2];
        double[] im = new double[slots + 4];
        fft.Forward(coefficients, re.AsSpan(1, slots), im.AsSpan(3, slots));
        Assert.Equal((0.0, 0.0, 0.0, 0.0), (re[0], re[^1], im[2], im[^1]));
        return (re[1..^1], im[3..^1]);
    }

    private static double[] Inverse(CanonicalFft fft, double[] re, double[] im)
    {
        double[] coefficients = new double[fft.RingDegree + 2];
        fft.Inverse((double[])re.Clone(), (double[])im.Clone(), coefficients.AsSpan(1, fft.RingDegree));
        Assert.Equal((0.0, 0.0), (coefficients[0], coefficients[^1]));
        return coefficients[1..^1];
    }

    private static double[] Random(int count, int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ => 2 * random.NextDouble() - 1)];
    }

    /// <summary>Largest error of a slot: every one of n values of size ≤ 2·max is off by at most (log2 n + 1)·2^(−52).</summary>
    private static double Bound(CanonicalFft fft, double largest) =>
        2 * largest * fft.SlotCount * (BitOperations.Log2((uint)fft.SlotCount) + 1) * Math.ScaleB(1, -52);

    private static void AssertSlots(Complex[] expected, double[] re, double[] im, double bound)
    {
        for (int j = 0; j < expected.Length; j++)
        {
            Assert.Equal(expected[j].Real, re[j], bound);
            Assert.Equal(expected[j].Imaginary, im[j], bound);
        }
    }

    private static void AssertClose(double[] expected, double[] actual, int n)
    {
        double square = expected.Sum(x => x * x);
        double[] errors = [.. expected.Zip(actual, (x, y) => x - y)];
        double bound = Math.ScaleB(1, -53) * Math.Sqrt(2 * Math.Log2(n / 2) + 2);
        double relative = Math.Sqrt(errors.Sum(e => e * e) / square);
        double largest = errors.Max(Math.Abs) / Math.Sqrt(square / n);
        Assert.True(relative < bound && largest < 8 * bound, $"N = {n}: rms {relative:E2}, largest {largest:E2}, bound {bound:E2}, seed {Seed}");
    }

    private static bool SameBits(double[] x, double[] y) => MemoryMarshal.AsBytes<double>(x).SequenceEqual(MemoryMarshal.AsBytes<double>(y));

    private static string Digest(double[] values) => Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes<double>(values)));

    /// <summary>z_j = Σ m_k ζ^(5^j·k) in decimals, with roots from their series.</summary>
    private static Complex[] NaiveSlots(double[] coefficients)
    {
        int n = coefficients.Length;
        (decimal Cos, decimal Sin)[] roots = [.. Enumerable.Range(0, 2 * n).Select(k => DecimalRoot(k, n))];
        Complex[] slots = new Complex[Math.Max(1, n / 2)];
        long power = 1;
        for (int j = 0; j < slots.Length; j++)
        {
            decimal re = 0, im = 0;
            for (int k = 0; k < n; k++)
            {
                (decimal cos, decimal sin) = roots[power * k % (2 * n)];
                re += Exact(coefficients[k]) * cos;
                im += Exact(coefficients[k]) * sin;
            }

            slots[j] = new((double)re, (double)im);
            power = 5 * power % (2 * n);
        }

        return slots;
    }

    private static (decimal Cos, decimal Sin) DecimalRoot(int k, int n)
    {
        const decimal pi = 3.1415926535897932384626433833m;
        decimal x = pi * k / n;
        decimal cos = 0, sin = 0, term = 1;
        for (int i = 0; i < 60; i++)
        {
            (cos, sin) = (i % 4) switch { 0 => (cos + term, sin), 1 => (cos, sin + term), 2 => (cos - term, sin), _ => (cos, sin - term) };
            term *= x / (i + 1);
        }

        return (cos, sin);
    }

    /// <summary>All 53 bits of |x| ≤ 1; the conversion of the runtime keeps 15 digits.</summary>
    private static decimal Exact(double x) => (decimal)(long)Math.ScaleB(x, 52) / (1L << 52);
}
