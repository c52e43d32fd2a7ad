using Heann.Core.Noise;
using Heann.Core.Tests.Rings;

namespace Heann.Core.Tests.Noise;

public class PrecisionReportTests
{
    [Fact]
    public void Measure_ReportsLargestMeanAndRootMeanSquareError()
    {
        PrecisionReport report = PrecisionReport.Measure([1.0, 2.0, 3.0, 4.0], [1.0, 2.25, 2.5, 4.0]);
        Assert.Equal((4, 0.5, 0.1875, Math.Sqrt(0.3125 / 4)), (report.Count, report.MaxError, report.MeanError, report.Sigma));
        Assert.Equal(1, report.MinBits);
        Assert.Equal(-Math.Log2(report.Sigma), report.SigmaBits);
        Assert.Equal("4 values: error max 5.00E-001, mean 1.88E-001, σ 2.80E-001 (1.8 bits)", report.ToString());
    }

    [Fact]
    public void Measure_OfGaussianErrorsFindsTheirDeviation()
    {
        SeededRandom random = RingTestKit.Seeded(3);
        double[] expected = new double[20000];
        double[] actual = [.. expected.Select(_ => 1e-7 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))];
        PrecisionReport report = PrecisionReport.Measure(expected, actual);
        Assert.InRange(report.Sigma, 0.97e-7, 1.03e-7);
        Assert.InRange(report.MeanError, 0.97e-7 * Math.Sqrt(2 / Math.PI), 1.03e-7 * Math.Sqrt(2 / Math.PI));
    }

    [Fact]
    public void Measure_NeverReportsNaNAsPrecise()
    {
        PrecisionReport report = PrecisionReport.Measure([1.0, 2.0, 3.0], [1.0, double.NaN, 3.5]);
        Assert.Equal(double.PositiveInfinity, report.MaxError);
        Assert.False(report.SigmaBits > 0);
    }

    [Fact]
    public void Measure_RefusesDifferentCountsAndNone()
    {
        Assert.Contains("2 values cannot be compared with 1", Assert.Throws<ArgumentException>(() => PrecisionReport.Measure([1.0], [1.0, 2.0])).Message);
        Assert.Throws<ArgumentException>(() => PrecisionReport.Measure([], []));
    }
}
