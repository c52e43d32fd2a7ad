using Hnn.Model.Approximations;

namespace Hnn.Model.Metrics;

/// <summary>How well a network's logits classify a labelled set.</summary>
/// <param name="Count">Samples.</param>
/// <param name="CorrectCount">Samples whose argmax (the first of equals) is the label.</param>
/// <param name="Classes">Each class against all others.</param>
/// <param name="Calibration">Loss, entropy of the released distribution and calibration error, at a temperature.</param>
/// <remarks>With two classes, precision, recall, F1 and AUROC are those of class 1, as papers on SST-2 report them. With more they are
/// macro averages over the classes; AUROC one against the rest.</remarks>
public sealed record ClassificationMetrics(
    int Count, int CorrectCount, IReadOnlyList<ClassMetrics> Classes, CalibrationMetrics Calibration)
{
    /// <summary>Part of the samples whose argmax is the label.</summary>
    public double Accuracy => (double)CorrectCount / Count;

    /// <summary>Precision of class 1 of two, or the mean over more classes.</summary>
    public double Precision => ClassSummary.Of(Classes, c => c.Precision);

    /// <summary>Recall of class 1 of two, or the mean over more classes.</summary>
    public double Recall => ClassSummary.Of(Classes, c => c.Recall);

    /// <summary>F1 of class 1 of two, or the mean over more classes.</summary>
    public double F1 => ClassSummary.Of(Classes, c => c.F1);

    /// <summary>AUROC of class 1 of two, or the mean over more classes; null where a class has none.</summary>
    public double? Auroc => ClassSummary.Auroc(Classes);

    /// <summary>Measures logits against labels.</summary>
    /// <param name="logits">One vector of n ≥ 2 finite logits for each sample, all of one length.</param>
    /// <param name="labels">The true class of each sample, 0 to n − 1.</param>
    /// <param name="temperature">T of the soft-argmax, positive and finite. It moves <see cref="Calibration"/> and, for more than two
    /// classes, the AUROC; nothing else.</param>
    /// <exception cref="ArgumentException">No samples, lengths that differ, a logit that is not finite, or a label out of
    /// range.</exception>
    public static ClassificationMetrics Create(IReadOnlyList<double[]> logits, IReadOnlyList<int> labels, double temperature)
    {
        CalibrationMetrics calibration = TemperatureCalibrator.Measure(logits, labels, temperature); // proves its arguments
        int classCount = logits[0].Length;
        ConfusionMatrix matrix = new([.. logits.Select(ArgMax)], labels, classCount);
        return new(
            matrix.Count,
            matrix.CorrectCount,
            [.. Enumerable.Range(0, classCount).Select(c => new ClassMetrics(
                matrix.Support(c), matrix.Precision(c), matrix.Recall(c), matrix.F1(c), AurocOf(c, logits, labels, temperature)))],
            calibration);
    }

    /// <summary>The first of the largest.</summary>
    private static int ArgMax(double[] values) => Array.IndexOf(values, values.Max());

    private static double? AurocOf(int label, IReadOnlyList<double[]> logits, IReadOnlyList<int> labels, double temperature)
    {
        double[] scores = [.. logits.Select(x => LogOdds(x, label, temperature))];
        bool[] isPositive = [.. labels.Select(l => l == label)];
        return Metrics.Auroc.Compute(scores, isPositive);
    }

    /// <summary>ln(p_c / (1 − p_c)) = x_c/T − ln Σ_(j≠c) e^(x_j/T): rises with p_c and, unlike it, does not saturate into ties. For two
    /// classes exactly (x_1 − x_0)/T or its negative.</summary>
    private static double LogOdds(double[] x, int label, double temperature)
    {
        double[] others = [.. x.Where((_, j) => j != label)];
        double largest = others.Max();
        double sum = others.Sum(value => Math.Exp((value - largest) / temperature));
        return ((x[label] - largest) / temperature) - Math.Log(sum);
    }
}
