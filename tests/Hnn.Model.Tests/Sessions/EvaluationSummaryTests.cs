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
            Sentence(goldLabel: 1, decrypted: 0.9, clear: 0.91),
            Sentence(goldLabel: 0, decrypted: 0.6, clear: 0.7),
            Sentence(goldLabel: 1, decrypted: 0.499, clear: 0.5005), // nearer to ½ than its error
            Sentence(goldLabel: 1, decrypted: 3.5, clear: 0.99), // no soft-argmax
            Sentence(goldLabel: 1, decrypted: 0.9, clear: 0.9999, isInRange: false),
        ];
        EvaluationSummary summary = EvaluationSummary.Create(sentences);
        Assert.Equal((5, 1, 4, 2), (summary.Count, summary.CorrectCount, summary.ClearCorrectCount, summary.OutOfRangeCount));
        Assert.Equal((2, 4, 2), (summary.AgreementCount, summary.DecidedCount, summary.DecidedAgreementCount));
        Assert.Equal(0.2, summary.Accuracy);
        Assert.Equal(0.8, summary.ClearAccuracy);
        Assert.Equal(0.1, summary.MaxAbsoluteError, 12);
        Assert.Equal(TimeSpan.FromSeconds(2), summary.MeanEvaluateTime);
    }

    [Fact]
    public void Create_TakesNothing() => Assert.Equal((0, 0.0, 0.0), (Empty.Count, Empty.Accuracy, Empty.MaxTwinError));

    [Fact]
    public void OutOfRange_HasNoLabel()
    {
        Assert.Null(Sentence(1, decrypted: 1.06, clear: 0.99).Result.Label);
        Assert.Null(Sentence(1, decrypted: double.NaN, clear: 0.99).Result.Label);
        Assert.Null(Sentence(1, decrypted: 0.9, clear: 0.99, isInRange: false).Result.Label);
        Assert.Equal(1, Sentence(1, decrypted: 1.04, clear: 0.99).Result.Label);
    }

    private static EvaluationSummary Empty => EvaluationSummary.Create([]);

    private static ScoredSentence Sentence(int goldLabel, double decrypted, double clear, bool isInRange = true) => new(
        0, 16, goldLabel, IsTruncated: false,
        new LocalResult(
            new ReleasedValue(decrypted), new ClearResult(clear, clear, 0, isInRange), TimeSpan.Zero, TimeSpan.FromSeconds(2), TimeSpan.Zero, 1, 1));
}
