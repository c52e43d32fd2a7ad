namespace Hnn.Model.Metrics;

/// <summary>How often each class was predicted for each true class, with the ratios that are read off it.</summary>
/// <remarks>A sample may go without a prediction: it counts among those of its class, so against recall, and to no prediction's precision.
/// A ratio with nothing to divide by is 0: the precision of a class that was never predicted, the recall of one that does not
/// occur. Means over classes are macro averages: every class counts the same, however rare. Immutable, thread-safe.</remarks>
public sealed class ConfusionMatrix
{
    private readonly int[,] _counts;
    private readonly int[] _unanswered;

    /// <summary>Counts pairs.</summary>
    /// <param name="predicted">Predicted classes, 0 to n − 1.</param>
    /// <param name="labels">True classes, as many, at least one.</param>
    /// <param name="classCount">n ≥ 2.</param>
    /// <exception cref="ArgumentException">The counts differ or are 0, or a class is out of range.</exception>
    public ConfusionMatrix(IReadOnlyList<int> predicted, IReadOnlyList<int> labels, int classCount)
        : this(Nullable(predicted), labels, classCount)
    {
    }

    private ConfusionMatrix(int?[] predicted, IReadOnlyList<int> labels, int classCount)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentOutOfRangeException.ThrowIfLessThan(classCount, 2);
        if (labels.Count == 0 || predicted.Length != labels.Count)
            throw new ArgumentException(
                $"Predictions and labels must be as many, at least one; got {predicted.Length} and {labels.Count}.", nameof(predicted));
        _counts = new int[classCount, classCount];
        _unanswered = new int[classCount];
        for (int i = 0; i < labels.Count; i++)
        {
            if ((uint)(predicted[i] ?? 0) >= (uint)classCount || (uint)labels[i] >= (uint)classCount)
                throw new ArgumentOutOfRangeException(
                    nameof(labels), $"Sample {i}: {predicted[i]} for {labels[i]}; {classCount} classes are 0 to {classCount - 1}.");
            if (predicted[i] is { } answer) _counts[labels[i], answer]++;
            else _unanswered[labels[i]]++;
        }

        (ClassCount, Count) = (classCount, labels.Count);
    }

    /// <summary>Counts pairs, some of them without a prediction.</summary>
    /// <param name="answers">Predicted classes, 0 to n − 1, or null.</param>
    /// <param name="labels">True classes, as many, at least one.</param>
    /// <param name="classCount">n ≥ 2.</param>
    /// <exception cref="ArgumentException">The counts differ or are 0, or a class is out of range.</exception>
    public static ConfusionMatrix OfAnswers(IReadOnlyList<int?> answers, IReadOnlyList<int> labels, int classCount)
    {
        ArgumentNullException.ThrowIfNull(answers);
        return new([.. answers], labels, classCount);
    }

    /// <summary>n.</summary>
    public int ClassCount { get; }

    /// <summary>Samples.</summary>
    public int Count { get; }

    /// <summary>Samples of a true class that were given a predicted one.</summary>
    /// <param name="label">The true class.</param>
    /// <param name="predicted">The predicted class.</param>
    public int this[int label, int predicted] => _counts[label, predicted];

    /// <summary>Samples whose prediction is right.</summary>
    public int CorrectCount => Classes.Sum(c => _counts[c, c]);

    /// <summary>Part of the samples whose prediction is right.</summary>
    public double Accuracy => (double)CorrectCount / Count;

    private IEnumerable<int> Classes => Enumerable.Range(0, ClassCount);

    /// <summary>Samples of a true class.</summary>
    public int Support(int label) => Classes.Sum(c => _counts[label, c]) + _unanswered[label];

    /// <summary>Samples of a true class without a prediction.</summary>
    public int Unanswered(int label) => _unanswered[label];

    /// <summary>Of those predicted to be of a class, the part that is: TP / (TP + FP).</summary>
    public double Precision(int label) => Ratio(_counts[label, label], Classes.Sum(c => _counts[c, label]));

    /// <summary>Of those of a class, the part that is predicted to be: TP / (TP + FN).</summary>
    public double Recall(int label) => Ratio(_counts[label, label], Support(label));

    /// <summary>Harmonic mean of precision and recall: 2·TP / (2·TP + FP + FN).</summary>
    public double F1(int label) => Ratio(2 * _counts[label, label], Support(label) + Classes.Sum(c => _counts[c, label]));

    private static int?[] Nullable(IReadOnlyList<int> predicted)
    {
        ArgumentNullException.ThrowIfNull(predicted);
        return [.. predicted.Select(p => (int?)p)];
    }

    private static double Ratio(int part, int whole) => whole == 0 ? 0 : (double)part / whole;
}
