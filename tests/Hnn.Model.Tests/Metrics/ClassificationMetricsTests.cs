using FsCheck;
using FsCheck.Fluent;
using Hnn.Model.Approximations;
using Hnn.Model.Metrics;

namespace Hnn.Model.Tests.Metrics;

public sealed class ClassificationMetricsTests
{
    private static readonly Arbitrary<(double[][] Logits, int[] Labels, double Temperature)> Samples = (
        from classes in Gen.Choose(2, 5)
        from samples in Gen.Choose(1, 30)
        from logits in Gen.Choose(-40, 40).Select(i => i / 8.0).ArrayOf(classes).ArrayOf(samples)
        from labels in Gen.Choose(0, classes - 1).ArrayOf(samples)
        from temperature in Gen.Choose(8, 40).Select(i => i / 8.0)
        select (logits, labels, temperature)).ToArbitrary();

    [Fact]
    public void Create_EqualsTheNaiveDefinitions() => Prop.ForAll(Samples, sample =>
    {
        (double[][] logits, int[] labels, double t) = sample;
        ClassificationMetrics metrics = ClassificationMetrics.Create(logits, labels, t);
        int classes = logits[0].Length;
        int[] predicted = [.. logits.Select(x => Enumerable.Range(0, classes).MaxBy(c => x[c]))]; // MaxBy keeps the first of equals
        double[][] p = [.. logits.Select(x => x.Select(v => Math.Exp(v / t) / x.Sum(w => Math.Exp(w / t))).ToArray())];
        bool isGood = metrics.Count == labels.Length
            && metrics.CorrectCount == predicted.Zip(labels).Count(pair => pair.First == pair.Second);
        List<double?> areas = [];
        for (int c = 0; c < classes; c++)
        {
            double hits = predicted.Zip(labels).Count(pair => pair.First == c && pair.Second == c);
            double precision = hits == 0 ? 0 : hits / predicted.Count(k => k == c),
                recall = hits == 0 ? 0 : hits / labels.Count(k => k == c);
            areas.Add(PairCount(p, labels, c));
            ClassMetrics actual = metrics.Classes[c];
            isGood &= Math.Abs(actual.Precision - precision) < 1e-14 && Math.Abs(actual.Recall - recall) < 1e-14
                && actual.Support == labels.Count(k => k == c) && Close(actual.Auroc, areas[c]);
        }

        double? area = areas.Contains(null) ? null : classes == 2 ? areas[1] : areas.Average();
        ClassMetrics[] summarised = classes == 2 ? [metrics.Classes[1]] : [.. metrics.Classes];
        return isGood && Close(metrics.Auroc, area) && Close(metrics.F1, summarised.Average(c => c.F1))
            && Close(metrics.Precision, summarised.Average(c => c.Precision)) && Close(metrics.Recall, summarised.Average(c => c.Recall));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Calibration_EqualsTheNaiveDefinitions() => Prop.ForAll(Samples, sample =>
    {
        (double[][] logits, int[] labels, double t) = sample;
        CalibrationMetrics metrics = ClassificationMetrics.Create(logits, labels, t).Calibration;
        double[][] p = [.. logits.Select(x => x.Select(v => Math.Exp(v / t) / x.Sum(w => Math.Exp(w / t))).ToArray())];
        double loss = p.Zip(labels, (row, label) => -Math.Log(row[label])).Average();
        double entropy = p.Average(row => -row.Sum(v => v * Math.Log2(v)));
        bool[] right = [.. logits.Zip(labels, (x, label) => Array.IndexOf(x, x.Max()) == label)];

        // Fifteen equal bins of the largest probability, each sample's put there by its bounds.
        double error = 0;
        for (int bin = 0; bin < 15; bin++)
        {
            int[] members = [.. Enumerable.Range(0, p.Length).Where(i => BinOf(p[i].Max()) == bin)];
            if (members.Length == 0) continue;
            double accuracy = members.Average(i => right[i] ? 1 : 0), confidence = members.Average(i => p[i].Max());
            error += (double)members.Length / p.Length * Math.Abs(accuracy - confidence);
        }

        // A probability on the bound of two bins may fall to either side by rounding.
        bool hasEdge = p.Any(row => Math.Abs((row.Max() * 15) - Math.Round(row.Max() * 15)) < 1e-9);
        return Math.Abs(metrics.Loss - loss) < 1e-9 && Math.Abs(metrics.EntropyBits - entropy) < 1e-9
            && (hasEdge || Math.Abs(metrics.ExpectedCalibrationError - error) < 1e-12)
            && metrics.Accuracy == right.Average(r => r ? 1 : 0) && metrics.Temperature == t;

        static int BinOf(double confidence)
        {
            for (int bin = 14; bin > 0; bin--)
            {
                if (confidence >= bin / 15.0) return bin;
            }

            return 0;
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Auroc_DoesNotSaturateWhereProbabilitiesDo()
    {
        // Both probabilities of class 1 are 1 in double precision; their order is still there.
        ClassificationMetrics metrics = ClassificationMetrics.Create([[0, 60], [0, 50], [0, -50]], [1, 0, 0], 1);
        Assert.Equal(1, metrics.Auroc);
        Assert.Equal(1, ClassificationMetrics.Create([[0, 0, 60], [0, 0, 50], [0, 9, 0]], [2, 0, 1], 1).Classes[2].Auroc);
    }

    [Fact]
    public void Create_SummarisesClassOneOfTwoAndTheMeanOfMore()
    {
        ClassificationMetrics two = ClassificationMetrics.Create([[0, 1], [0, 1], [1, 0]], [1, 0, 0], 1);
        Assert.Equal((2, 0.5, 1.0, 2.0 / 3, 0.75), (two.CorrectCount, two.Precision, two.Recall, two.F1, two.Auroc!.Value));
        ClassificationMetrics three = ClassificationMetrics.Create([[1, 0, 0], [0, 1, 0], [0, 1, 0]], [0, 1, 2], 1);
        Assert.Equal((1 + 0.5 + 0) / 3, three.Precision, 1e-15);
        Assert.Equal((1.0 + 1 + 0) / 3, three.Recall, 1e-15);
        Assert.Equal(2.0 / 3, three.Accuracy);
    }

    [Fact]
    public void Create_HasNoAurocWithoutBothSides()
    {
        ClassificationMetrics metrics = ClassificationMetrics.Create([[0, 1], [0, 2]], [1, 1], 1);
        Assert.Null(metrics.Auroc);
        Assert.Equal(1, metrics.Accuracy);
    }

    [Fact]
    public void WrongArguments_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => ClassificationMetrics.Create([], [], 1));
        Assert.Throws<ArgumentException>(() => ClassificationMetrics.Create([[0, double.NaN]], [0], 1));
        Assert.Throws<ArgumentException>(() => ClassificationMetrics.Create([[0, 1], [0, 1, 2]], [0, 1], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => ClassificationMetrics.Create([[0, 1]], [2], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => ClassificationMetrics.Create([[0, 1]], [1], 0));
    }

    // Over all pairs, on the log-odds written the plain way; within 1e-12 they count as equal, which ties of eighths are. Temperatures of
    // 1 and more keep others further apart (2.7e-10 for three classes); at 1/4 a third class can matter by 7e-14.
    private static double? PairCount(double[][] p, int[] labels, int label)
    {
        double[] odds = [.. p.Select(row => Math.Log(row[label]) - Math.Log(row.Where((_, j) => j != label).Sum()))];
        double[] positives = [.. odds.Where((_, i) => labels[i] == label)], negatives = [.. odds.Where((_, i) => labels[i] != label)];
        double wins = positives.Sum(a => negatives.Sum(b => Math.Abs(a - b) < 1e-12 ? 0.5 : a > b ? 1 : 0));
        return positives.Length * negatives.Length == 0 ? null : wins / ((double)positives.Length * negatives.Length);
    }

    private static bool Close(double? a, double? b) => a is null ? b is null : b is not null && Math.Abs(a.Value - b.Value) < 1e-12;
}
