using System.Numerics;
using Heann.Core.Backends;
using Heann.Core.Ciphertexts;
using Heann.Core.Encoders;
using Heann.Core.Parameters;
using Heann.Core.Rings;
using Heann.Core.Tests.Rings;
using static Heann.Core.Tests.Rings.RingTestKit;

namespace Heann.Core.Tests.Encoders;

public sealed class SlotEncoderTests : IDisposable
{
    private readonly ScalarBackend _backend = new();

    public void Dispose() => _backend.Dispose();

    // The embedding by its definition, N² terms: slot j of m is m(ζ^(5^j)); and its inverse, m_k = 2/N·Σ_j Re(z_j·conj(ζ^(k·5^j))).
    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(7)]
    public void Encode_RoundsTheInverseOfTheCanonicalEmbedding(int logN)
    {
        SeededRandom random = Seeded(logN, 1);
        (CkksParameters p, SlotEncoder encoder) = Create(logN);
        Complex[] slots = Slots(random, p.SlotCount);
        double scale = Math.Pow(2, 30);
        using Plaintext plaintext = encoder.Encode(slots, scale: new Scale(scale));
        BigInteger[] coefficients = Coefficients(plaintext);
        for (int k = 0; k < p.RingDegree; k++)
        {
            double exact = 2.0 / p.RingDegree * Enumerable.Range(0, p.SlotCount).Sum(j => (slots[j] * Complex.Conjugate(Root(p.RingDegree, j, k))).Real);
            Assert.True(Math.Abs((double)coefficients[k] - (exact * scale)) <= 0.5 + 1e-4, $"coefficient {k}: {coefficients[k]} for {exact * scale}; seed {random.Seed}");
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(7)]
    public void Decode_EvaluatesTheCanonicalEmbedding(int logN)
    {
        SeededRandom random = Seeded(logN, 2);
        (CkksParameters p, SlotEncoder encoder) = Create(logN);
        using Plaintext plaintext = encoder.Encode(Slots(random, p.SlotCount), scale: Scale.FromLog2(30));
        BigInteger[] m = Coefficients(plaintext);
        Complex[] decoded = encoder.Decode(plaintext);
        for (int j = 0; j < p.SlotCount; j++)
        {
            Complex sum = Enumerable.Range(0, p.RingDegree).Aggregate(Complex.Zero, (z, k) => z + ((double)m[k] * Root(p.RingDegree, j, k)));
            Assert.True((decoded[j] - (sum / plaintext.Scale.Value)).Magnitude < 1e-12, $"slot {j}; seed {random.Seed}");
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(10)]
    public void Decode_ReturnsWhatWasEncodedUpToRounding(int logN)
    {
        SeededRandom random = Seeded(logN, 3);
        (CkksParameters p, SlotEncoder encoder) = Create(logN);
        double[] real = [.. Enumerable.Range(0, p.SlotCount).Select(_ => (random.NextDouble() * 200) - 100)];
        Complex[] complex = Slots(random, p.SlotCount);
        for (int level = 0; level <= p.MaxLevel; level++)
        {
            using Plaintext a = encoder.Encode(real, level);
            using Plaintext b = encoder.Encode(complex, level);
            Assert.Equal((level, p.DefaultScale, p.RingDegree), (a.Level, a.Scale, a.CompactDegree));
            AssertClose([.. real.Select(x => new Complex(x, 0))], encoder.Decode(a), Bound(p, a), random);
            AssertClose(complex, encoder.Decode(b), Bound(p, b), random);
        }
    }

    // Bit for bit: the first butterflies of the inverse transform see pairs of equal values, whose half sum is exact and half difference 0.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(16)]
    [InlineData(64)]
    [InlineData(512)]
    public void Encode_OfAPeriodicVectorIsTheFullEncodingOfTheRepeatedVectorToTheBit(int period)
    {
        SeededRandom random = Seeded(period, 4);
        (CkksParameters p, SlotEncoder encoder) = Create(10);
        double[] real = [.. Enumerable.Range(0, period).Select(_ => (random.NextDouble() * 2) - 1)];
        Complex[] complex = Slots(random, period);
        foreach (double bits in (double[])[30, 36.5, 80])
        {
            Scale scale = Scale.FromLog2(bits);
            using Plaintext a = encoder.EncodePeriodic(real, scale: scale);
            using Plaintext b = encoder.Encode(Repeat(real, p.SlotCount), scale: scale);
            AssertSame(p, a, b, $"real, period {period}, scale {scale}", random);
            using Plaintext c = encoder.Encode(SlotVector.Periodic(complex), scale: scale);
            using Plaintext d = encoder.Encode(Repeat(complex, p.SlotCount), scale: scale);
            AssertSame(p, c, d, $"complex, period {period}, scale {scale}", random);
            Assert.Equal((period == 1 ? 1 : 2 * period, 2 * period), (a.CompactDegree, c.CompactDegree));
            Assert.Equal(a.CompactDegree * 8L * (p.MaxLevel + 1), a.ByteCount);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(256)]
    public void Decode_OfAPeriodicPlaintextRepeatsItThroughAllSlots(int period)
    {
        SeededRandom random = Seeded(period, 5);
        (CkksParameters p, SlotEncoder encoder) = Create(10);
        Complex[] values = Slots(random, period);
        using Plaintext plaintext = encoder.Encode(SlotVector.Periodic(values));
        AssertClose(Repeat(values, p.SlotCount), encoder.Decode(plaintext), Bound(p, plaintext), random);
    }

    [Theory]
    [InlineData(36)]
    [InlineData(64)]
    [InlineData(80)]
    [InlineData(100)]
    public void EncodeConstant_HoldsTheRoundedIntegerAtEveryScale(int bits)
    {
        (CkksParameters p, SlotEncoder encoder) = Create(10);
        foreach (double value in (double[])[1.0, -1.0, Math.PI, -0.3, 1e-3, 0, -7.25])
        {
            using Plaintext plaintext = encoder.EncodeConstant(value, scale: Scale.FromLog2(bits));
            Assert.Equal(1, plaintext.CompactDegree);
            BigInteger expected = new(Math.Round(value * Math.Pow(2, bits), MidpointRounding.ToEven));
            Assert.Equal([expected], Coefficients(plaintext));
            Assert.All(encoder.Decode(plaintext), z => Assert.InRange((z - value).Magnitude, 0, Math.Pow(2, -bits) + (Math.Abs(value) * 1e-15)));
        }
    }

    [Fact]
    public void EncodeConstant_OfAComplexValueTakesTwoCoefficientsRealAndImaginary()
    {
        (CkksParameters p, SlotEncoder encoder) = Create(10);
        using Plaintext plaintext = encoder.EncodeConstant(new Complex(0.5, -0.25), level: 0, scale: Scale.FromLog2(20));
        Assert.Equal([1 << 19, -(1 << 18)], Coefficients(plaintext));
        Assert.All(encoder.Decode(plaintext), z => Assert.Equal(new Complex(0.5, -0.25), z));
    }

    [Fact]
    public void Encode_RoundsTiesToEven()
    {
        (_, SlotEncoder encoder) = Create(10);
        foreach ((double value, int expected) in ((double, int)[])[(0.5, 0), (1.5, 2), (2.5, 2), (-0.5, 0), (-1.5, -2), (3.5, 4)])
        {
            using Plaintext plaintext = encoder.EncodeConstant(value, scale: new Scale(1));
            Assert.Equal([expected], Coefficients(plaintext));
        }
    }

    [Fact]
    public void Encode_PadsAShortVectorWithZerosAndEncodePeriodicRepeatsIt()
    {
        SeededRandom random = Seeded(6);
        (CkksParameters p, SlotEncoder encoder) = Create(5);
        using Plaintext padded = encoder.Encode([1.0, 2.0]);
        using Plaintext periodic = encoder.EncodePeriodic([1.0, 2.0]);
        AssertClose([.. Enumerable.Range(0, p.SlotCount).Select(i => (Complex)(i < 2 ? i + 1 : 0))], encoder.Decode(padded), Bound(p, padded), random);
        AssertClose([.. Enumerable.Range(0, p.SlotCount).Select(i => (Complex)((i & 1) + 1))], encoder.Decode(periodic), Bound(p, periodic), random);
    }

    [Fact]
    public void Encode_RefusesMoreThanTheLevelHoldsAndNamesBothSizes()
    {
        (CkksParameters p, SlotEncoder encoder) = Create(10);
        double available = p.BasisAt(0).Log2 - 1;
        using Plaintext fits = encoder.EncodeConstant(Math.Pow(2, available - 0.01), level: 0, scale: new Scale(1));
        ArgumentException error = Assert.Throws<ArgumentException>(() => encoder.EncodeConstant(Math.Pow(2, available + 0.01), level: 0, scale: new Scale(1)));
        Assert.Contains($"level 0 holds {available:F1}", error.Message);
        Assert.Contains($"coefficients of {available + 0.01:F1} bits", error.Message);
        Assert.Contains("lower the scale or the values, or encode at a higher level", error.Message);
        Assert.Throws<ArgumentException>(() => encoder.EncodeConstant(-Math.Pow(2, available + 0.01), level: 0, scale: new Scale(1)));
        Assert.Throws<ArgumentException>(() => encoder.Encode([1.0], scale: Scale.FromLog2(1000)));
        Assert.Throws<ArgumentException>(() => encoder.EncodeConstant(1e150, scale: Scale.FromLog2(1000)));
    }

    [Fact]
    public void Encode_RefusesWhatIsNotFiniteDoesNotFitOrHasNoPeriod()
    {
        (CkksParameters p, SlotEncoder encoder) = Create(5);
        foreach (double bad in (double[])[double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1e200])
        {
            Assert.Contains("finite", Assert.Throws<ArgumentException>(() => encoder.Encode([1.0, bad])).Message);
            Assert.Throws<ArgumentException>(() => encoder.Encode([new Complex(0, bad)]));
            Assert.Throws<ArgumentException>(() => encoder.EncodePeriodic([bad]));
            Assert.Throws<ArgumentException>(() => encoder.EncodeConstant(new Complex(0, bad)));
        }

        Assert.Contains("17 values do not go into 16 slots", Assert.Throws<ArgumentException>(() => encoder.Encode(new double[17])).Message);
        Assert.Throws<ArgumentException>(() => encoder.Encode(ReadOnlySpan<double>.Empty));
        Assert.Contains("got 3 values", Assert.Throws<ArgumentException>(() => encoder.EncodePeriodic(new double[3])).Message);
        Assert.Throws<ArgumentException>(() => encoder.EncodePeriodic(ReadOnlySpan<double>.Empty));
        Assert.Contains("32 slots does not go into the 16", Assert.Throws<ArgumentException>(() => encoder.EncodePeriodic(new double[32])).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => encoder.Encode([1.0], level: p.MaxLevel + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => encoder.Encode([1.0], level: -1));
        Assert.Throws<ArgumentNullException>(() => encoder.Encode((SlotVector)null!));
    }

    private static Complex Root(int degree, int slot, int power)
    {
        long exponent = (long)BigInteger.ModPow(5, slot, 2 * degree) * power % (2 * degree);
        return Complex.FromPolarCoordinates(1, Math.PI * exponent / degree);
    }

    private static Complex[] Slots(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => new Complex((random.NextDouble() * 2) - 1, (random.NextDouble() * 2) - 1))];

    private static T[] Repeat<T>(T[] values, int count) => [.. Enumerable.Range(0, count).Select(i => values[i % values.Length])];

    // Every coefficient is off by at most 1/2, and so many roots of unity add them up; plus the transform's own rounding.
    private static double Bound(CkksParameters p, Plaintext x) => (x.CompactDegree / 2.0 / x.Scale.Value) + (1e-13 * p.LogN * 100);

    private static void AssertClose(Complex[] expected, Complex[] actual, double bound, SeededRandom random)
    {
        Assert.Equal(expected.Length, actual.Length);
        double worst = expected.Zip(actual).Max(pair => (pair.First - pair.Second).Magnitude);
        Assert.True(worst <= bound, $"error {worst:E2}, bound {bound:E2}; seed {random.Seed}");
    }

    // A compact plaintext written out has every value N/M times.
    private static void AssertSame(CkksParameters p, Plaintext compact, Plaintext full, string what, SeededRandom random) => AssertResidues(
        full.Polynomial.Basis, full.Polynomial.ToResidues(), Expand(compact.Polynomial.Basis, compact.Polynomial.ToResidues(), p.RingDegree), what, random);

    private BigInteger[] Coefficients(Plaintext x)
    {
        RnsBasis basis = x.Polynomial.Basis;
        using RnsPolynomial copy = Upload(_backend, basis, x.Polynomial.ToResidues(), Domain.Evaluation);
        _backend.InverseNtt([copy.Block]);
        return Lift(basis, copy.ToResidues());
    }

    private (CkksParameters Parameters, SlotEncoder Encoder) Create(int logN)
    {
        CkksParameters p = CkksParameters.CreateInsecure(logN, [45, 36, 36, 36], [50, 50], 2, Scale.FromLog2(36));
        return (p, new(p, _backend));
    }
}
