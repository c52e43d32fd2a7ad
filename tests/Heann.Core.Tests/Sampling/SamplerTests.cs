using System.Text.Json;
using Heann.Core.Arithmetic;
using Heann.Core.Sampling;

namespace Heann.Core.Tests.Sampling;

/// <summary>Fixed seeds, so every statistic is one known number; thresholds are six standard deviations or a tail of 1e-9.</summary>
public sealed class SamplerTests
{
    private static readonly JsonElement Vectors = TestVectors.Read("sampling.json");
    private static readonly byte[] Seed = Convert.FromHexString(Vectors.GetProperty("seed").GetString()!);

    public static TheoryData<int> Lengths => [0, 1, 2, 7, 63, 511, 512, 513, 2047, 2049, 5000];

    [Fact]
    public void Uniform_EqualsTheVectors()
    {
        foreach (JsonElement entry in Vectors.GetProperty("uniform").EnumerateArray())
        {
            ulong[] expected = [.. entry.GetProperty("values").EnumerateArray().Select(v => v.GetUInt64())];
            using SeededStream stream = new(Seed, entry.GetProperty("stream").GetUInt64());
            Assert.Equal(expected, Uniform(stream, new(entry.GetProperty("modulus").GetUInt64()), expected.Length));
        }
    }

    [Fact]
    public void Ternary_EqualsTheVectors()
    {
        double[] expected = Values(Vectors.GetProperty("ternary"));
        using SeededStream stream = new(Seed, 4);
        double[] actual = new double[expected.Length];
        TernarySampler.Sample(stream, actual);
        Assert.Equal(expected, actual);
    }

    [Fact]
    public void Gaussian_EqualsTheVectors()
    {
        JsonElement entry = Vectors.GetProperty("gaussian");
        Assert.Equal(entry.GetProperty("thresholds").EnumerateArray().Select(t => t.GetInt64()), GaussianSampler.ThresholdTable.ToArray());
        Assert.Equal(GaussianSampler.MaxMagnitude, GaussianSampler.ThresholdTable.Length);
        double[] expected = Values(entry);
        using SeededStream stream = new(Seed, 5);
        double[] actual = new double[expected.Length];
        GaussianSampler.Sample(stream, actual);
        Assert.Equal(expected, actual);
    }

    /// <summary>One call equals many, and what follows on the stream is the same: nothing is read ahead.</summary>
    [Theory]
    [MemberData(nameof(Lengths))]
    public void Samplers_DoNotDependOnHowTheyAreCut(int length)
    {
        Modulus q = new(5);
        using SeededStream whole = new(Seed, 77);
        using SeededStream cut = new(Seed, 77);
        double[] ternary = new double[length], gaussian = new double[length], part = new double[length];
        TernarySampler.Sample(whole, ternary);
        ulong[] uniform = Uniform(whole, q, length);
        GaussianSampler.Sample(whole, gaussian);
        for (int i = 0; i < length; i++)
        {
            TernarySampler.Sample(cut, part.AsSpan(i, 1));
        }

        Assert.Equal(ternary, part);
        for (int i = 0; i < length; i++)
        {
            Assert.Equal(uniform[i], Uniform(cut, q, 1)[0]);
        }

        for (int i = 0; i < length; i++)
        {
            GaussianSampler.Sample(cut, part.AsSpan(i, 1));
        }

        Assert.Equal(gaussian, part);
        byte[] next = new byte[8], other = new byte[8];
        whole.Fill(next);
        cut.Fill(other);
        Assert.Equal(next, other);
    }

    /// <summary>Chi-square of 2^18 residues against q − 1 degrees of freedom, threshold at a tail of 1e-9.</summary>
    [Theory]
    [InlineData(3, 41.5)]
    [InlineData(5, 47.9)]
    [InlineData(7, 53.4)]
    [InlineData(11, 63.0)]
    public void Uniform_IsUniformModuloTinyPrimes(ulong q, double threshold)
    {
        const int count = 1 << 18;
        using SeededStream stream = new(Seed, q);
        double[] frequency = new double[q];
        foreach (ulong residue in Uniform(stream, new(q), count))
        {
            frequency[residue]++;
        }

        Assert.InRange(ChiSquare(frequency, [.. Enumerable.Repeat((double)count / q, (int)q)]), 0, threshold);
    }

    [Theory]
    [InlineData(134217757)] // just above 2^27: half of the candidates are rejected
    [InlineData(1125899906842597)] // just below 2^50: hardly any
    public void Uniform_StaysBelowTheModulusAndFillsItsRange(ulong q)
    {
        const int count = 1 << 16;
        using SeededStream stream = new(Seed, 0);
        ulong[] residues = Uniform(stream, new(q), count);
        Assert.All(residues, r => Assert.InRange(r, 0UL, q - 1));
        double mean = residues.Average(r => (double)r / q);
        Assert.InRange(mean, 0.5 - 6 / Math.Sqrt(12.0 * count), 0.5 + 6 / Math.Sqrt(12.0 * count));
        double[] sixteenths = new double[16];
        foreach (ulong residue in residues)
        {
            sixteenths[residue * 16 / q]++;
        }

        Assert.InRange(ChiSquare(sixteenths, [.. Enumerable.Repeat(count / 16.0, 16)]), 0, 73.7);
    }

    [Fact]
    public void Ternary_IsUniform_WithoutNegativeZero()
    {
        const int count = 1 << 18;
        using SeededStream stream = new(Seed, 6);
        double[] values = new double[count];
        TernarySampler.Sample(stream, values);
        double[] frequency = new double[3];
        foreach (double value in values)
        {
            Assert.True(value is -1.0 or 0.0 or 1.0 && !(value == 0 && double.IsNegative(value)));
            frequency[(int)value + 1]++;
        }

        Assert.InRange(ChiSquare(frequency, [count / 3.0, count / 3.0, count / 3.0]), 0, 41.5);
    }

    /// <summary>Mean, variance, kurtosis and chi-square over |x| ≤ 13 and the rest: 27 degrees of freedom, tail 1e-9.</summary>
    [Fact]
    public void Gaussian_HasItsMomentsAndFrequencies()
    {
        const int count = 1 << 20;
        const double sigma = GaussianSampler.StandardDeviation;
        using SeededStream stream = new(Seed, 7);
        double[] values = new double[count];
        GaussianSampler.Sample(stream, values);
        Assert.All(values, x => Assert.True(double.IsInteger(x) && Math.Abs(x) <= GaussianSampler.MaxMagnitude && !(x == 0 && double.IsNegative(x))));

        double mean = values.Average();
        double variance = values.Average(x => x * x);
        double kurtosis = values.Average(x => x * x * x * x) / (variance * variance);
        Assert.InRange(mean, -6 * sigma / Math.Sqrt(count), 6 * sigma / Math.Sqrt(count));
        Assert.InRange(variance / (sigma * sigma), 1 - 6 * Math.Sqrt(2.0 / count), 1 + 6 * Math.Sqrt(2.0 / count));
        Assert.InRange(kurtosis, 3 - 6 * Math.Sqrt(24.0 / count), 3 + 6 * Math.Sqrt(24.0 / count));

        double total = Enumerable.Range(-60, 121).Sum(x => Math.Exp(-x * x / (2 * sigma * sigma)));
        double[] expected = [.. Enumerable.Range(-13, 27).Select(x => count * Math.Exp(-x * x / (2 * sigma * sigma)) / total), 0];
        expected[27] = count - expected.Sum();
        double[] frequency = new double[28];
        foreach (double x in values)
        {
            frequency[Math.Abs(x) <= 13 ? (int)x + 13 : 27]++;
        }

        Assert.InRange(ChiSquare(frequency, expected), 0, 96.4);
    }

    /// <summary>The increments of the thresholds fall as the Gaussian does, to 12 digits as long as they have as many.</summary>
    [Fact]
    public void GaussianThresholds_AreTheDistribution()
    {
        ReadOnlySpan<long> thresholds = GaussianSampler.ThresholdTable;
        const double variance = GaussianSampler.StandardDeviation * GaussianSampler.StandardDeviation;
        double center = thresholds[0];
        for (int k = 1; k < 15; k++)
        {
            double expected = 2 * Math.Exp(-k * k / (2 * variance));
            Assert.Equal(1, (thresholds[k] - thresholds[k - 1]) / center / expected, 1e-12 + 4 / (center * expected));
        }
    }

    [Fact]
    public void Samplers_AreIndependentOfTheirNeighbours()
    {
        // correlation of consecutive samples: 6 / √count
        const int count = 1 << 18;
        using SeededStream stream = new(Seed, 8);
        double[] gaussian = new double[count], ternary = new double[count];
        GaussianSampler.Sample(stream, gaussian);
        TernarySampler.Sample(stream, ternary);
        Assert.InRange(Correlation(gaussian), -6 / Math.Sqrt(count), 6 / Math.Sqrt(count));
        Assert.InRange(Correlation(ternary), -6 / Math.Sqrt(count), 6 / Math.Sqrt(count));
    }

    [Fact]
    public void Samplers_RefuseNull()
    {
        Assert.Throws<ArgumentNullException>(() => TernarySampler.Sample(null!, new double[1]));
        Assert.Throws<ArgumentNullException>(() => GaussianSampler.Sample(null!, new double[1]));
        Assert.Throws<ArgumentNullException>(() => UniformSampler.Sample(null!, new(3), new ulong[1]));
        using SeededStream stream = new(Seed, 0);
        Assert.Throws<ArgumentNullException>(() => UniformSampler.Sample(stream, null!, new ulong[1]));
    }

    private static ulong[] Uniform(SeededStream stream, Modulus q, int count)
    {
        ulong[] residues = new ulong[count];
        UniformSampler.Sample(stream, q, residues);
        return residues;
    }

    private static double[] Values(JsonElement entry) => [.. entry.GetProperty("values").EnumerateArray().Select(v => v.GetDouble())];

    private static double ChiSquare(double[] observed, double[] expected) => observed.Zip(expected, (o, e) => (o - e) * (o - e) / e).Sum();

    private static double Correlation(double[] x) => x.Zip(x.Skip(1), (a, b) => a * b).Sum() / x.Sum(a => a * a);
}
