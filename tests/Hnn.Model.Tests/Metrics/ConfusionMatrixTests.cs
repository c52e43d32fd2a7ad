using FsCheck;
using FsCheck.Fluent;
using Hnn.Model.Metrics;

namespace Hnn.Model.Tests.Metrics;

public sealed class ConfusionMatrixTests
{
    private static readonly Arbitrary<(int ClassCount, (int Predicted, int Label)[] Pairs)> Samples = (
        from count in Gen.Choose(2, 6)
        from pairs in Gen.Choose(0, count - 1).Two().NonEmptyListOf()
        select (count, pairs.Select(p => (p.Item1, p.Item2)).ToArray())).ToArbitrary();

    [Fact]
    public void Ratios_EqualTheDefinitionsOverSets() => Prop.ForAll(Samples, sample =>
    {
        ConfusionMatrix matrix = Create(sample.Pairs, sample.ClassCount);
        bool isGood = matrix.Count == sample.Pairs.Length
            && matrix.CorrectCount == sample.Pairs.Count(p => p.Predicted == p.Label)
            && matrix.Accuracy == (double)matrix.CorrectCount / matrix.Count;
        for (int c = 0; c < sample.ClassCount; c++)
        {
            double truePositives = sample.Pairs.Count(p => p.Predicted == c && p.Label == c);
            double predicted = sample.Pairs.Count(p => p.Predicted == c), actual = sample.Pairs.Count(p => p.Label == c);
            double precision = predicted == 0 ? 0 : truePositives / predicted, recall = actual == 0 ? 0 : truePositives / actual;
            double f1 = precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall);
            isGood &= matrix.Precision(c) == precision && matrix.Recall(c) == recall && Math.Abs(matrix.F1(c) - f1) < 1e-15
                && matrix.Support(c) == actual;
        }

        return isGood;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Cells_SumToTheSamplesAndSwapWithTheRoles() => Prop.ForAll(Samples, sample =>
    {
        ConfusionMatrix matrix = Create(sample.Pairs, sample.ClassCount);
        ConfusionMatrix swapped = Create([.. sample.Pairs.Select(p => (p.Label, p.Predicted))], sample.ClassCount);
        int[] classes = [.. Enumerable.Range(0, sample.ClassCount)];
        return classes.Sum(i => classes.Sum(j => matrix[i, j])) == matrix.Count
            && classes.All(i => classes.All(j => matrix[i, j] == swapped[j, i]) && matrix.Precision(i) == swapped.Recall(i));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Ratios_OfAKnownTable()
    {
        // 3 true positives, 1 false positive, 2 false negatives, 4 true negatives.
        ConfusionMatrix matrix = new([1, 1, 1, 1, 0, 0, 0, 0, 0, 0], [1, 1, 1, 0, 1, 1, 0, 0, 0, 0], 2);
        Assert.Equal((4, 1, 2, 3), (matrix[0, 0], matrix[0, 1], matrix[1, 0], matrix[1, 1]));
        Assert.Equal((0.7, 0.75, 0.6, 2.0 / 3), (matrix.Accuracy, matrix.Precision(1), matrix.Recall(1), matrix.F1(1)));
    }

    [Fact]
    public void WrongArguments_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => new ConfusionMatrix([], [], 2));
        Assert.Throws<ArgumentException>(() => new ConfusionMatrix([0], [0, 1], 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConfusionMatrix([2], [0], 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConfusionMatrix([0], [-1], 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConfusionMatrix([0], [0], 1));
    }

    private static ConfusionMatrix Create((int Predicted, int Label)[] pairs, int classCount) =>
        new([.. pairs.Select(p => p.Predicted)], [.. pairs.Select(p => p.Label)], classCount);
}
