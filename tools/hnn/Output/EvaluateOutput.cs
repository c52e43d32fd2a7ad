using Hnn.Model.Sessions;

namespace Hnn.Tool.Output;

/// <summary>The JSON object of <c>hnn evaluate</c>.</summary>
internal sealed record EvaluateOutput(IReadOnlyList<SentenceOutput> Sentences, EvaluateSummaryOutput Summary);

/// <summary>A sentence of <c>hnn evaluate</c>, without its text.</summary>
internal sealed record SentenceOutput(
    int Index, int Bucket, string? Label, string GoldLabel, double SoftArgmax, double PlainSoftArgmax, double AbsError, double TwinError,
    double EvaluateMs, bool Truncated, bool InRange)
{
    /// <summary>Collects a sentence.</summary>
    public static SentenceOutput Create(ScoredSentence sentence, IReadOnlyList<string> labels)
    {
        LocalResult r = sentence.Result;
        return new(
            sentence.Index, sentence.Bucket, r.Label is { } label ? labels[label] : null, labels[sentence.GoldLabel], r.Released.Value,
            r.Clear.SoftArgmax, r.AbsoluteError, r.TwinError, r.EvaluateTime.TotalMilliseconds, sentence.IsTruncated, r.IsInRange);
    }

    /// <summary>Names of the columns.</summary>
    public static string Header => "index  bucket  label         true          decrypted  clear     error    noise    evaluate";

    /// <summary>One line.</summary>
    public string ToLine() => Units.Format(
        $"{Index,5}  {Bucket,6}  {Label ?? "out of range",-12}  {GoldLabel,-12}  {SoftArgmax,9:F6}  {PlainSoftArgmax:F6}  {AbsError:0.0e-0}  {TwinError:0.0e-0}  {Units.Milliseconds(EvaluateMs)}");
}

/// <summary>The totals of <c>hnn evaluate</c>.</summary>
internal sealed record EvaluateSummaryOutput(
    int Count, int Correct, double Accuracy, double PlainAccuracy, int OutOfRange, int Truncated, int Agreements, int Decided, int DecidedAgreements,
    double MaxAbsError, double MaxTwinError, double MeanEvaluateMs)
{
    /// <summary>Collects the totals.</summary>
    public static EvaluateSummaryOutput Create(EvaluationSummary s) => new(
        s.Count, s.CorrectCount, s.Accuracy, s.ClearAccuracy, s.OutOfRangeCount, s.TruncatedCount, s.AgreementCount, s.DecidedCount,
        s.DecidedAgreementCount, s.MaxAbsoluteError, s.MaxTwinError, s.MeanEvaluateTime.TotalMilliseconds);

    /// <summary>Writes the totals for people.</summary>
    public void Write(TextWriter writer)
    {
        void Row(string name, FormattableString value) => writer.WriteLine($"{name,-14} {Units.Format(value)}");
        Row("accuracy", $"{Accuracy:F4} encrypted ({Correct} of {Count}), {PlainAccuracy:F4} in the clear");
        Row("agreement", $"{Agreements} of {Count}; {DecidedAgreements} of the {Decided} whose clear value is further from 1/2 than its error");
        Row("out of range", $"{OutOfRange}");
        Row("truncated", $"{Truncated}");
        Row("largest error", $"{MaxAbsError:0.0e-0} to the clear network, {MaxTwinError:0.0e-0} to its twin");
        Row("mean time", $"{Units.Milliseconds(MeanEvaluateMs)} of evaluation");
    }
}
