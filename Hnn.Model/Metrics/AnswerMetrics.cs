namespace Hnn.Model.Metrics;

/// <summary>How well answers classify a labelled set, where some samples may have got none.</summary>
/// <param name="Confusion">Answers against labels.</param>
/// <param name="Classes">Each class against all others.</param>
/// <remarks>A sample without an answer is a wrong one: it counts against recall and accuracy, and ranks worst in the AUROC. With two
/// classes, precision, recall, F1 and AUROC are those of class 1; with more they are macro averages over the classes.</remarks>
public sealed record AnswerMetrics(ConfusionMatrix Confusion, IReadOnlyList<ClassMetrics> Classes)
{
    /// <summary>Part of the samples whose answer is the label.</summary>
    public double Accuracy => Confusion.Accuracy;

    /// <summary>Precision of class 1 of two, or the mean over more classes.</summary>
    public double Precision => ClassSummary.Of(Classes, c => c.Precision);

    /// <summary>Recall of class 1 of two, or the mean over more classes.</summary>
    public double Recall => ClassSummary.Of(Classes, c => c.Recall);

    /// <summary>F1 of class 1 of two, or the mean over more classes.</summary>
    public double F1 => ClassSummary.Of(Classes, c => c.F1);

    /// <summary>AUROC of class 1 of two, or the mean over more classes; null where a class has none, or answers have no
    /// probabilities.</summary>
    public double? Auroc => ClassSummary.Auroc(Classes);

    /// <summary>Measures answers against labels.</summary>
    /// <param name="answers">The predicted class of each sample, 0 to n − 1, or null for none.</param>
    /// <param name="probabilities">n values of each sample, which the AUROC ranks by, one class against the rest; not read of samples
    /// without an answer; null where answers come without probabilities.</param>
    /// <param name="labels">The true class of each sample.</param>
    /// <param name="classCount">n ≥ 2.</param>
    /// <exception cref="ArgumentException">No samples, counts that differ, a class out of range, or a probability that is NaN.</exception>
    public static AnswerMetrics Create(
        IReadOnlyList<int?> answers, IReadOnlyList<IReadOnlyList<double>>? probabilities, IReadOnlyList<int> labels, int classCount)
    {
        ConfusionMatrix matrix = ConfusionMatrix.OfAnswers(answers, labels, classCount);
        if (probabilities is not null && probabilities.Count != labels.Count)
            throw new ArgumentException(
                $"{probabilities.Count} vectors of probabilities for {labels.Count} samples; each sample needs one.",
                nameof(probabilities));
        return new(
            matrix,
            [.. Enumerable.Range(0, classCount).Select(c => new ClassMetrics(
                matrix.Support(c), matrix.Precision(c), matrix.Recall(c), matrix.F1(c),
                probabilities is null ? null : AurocOf(c, answers, probabilities, labels)))]);
    }

    /// <summary>Samples without an answer rank worst: a positive below all others, a negative above.</summary>
    private static double? AurocOf(
        int label, IReadOnlyList<int?> answers, IReadOnlyList<IReadOnlyList<double>> probabilities, IReadOnlyList<int> labels)
    {
        bool[] isPositive = [.. labels.Select(l => l == label)];
        double[] scores = [.. labels.Select((_, i) => answers[i] is not null ? probabilities[i][label]
            : isPositive[i] ? double.NegativeInfinity : double.PositiveInfinity)];
        return Metrics.Auroc.Compute(scores, isPositive);
    }
}
