using Hnn.Model.Approximations;

namespace Hnn.Model.Tests.Approximations;

public class TemperatureCalibratorTests
{
    [Theory]
    [InlineData(2, 0.6)]
    [InlineData(2, 3.1)]
    [InlineData(5, 1.4)]
    public void Calibrate_RecoversTheTemperatureThatMadeTheLabels(int classCount, double temperature)
    {
        // ln T has a standard error of at most 0.045 for 4000 such samples (Fisher information), so 0.016 for the mean of 8 sets:
        // five of it are allowed.
        double[] ratios = [.. Enumerable.Range(1, 8).Select(seed =>
        {
            (double[][] logits, int[] labels) = Sample(classCount, temperature, 4000, seed);
            return Math.Log(TemperatureCalibrator.Calibrate(logits, labels).Temperature / temperature);
        })];
        Assert.InRange(ratios.Average(), -0.08, 0.08);
    }

    [Theory]
    [InlineData(2, 0.6)]
    [InlineData(2, 3.1)]
    [InlineData(5, 1.4)]
    public void Calibrate_LowersLossAndCalibrationErrorAndMovesTheEntropyOnly(int classCount, double temperature)
    {
        (double[][] logits, int[] labels) = Sample(classCount, temperature, 4000, seed: 42);
        TemperatureCalibration found = TemperatureCalibrator.Calibrate(logits, labels);
        Assert.True(found.After.Loss < found.Before.Loss);
        Assert.True(found.After.ExpectedCalibrationError < found.Before.ExpectedCalibrationError);
        Assert.Equal(found.Before.Accuracy, found.After.Accuracy);
        Assert.Equal(found.Temperature > 2, found.After.EntropyBits > found.Before.EntropyBits);
        Assert.False(found.IsUndetermined);
        Assert.InRange(found.IterationCount, 1, 15);
    }

    [Fact]
    public void Calibrate_EqualsGradientDescentThroughTheBackwardPass()
    {
        (double[][] logits, int[] labels) = Sample(3, 1.3, 300, seed: 7);
        double s = Math.Log(2);
        for (int i = 0; i < 400; i++)
        {
            double t = Math.Exp(s);
            s -= 1.0 * t * logits.Select((x, k) => new DifferentiableSoftArgmax(t).Loss(x, labels[k]).ByTemperature).Average();
        }

        Assert.Equal(Math.Exp(s), TemperatureCalibrator.Calibrate(logits, labels).Temperature, 1e-6);
    }

    // The whole way: the mean loss of a set forward, its derivative by T backward.
    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void MeanLoss_HasTheDerivativeThatTheBackwardPassGives(int classCount)
    {
        (double[][] logits, int[] labels) = Sample(classCount, 1.3, 300, seed: 11);
        foreach (double t in (double[])[0.4, 0.9, 1.3, 2, 5, 20])
        {
            const double Step = 1e-5;
            double difference = (Loss(t + Step) - Loss(t - Step)) / (2 * Step);
            double backward = logits.Select((x, k) => new DifferentiableSoftArgmax(t).Loss(x, labels[k]).ByTemperature).Average();
            Assert.Equal(difference, backward, 1e-8);
        }

        double Loss(double t) => TemperatureCalibrator.Measure(logits, labels, t).Loss;
    }

    [Theory]
    [InlineData(0.01)]
    [InlineData(0.3)]
    [InlineData(20)]
    [InlineData(100)]
    public void Calibrate_DoesNotDependOnTheStart(double start)
    {
        (double[][] logits, int[] labels) = Sample(2, 1.7, 500, seed: 3);
        double expected = TemperatureCalibrator.Calibrate(logits, labels).Temperature;
        TemperatureCalibration found = TemperatureCalibrator.Calibrate(logits, labels, start);
        Assert.Equal(expected, found.Temperature, 1e-8);
        foreach (double factor in (double[])[0.99, 1.01])
        {
            Assert.True(TemperatureCalibrator.Measure(logits, labels, expected * factor).Loss > found.After.Loss);
        }
    }

    [Fact]
    public void Calibrate_SaysWhenTheSetDoesNotDetermineTheTemperature()
    {
        double[][] logits = [[0, 10], [3, -2], [0, 1]];
        TemperatureCalibration allRight = TemperatureCalibrator.Calibrate(logits, [1, 0, 1]);
        TemperatureCalibration allWrong = TemperatureCalibrator.Calibrate(logits, [0, 1, 0]);
        TemperatureCalibration allEqual = TemperatureCalibrator.Calibrate([[1, 1], [2, 2]], [0, 1]);
        Assert.True(allRight.IsUndetermined && allRight.Temperature < 0.1);
        Assert.True(allWrong.IsUndetermined && allWrong.Temperature > 99);
        Assert.True(allEqual.IsUndetermined);
        Assert.Equal(2, allEqual.Temperature);
    }

    [Fact]
    public void Measure_ComputesWhatItsNamesSay()
    {
        // p = 3/4 for the argmax in all four samples, three of them right: perfectly calibrated; with two right the gap is 1/4.
        double[] x = [0, Math.Log(3)];
        CalibrationMetrics good = TemperatureCalibrator.Measure([x, x, x, x], [1, 1, 1, 0], 1);
        CalibrationMetrics poor = TemperatureCalibrator.Measure([x, x, x, x], [1, 1, 0, 0], 1);
        Assert.Equal(0, good.ExpectedCalibrationError, 1e-15);
        Assert.Equal(0.25, poor.ExpectedCalibrationError, 1e-15);
        Assert.Equal((0.75, 0.5), (good.Accuracy, poor.Accuracy));
        Assert.Equal(-(3 * Math.Log(0.75) + Math.Log(0.25)) / 4, good.Loss, 1e-15);
        Assert.Equal(-(0.75 * Math.Log2(0.75) + 0.25 * Math.Log2(0.25)), good.EntropyBits, 1e-15);
    }

    [Fact]
    public void WrongArguments_AreRefused()
    {
        double[][] one = [[0, 1]];
        Assert.Throws<ArgumentException>(() => TemperatureCalibrator.Calibrate([], []));
        Assert.Throws<ArgumentException>(() => TemperatureCalibrator.Calibrate(one, [0, 1]));
        Assert.Throws<ArgumentException>(() => TemperatureCalibrator.Calibrate([[0, 1], [0, 1, 2]], [0, 1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => TemperatureCalibrator.Calibrate(one, [2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => TemperatureCalibrator.Calibrate(one, [1], 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => TemperatureCalibrator.Calibrate(one, [1], double.NaN));
    }

    private static (double[][] Logits, int[] Labels) Sample(int classCount, double temperature, int count, int seed)
    {
        Random random = new(seed);
        DifferentiableSoftArgmax softArgmax = new(temperature);
        double[] Logits() => [.. Enumerable.Range(0, classCount).Select(_ => 6 * random.NextDouble() - 3)];
        double[][] logits = [.. Enumerable.Range(0, count).Select(_ => Logits())];
        int[] labels = [.. logits.Select(x => Draw(softArgmax.Forward(x).Probabilities, random.NextDouble()))];
        return (logits, labels);
    }

    private static int Draw(IReadOnlyList<double> probabilities, double point)
    {
        int label = 0;
        for (double sum = probabilities[0]; point > sum && label < probabilities.Count - 1; sum += probabilities[label])
        {
            label++;
        }

        return label;
    }
}
