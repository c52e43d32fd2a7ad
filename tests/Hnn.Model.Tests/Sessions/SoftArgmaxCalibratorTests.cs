using FsCheck;
using FsCheck.Fluent;
using Hnn.Model.Approximations;
using Hnn.Model.Sessions;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Sessions;

public sealed class SoftArgmaxCalibratorTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void Calibrate_RecordsWhatItMeasuredAtTheTemperatureItFound(int classCount)
    {
        ClearOutcome outcome = Sample(classCount, 1.4, 500, 5);
        CalibratedSoftArgmax calibrated = SoftArgmaxCalibrator.Calibrate(outcome, "some.tsv", 3);
        SoftArgmaxConfig config = calibrated.SoftArgmax;
        SoftArgmaxCalibration record = config.Calibration!;
        Assert.Equal(TemperatureCalibrator.Calibrate(outcome.Logits, outcome.Labels, 3).Temperature, config.Temperature, 5e-7);
        CalibrationMetrics before = TemperatureCalibrator.Measure(outcome.Logits, outcome.Labels, 3);
        CalibrationMetrics after = TemperatureCalibrator.Measure(outcome.Logits, outcome.Labels, config.Temperature);
        Assert.Equal(("some.tsv", 500, 3.0), (record.Data, record.SampleCount, record.InitialTemperature));
        AssertSame(before, record.Before);
        AssertSame(after, record.After);
        Assert.True(record.After.Loss < record.Before.Loss);
        Assert.Equal(before.Accuracy, record.Accuracy, 5e-7);
        Assert.Equal(before.Accuracy, after.Accuracy);

        // The arguments, written out; all of them inside the interval, with the margin.
        double[] arguments = [.. outcome.Logits.SelectMany(x => classCount == 2
            ? (double[])[(x[1] - x[0]) / config.Temperature] : [.. x.Select(v => (v - x.Average()) / config.Temperature)])];
        Assert.Equal(arguments.Min(), record.ReachedLow, 5e-7);
        Assert.Equal(arguments.Max(), record.ReachedHigh, 5e-7);
        double reached = arguments.Max(Math.Abs);
        Assert.Equal(-config.Low, config.High);
        Assert.Equal(Math.Round(config.High), config.High);
        Assert.True(config.High >= Math.Max(4, 1.25 * reached) && (config.High < (1.25 * reached) + 1 || config.High == 4),
            $"{config.High} for {reached}");
        if (classCount == 2)
        {
            Assert.Equal(SigmoidApproximation.Fit(15, config.High).MaxError, calibrated.PolynomialError);
            Assert.Equal((15, null, null), (config.Degree, config.Iterations, calibrated.RoundedShare));
            return;
        }

        // The degree and the iterations are the lowest that serve, and every sentence's sum is in the interval that they are for.
        SoftmaxApproximation softmax = new(classCount, config.Low, config.High, config.Degree, config.Iterations);
        Assert.Equal(softmax.MaxError, calibrated.PolynomialError);
        Assert.InRange(softmax.MaxError, 0, 2.1 * SoftmaxApproximation.PartError);
        Assert.True(new SoftmaxApproximation(classCount, config.Low, config.High, config.Degree, config.Iterations - 1).Division.MaxRelativeError
            > SoftmaxApproximation.PartError);
        Assert.Equal(SoftmaxApproximation.SmallestDegree(classCount, config.Low, config.High, 63), config.Degree);
        DifferentiableSoftArgmax soft = new(config.Temperature);
        Assert.All(outcome.Logits, x => Assert.InRange(
            soft.Arguments(x).Sum(Math.Exp), softmax.Division.LowerBound, softmax.Division.UpperBound / Math.Exp(config.High * 0.1)));
        int rounded = outcome.Logits.Count(x => (int)Math.Ceiling(soft.Forward(x).Value - 0.5) == Array.IndexOf(x, x.Max()));
        Assert.Equal((double)rounded / outcome.Logits.Count, calibrated.RoundedShare);
    }

    [Fact]
    public void Calibrate_GivesTheSameForTheSameSetInAnyOrder() => Prop.ForAll(Gen.Choose(1, 1 << 20).ToArbitrary(), seed =>
    {
        ClearOutcome outcome = Sample(2 + (seed % 3), 1.2, 200, seed);
        ClearOutcome reversed = outcome with { Logits = [.. outcome.Logits.Reverse()], Labels = [.. outcome.Labels.Reverse()] };
        CalibratedSoftArgmax first = SoftArgmaxCalibrator.Calibrate(outcome, "a");
        return first.SoftArgmax == SoftArgmaxCalibrator.Calibrate(outcome, "a").SoftArgmax
            && Math.Abs(first.SoftArgmax.Temperature - SoftArgmaxCalibrator.Calibrate(reversed, "a").SoftArgmax.Temperature) < 2e-6;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Calibrate_DoesNotDependOnHowTheLogitsAreShiftedTogether()
    {
        ClearOutcome outcome = Sample(3, 1.2, 200, 9);
        ClearOutcome shifted = outcome with { Logits = [.. outcome.Logits.Select((x, i) => x.Select(v => v + i).ToArray())] };
        SoftArgmaxConfig a = SoftArgmaxCalibrator.Calibrate(outcome, "a").SoftArgmax,
            b = SoftArgmaxCalibrator.Calibrate(shifted, "a").SoftArgmax;
        Assert.Equal(a.Temperature, b.Temperature, 2e-6);
        Assert.Equal(a.High, b.High);
    }

    [Fact]
    public void Calibrate_RefusesSetsThatSayNothing()
    {
        double[][] logits = [[0, 3], [2, 0], [0, 1]];
        Refused("of class 1", [[0, 3], [2, 0]], [1, 1]);
        Refused("do not determine", logits, [1, 0, 1]);
        Refused("do not determine", logits, [0, 1, 0]);
        Refused("do not determine", [[1, 1], [2, 2]], [0, 1]);
        Assert.Throws<ArgumentException>(() => SoftArgmaxCalibrator.Calibrate(Outcome([], []), "a"));
        Assert.Throws<ArgumentException>(() => SoftArgmaxCalibrator.Calibrate(Outcome([[0, double.NaN], [1, 0]], [0, 1]), "a"));
        Assert.Throws<ArgumentOutOfRangeException>(() => SoftArgmaxCalibrator.Calibrate(Outcome(logits, [1, 1, 0]), "a", 0));
    }

    [Fact]
    public void Calibrate_RefusesArgumentsThatNoIntervalServes()
    {
        // One sentence far out among many near chance: T stays near 1, and the far one at 30 needs ±38, where degree 15 errs by 0.09.
        double[][] near = [.. Sample(2, 1, 400, 4).Logits];
        int[] labels = [.. Sample(2, 1, 400, 4).Labels];
        Refused("degree 15 errs by", [.. near, [0, 30]], [.. labels, 1]);
        Refused("64 at most", [.. near, [0, 80]], [.. labels, 1]);

        // Three classes: e^38 over a sum of 3 is beyond any polynomial of degree 63, e^20 beyond 16 iterations.
        double[][] three = [.. Sample(3, 1, 400, 4).Logits];
        int[] threeLabels = [.. Sample(3, 1, 400, 4).Labels];
        Refused("no polynomial of degree 63", [.. three, [0, 0, 60]], [.. threeLabels, 2]);
        Refused("16 iterations", [.. three, [0, 0, 28]], [.. threeLabels, 2]);
    }

    [Fact]
    public void Calibrate_NamesTheDataWithoutWhatAConfigCannotHold()
    {
        ClearOutcome outcome = Sample(2, 1.4, 200, 5);
        Assert.Equal("data.tsv", SoftArgmaxCalibrator.Calibrate(outcome, "da\nta.tsv").SoftArgmax.Calibration!.Data);
        Assert.Equal(new string('x', 128), SoftArgmaxCalibrator.Calibrate(outcome, new string('x', 200)).SoftArgmax.Calibration!.Data);
        Assert.Equal("data", SoftArgmaxCalibrator.Calibrate(outcome, "\n").SoftArgmax.Calibration!.Data);
    }

    private static void Refused(string part, double[][] logits, int[] labels) => Assert.Contains(
        part, Assert.Throws<InvalidDataException>(() => SoftArgmaxCalibrator.Calibrate(Outcome(logits, labels), "a")).Message,
        StringComparison.Ordinal);

    private static void AssertSame(CalibrationMetrics expected, CalibrationFigures actual)
    {
        Assert.Equal(expected.Loss, actual.Loss, 5.1e-7);
        Assert.Equal(expected.EntropyBits, actual.EntropyBits, 5.1e-7);
        Assert.Equal(expected.ExpectedCalibrationError, actual.CalibrationError, 5.1e-7);
    }

    private static ClearOutcome Outcome(double[][] logits, int[] labels) => new(logits, labels, 0, []);

    // Labels drawn from the logits' own probabilities at a temperature.
    private static ClearOutcome Sample(int classCount, double temperature, int count, int seed)
    {
        Random random = new(seed);
        double[][] logits = [.. Enumerable.Range(0, count)
            .Select(_ => Enumerable.Range(0, classCount).Select(_ => 6 * random.NextDouble() - 3).ToArray())];
        DifferentiableSoftArgmax softArgmax = new(temperature);
        int[] labels = [.. logits.Select(x =>
        {
            double point = random.NextDouble();
            IReadOnlyList<double> p = softArgmax.Forward(x).Probabilities;
            return Enumerable.Range(0, classCount - 1).FirstOrDefault(c => point <= p.Take(c + 1).Sum(), classCount - 1);
        })];
        return Outcome(logits, labels);
    }
}
