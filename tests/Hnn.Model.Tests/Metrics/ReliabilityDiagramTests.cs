using FsCheck;
using FsCheck.Fluent;
using Hnn.Model.Approximations;
using Hnn.Model.Metrics;

namespace Hnn.Model.Tests.Metrics;

public sealed class ReliabilityDiagramTests
{
    [Fact]
    public void Bins_HoldEverySampleOnceAndGiveTheCalibrationError() => Prop.ForAll((
        from classes in Gen.Choose(2, 5)
        from count in Gen.Choose(1, 40)
        from logits in Gen.Choose(-40, 40).Select(i => i / 8.0).ArrayOf(classes).ArrayOf(count)
        from labels in Gen.Choose(0, classes - 1).ArrayOf(count)
        select (logits, labels)).ToArbitrary(), sample =>
    {
        (double[][] logits, int[] labels) = sample;
        IReadOnlyList<ReliabilityBin> bins = ReliabilityDiagram.Create(logits, labels, 1.5);
        double error = bins.Sum(b => b.Count * Math.Abs(b.Accuracy - b.MeanConfidence)) / labels.Length;
        double right = bins.Sum(b => b.Count * b.Accuracy) / labels.Length;
        CalibrationMetrics metrics = TemperatureCalibrator.Measure(logits, labels, 1.5);
        return bins.Sum(b => b.Count) == labels.Length && bins.All(b => b.Count > 0)
            && bins.All(b => b.MeanConfidence >= b.Low - 1e-12 && b.MeanConfidence <= b.High + 1e-12)
            && bins.Zip(bins.Skip(1)).All(pair => pair.First.High <= pair.Second.Low)
            && Math.Abs(error - metrics.ExpectedCalibrationError) < 1e-12 && Math.Abs(right - metrics.Accuracy) < 1e-12;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void KnownSamples_FallWhereTheyBelong()
    {
        // p = 0.5 (a tie: the first), and 0.75 twice, one of them right.
        double x = Math.Log(3);
        IReadOnlyList<ReliabilityBin> bins = ReliabilityDiagram.Create([[1, 1], [0, x], [x, 0]], [0, 1, 1], 1);
        Assert.Equal([(7, 1, 1.0), (11, 2, 0.5)], bins.Select(b => ((int)Math.Round(b.Low * 15), b.Count, b.Accuracy)));
        Assert.Equal([0.5, 0.75], bins.Select(b => Math.Round(b.MeanConfidence, 12)));
    }

    [Fact]
    public void CountsThatDiffer_AreRefused() =>
        Assert.Throws<ArgumentException>(() => ReliabilityDiagram.Create([[0, 1]], [0, 1], 1));
}
