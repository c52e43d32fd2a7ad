namespace Hnn.Model.Sessions;

/// <summary>Totals over classified sentences.</summary>
/// <param name="Count">Sentences.</param>
/// <param name="CorrectCount">Those whose encrypted label is the true one; an out-of-range answer is a wrong one.</param>
/// <param name="ClearCorrectCount">Those whose label in the clear is the true one.</param>
/// <param name="OutOfRangeCount">Those without a label.</param>
/// <param name="TruncatedCount">Those cut to the largest bucket.</param>
/// <param name="AgreementCount">Those where the encrypted label is the one in the clear.</param>
/// <param name="DecidedCount">Those whose margin in the clear, see <see cref="LocalResult.ClearMargin"/>, is more than their error: only others may change.</param>
/// <param name="DecidedAgreementCount">Agreement among the decided.</param>
/// <param name="MaxAbsoluteError">Largest |decrypted − exact| of those in range.</param>
/// <param name="MaxTwinError">Largest |decrypted − twin| of those in range.</param>
/// <param name="MeanEvaluateTime">Mean of the server's time.</param>
public sealed record EvaluationSummary(
    int Count,
    int CorrectCount,
    int ClearCorrectCount,
    int OutOfRangeCount,
    int TruncatedCount,
    int AgreementCount,
    int DecidedCount,
    int DecidedAgreementCount,
    double MaxAbsoluteError,
    double MaxTwinError,
    TimeSpan MeanEvaluateTime)
{
    /// <summary>Part of the sentences with the true label; 0 for none.</summary>
    public double Accuracy => Count == 0 ? 0 : (double)CorrectCount / Count;

    /// <summary>The same in the clear.</summary>
    public double ClearAccuracy => Count == 0 ? 0 : (double)ClearCorrectCount / Count;

    /// <summary>Sums sentences up.</summary>
    /// <param name="sentences">In any order.</param>
    /// <returns>The totals.</returns>
    public static EvaluationSummary Create(IReadOnlyCollection<ScoredSentence> sentences)
    {
        ArgumentNullException.ThrowIfNull(sentences);
        LocalResult[] inRange = [.. sentences.Select(s => s.Result).Where(r => r.IsInRange)];
        LocalResult[] decided =
            [.. sentences.Select(s => s.Result).Where(r => !r.IsInRange || r.ClearMargin > r.AbsoluteError)];
        return new(
            sentences.Count,
            sentences.Count(s => s.Result.Label == s.GoldLabel),
            sentences.Count(s => s.Result.ClearLabel == s.GoldLabel),
            sentences.Count - inRange.Length,
            sentences.Count(s => s.IsTruncated),
            sentences.Count(s => s.Result.Label == s.Result.ClearLabel),
            decided.Length,
            decided.Count(r => r.Label == r.ClearLabel),
            inRange.Select(r => r.AbsoluteError).DefaultIfEmpty().Max(),
            inRange.Select(r => r.TwinError).DefaultIfEmpty().Max(),
            TimeSpan.FromTicks((long)sentences.Select(s => (double)s.Result.EvaluateTime.Ticks).DefaultIfEmpty().Average()));
    }
}
