using Hnn.Model.Approximations;
using Hnn.Model.Compilation;
using Hnn.Model.Sessions;

namespace Hnn.Model.Tests.Sessions;

public sealed class EvaluationSummaryTests
{
    [Fact]
    public void Create_CountsEachKindOnce()
    {
        ScoredSentence[] sentences =
        [
            Sentence(4, goldLabel: 1, decrypted: 0.9, clear: 0.9999, isInRange: false),
            Sentence(0, goldLabel: 1, decrypted: 0.9, clear: 0.91),
            Sentence(1, goldLabel: 0, decrypted: 0.6, clear: 0.7),
            Sentence(2, goldLabel: 1, decrypted: 0.499, clear: 0.5005), // nearer to ½ than its error
            Sentence(3, goldLabel: 1, decrypted: 3.5, clear: 0.99), // no soft-argmax
        ];
        EvaluationSummary summary = EvaluationSummary.Create(sentences, Clear(1, 0, 1, 1, 1), 2);
        Assert.Equal((5, 2), (summary.Count, summary.OutOfRangeCount));
        Assert.Equal((1, 0.2), (summary.Encrypted.Confusion.CorrectCount, summary.Encrypted.Accuracy));
        Assert.Equal((4, 0.8), (summary.Clear.CorrectCount, summary.Clear.Accuracy));
        Assert.Equal((2, 4, 2, 0.4), (summary.AgreementCount, summary.DecidedCount, summary.DecidedAgreementCount, summary.Agreement));
        Assert.Equal([2, 3, 4], summary.Disagreements.Select(d => d.Index));
        Assert.Equal(0.1, summary.MaxAbsoluteError, 12);
        Assert.Equal((0.01 + 0.1 + 0.0015) / 3, summary.MeanAbsoluteError, 12);
        double H(double p) => -(p * Math.Log2(p)) - ((1 - p) * Math.Log2(1 - p));
        Assert.Equal((H(0.9) + H(0.6) + H(0.499)) / 3, summary.EntropyBits!.Value, 12);
    }

    [Fact]
    public void Create_RefusesSentencesOfOtherData()
    {
        Assert.Throws<ArgumentException>(() => EvaluationSummary.Create([], Clear(1), 2));
        Assert.Throws<ArgumentException>(() => EvaluationSummary.Create([Sentence(1, 1, 0.9, 0.9)], Clear(1), 2));
        Assert.Throws<ArgumentException>(() => EvaluationSummary.Create([Sentence(0, 1, 0.9, 0.9)], Clear(0), 2));
    }

    [Fact]
    public void Create_OfNothingInRange_HasNoEntropy()
    {
        EvaluationSummary summary = EvaluationSummary.Create([Sentence(0, 1, 9, 0.9)], Clear(1), 2);
        Assert.Null(summary.EntropyBits);
        Assert.Equal((0.0, 0.0, 0.0), (summary.Encrypted.Accuracy, summary.MaxAbsoluteError, summary.MeanTwinError));
    }

    [Fact]
    public void OutOfRange_HasNoLabel()
    {
        Assert.Null(Sentence(0, 1, decrypted: 1.06, clear: 0.99).Label);
        Assert.Null(Sentence(0, 1, decrypted: double.NaN, clear: 0.99).Label);
        Assert.Null(Sentence(0, 1, decrypted: 0.9, clear: 0.99, isInRange: false).Label);
        Assert.Equal(1, Sentence(0, 1, decrypted: 1.04, clear: 0.99).Label);
    }

    // An error of every value by less than the margin keeps the label, one by more may not.
    [Theory]
    [InlineData(2, new[] { 0.7 }, 0.2)]
    [InlineData(2, new[] { 0.25 }, 0.25)]
    [InlineData(5, new[] { 2.7 }, 0.2)]
    [InlineData(5, new[] { 4.2 }, 0.7)]
    [InlineData(3, new[] { 0.2, 0.7, 0.1 }, 0.25)]
    public void Margin_IsTheSmallestErrorThatCouldMoveTheLabel(int classCount, double[] exact, double margin)
    {
        ScoredSentence sentence = new(0, 4, 0, 0, 0, false, exact, exact, exact);
        Assert.Equal(margin, sentence.Margin(classCount), 12);
        int Label(double error)
        {
            if (exact.Length == 1) return Math.Clamp((int)Math.Round(exact[0] + error), 0, classCount - 1);
            double[] moved = [.. exact.Select(v => v == exact.Max() ? v + error : v - error)];
            return Array.IndexOf(moved, moved.Max());
        }

        Assert.Equal(Label(0), Label(0.99 * margin));
        Assert.Equal(Label(0), Label(-0.99 * margin));
        Assert.True(Label(0) != Label(1.01 * margin) || Label(0) != Label(-1.01 * margin));
    }

    [Fact]
    public void Probabilities_AreWhatTheReleasedValuesMean()
    {
        ScoredSentence Of(params double[] released) => new(0, 4, 0, 0, 0, false, released, released, released);
        Assert.Equal([0.25, 0.75], Of(0.75).Probabilities(2));
        Assert.Equal([0.2, 0.3, 0.5], Of(0.2, 0.3, 0.5).Probabilities(3));
        Assert.Null(Of(1.3).Probabilities(3));
    }

    // Logits whose argmax is 1.
    private static ClearOutcome Clear(params int[] labels) => new([.. labels.Select(_ => (double[])[0, 3])], labels, 0, []);

    private static ScoredSentence Sentence(int index, int goldLabel, double decrypted, double clear, bool isInRange = true) =>
        ScoredSentence.Create(index, 16, goldLabel, isTruncated: false, new LocalResult(
            new ReleasedValue(decrypted), new ClearResult(clear, clear, 0, isInRange),
            TimeSpan.Zero, TimeSpan.FromSeconds(2), TimeSpan.Zero, 1, 1));
}
