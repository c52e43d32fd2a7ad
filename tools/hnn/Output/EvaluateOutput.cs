using Hnn.Model.Metrics;
using Hnn.Model.Sessions;
using Hnn.Tool.Evaluation;

namespace Hnn.Tool.Output;

/// <summary>The JSON object of <c>hnn evaluate</c>, field by field; also summary.json of its report. Holds no text.</summary>
/// <param name="Sentences">Sentences classified.</param>
/// <param name="Model">Name of the model's folder.</param>
/// <param name="Packing">latency or throughput.</param>
/// <param name="Accuracy">Encrypted labels that are the true ones; out of range is wrong.</param>
/// <param name="Precision">Of class 1 of two; the mean over more classes.</param>
/// <param name="Recall">Of class 1 of two; the mean over more classes.</param>
/// <param name="F1">Of class 1 of two; the mean over more classes.</param>
/// <param name="Auroc">Of the released probabilities; of class 1 of two; the mean over more classes, one against the rest; null where
/// undefined.</param>
/// <param name="PlainAccuracy">Of the same network in the clear.</param>
/// <param name="Agreement">Part of the sentences whose encrypted label is the one in the clear.</param>
/// <param name="MaxAbsError">Largest |released − in the clear| of those in range.</param>
/// <param name="MeanAbsError">Mean of it.</param>
/// <param name="SecondsPerSentence">Encryption, evaluation and decryption; a share of the batch.</param>
/// <param name="TotalSeconds">All starts of the program together, keys, traces and the clear network included, each up to its last row.
/// </param>
/// <param name="PeakBytes">Peak working set of any start.</param>
/// <param name="SecurityBits">Classical security.</param>
/// <param name="Data">Name of the data file.</param>
/// <param name="ModelId">SHA-256 of the model's files.</param>
/// <param name="Correct">Right under encryption.</param>
/// <param name="PlainCorrect">Right in the clear.</param>
/// <param name="PlainPrecision">In the clear.</param>
/// <param name="PlainRecall">In the clear.</param>
/// <param name="PlainF1">In the clear.</param>
/// <param name="PlainAuroc">In the clear, of the logits' log-odds.</param>
/// <param name="Agreements">How many labels agree.</param>
/// <param name="Decided">Sentences whose margin is larger than their error, and those out of range.</param>
/// <param name="DecidedAgreements">How many of them agree.</param>
/// <param name="OutOfRange">Sentences without a label.</param>
/// <param name="Truncated">Sentences cut to the largest bucket.</param>
/// <param name="MaxTwinError">Largest distance to the clear twin: noise alone.</param>
/// <param name="MeanTwinError">Mean of it.</param>
/// <param name="Temperature">T of the model.</param>
/// <param name="EntropyBits">Mean entropy of what is released; null where it is no distribution.</param>
/// <param name="PlainEntropyBits">The same in the clear.</param>
/// <param name="KeySeconds">Making keys, of all sessions.</param>
/// <param name="Runs">How many times the program was started.</param>
/// <param name="Parameters">Of the largest bucket that occurs.</param>
/// <param name="Backend">Where sentences were classified, of all sessions; null where rows of earlier versions do not say.</param>
/// <param name="Buckets">Each bucket.</param>
/// <param name="Layers">The error after each step; empty without a trace.</param>
/// <param name="Disagreements">Each sentence whose labels differ.</param>
internal sealed record EvaluateOutput(
    int Sentences, string Model, string Packing, double Accuracy, double Precision, double Recall, double F1, double? Auroc,
    double PlainAccuracy, double Agreement, double MaxAbsError, double MeanAbsError, double SecondsPerSentence, double TotalSeconds,
    long PeakBytes, int SecurityBits, string Data, string ModelId, int Correct, int PlainCorrect, double PlainPrecision,
    double PlainRecall, double PlainF1, double? PlainAuroc, int Agreements, int Decided, int DecidedAgreements, int OutOfRange,
    int Truncated, double MaxTwinError, double MeanTwinError, double Temperature, double? EntropyBits, double PlainEntropyBits,
    double KeySeconds, int Runs, ParametersOutput Parameters, string? Backend,
    IReadOnlyList<EvaluateOutput.BucketRow> Buckets, IReadOnlyList<EvaluateOutput.LayerRow> Layers,
    IReadOnlyList<EvaluateOutput.DisagreementRow> Disagreements)
{
    /// <summary>A bucket: its sentences, keys and mean times.</summary>
    internal sealed record BucketRow(
        int Bucket, int Count, double KeySeconds, long KeyBytes, double EncryptSeconds, double EvaluateSeconds, double DecryptSeconds,
        double MaxAbsError);

    /// <summary>A step, with errors in the unit of what it computes.</summary>
    internal sealed record LayerRow(
        string Name, string Quantity, int Level, double MaxError, double MeanError, double PredictedError, double BudgetBits);

    /// <summary>A sentence whose labels differ: an error larger than the margin, or out of range.</summary>
    internal sealed record DisagreementRow(int Index, string? Label, string PlainLabel, string GoldLabel, double Margin, double AbsError);

    /// <summary>Collects a result.</summary>
    public static EvaluateOutput Create(EvaluationResult result)
    {
        EvaluationSummary s = result.Summary;
        (AnswerMetrics encrypted, ClassificationMetrics clear) = (s.Encrypted, s.Clear);
        (EvaluationInput input, RunState state) = (result.Input, result.State);
        IReadOnlyList<string> labels = input.Model.Config.Labels;
        return new(
            s.Count, input.Identity.Model, input.Identity.Packing, encrypted.Accuracy, encrypted.Precision, encrypted.Recall, encrypted.F1,
            encrypted.Auroc, clear.Accuracy, s.Agreement, s.MaxAbsoluteError, s.MeanAbsoluteError, result.SecondsPerSentence,
            state.TotalSeconds, state.PeakBytes, result.SecurityBits, input.Identity.Data, input.Identity.ModelId,
            encrypted.Confusion.CorrectCount, clear.CorrectCount, clear.Precision, clear.Recall, clear.F1, clear.Auroc, s.AgreementCount,
            s.DecidedCount, s.DecidedAgreementCount, s.OutOfRangeCount, s.TruncatedCount, s.MaxTwinError, s.MeanTwinError,
            clear.Calibration.Temperature, s.EntropyBits, clear.Calibration.EntropyBits, result.KeySeconds,
            state.Sessions.Select(session => session.Run).Distinct().Count(), ParametersOutput.Create(result.Parameters),
            result.Backend,
            [.. state.Sentences.GroupBy(row => row.Bucket).OrderBy(g => g.Key).Select(g => Bucket(g, state))],
            [.. result.Layers.Select(l => new LayerRow(
                l.Name, l.Quantity, l.Level, l.MaxError, l.MeanError, l.PredictedError, l.BudgetBits))],
            [.. s.Disagreements.Select(d => new DisagreementRow(
                d.Index, d.Label is { } label ? labels[label] : null, labels[d.ClearLabel], labels[d.GoldLabel],
                d.Margin(labels.Count), d.AbsoluteError))]);
    }

    /// <summary>Writes the totals for people.</summary>
    public void Write(TextWriter writer)
    {
        void Row(string name, FormattableString value) => writer.WriteLine($"{name,-14} {Units.Format(value)}");
        Row("accuracy", $"{Accuracy:F4} encrypted ({Correct} of {Sentences}), {PlainAccuracy:F4} in the clear");
        Row("precision", $"{Precision:F4} encrypted, {PlainPrecision:F4} in the clear");
        Row("recall", $"{Recall:F4} encrypted, {PlainRecall:F4} in the clear");
        Row("F1", $"{F1:F4} encrypted, {PlainF1:F4} in the clear");
        Row("AUROC", $"{Shown(Auroc)} encrypted, {Shown(PlainAuroc)} in the clear");
        Row("agreement", $"{Agreements} of {Sentences}; {DecidedAgreements} of the {Decided} whose margin is larger than their error");
        foreach (DisagreementRow d in Disagreements)
        {
            string label = d.Label ?? "out of range";
            Row(
                "  differs",
                $"sentence {d.Index}: {label}, {d.PlainLabel} in the clear; margin {d.Margin:0.0e-0}, error {d.AbsError:0.0e-0}");
        }

        Row("out of range", $"{OutOfRange}");
        Row("truncated", $"{Truncated}");
        Row("largest error", $"{MaxAbsError:0.0e-0} to the clear network, {MaxTwinError:0.0e-0} to its twin; mean {MeanAbsError:0.0e-0}");
        if (Layers.Count > 0 && Layers.MaxBy(l => l.MaxError) is { } worst)
        {
            Row("worst step", $"{worst.Name}: {worst.MaxError:0.0e-0}");
        }

        Row("entropy", $"{Shown(EntropyBits)} bits of what is released, {PlainEntropyBits:F4} in the clear, at T = {Temperature:G6}");
        Row("time", $"{SecondsPerSentence:F2} s a sentence, {TotalSeconds:F1} s in all, {KeySeconds:F1} s of it keys");
        Row("peak memory", $"{Units.Bytes(PeakBytes)}");
    }

    private static string Shown(double? value) => value is { } number ? Units.Format($"{number:F4}") : "undefined";

    private static BucketRow Bucket(IGrouping<int, SentenceRow> rows, RunState state)
    {
        SessionRow[] sessions = [.. state.Sessions.Where(s => s.Bucket == rows.Key)];
        return new(
            rows.Key, rows.Count(), sessions.Sum(s => s.KeySeconds), sessions.Max(s => s.KeyBytes), rows.Average(r => r.EncryptSeconds),
            rows.Average(r => r.EvaluateSeconds), rows.Average(r => r.DecryptSeconds),
            rows.Where(r => r.Label is not null).Select(r => r.Scored.AbsoluteError).DefaultIfEmpty().Max());
    }
}
