using Hnn.Model.Approximations;
using Hnn.Model.Metrics;
using Hnn.Model.Plain;
using Hnn.Model.Weights;
using Hnn.Tool.Commands;

namespace Hnn.Tool.Output;

/// <summary>The result of <c>hnn evaluate --clear</c>; its JSON object, field by field.</summary>
/// <param name="Data">Name of the data file.</param>
/// <param name="Classes">Classes.</param>
/// <param name="Count">Sentences.</param>
/// <param name="Correct">Those whose argmax is the label.</param>
/// <param name="Accuracy">Their part.</param>
/// <param name="Precision">Of class 1 of two; the mean over more classes.</param>
/// <param name="Recall">Of class 1 of two; the mean over more classes.</param>
/// <param name="F1">Of class 1 of two; the mean over more classes.</param>
/// <param name="Auroc">Of class 1 of two; the mean over more classes, one against the rest; null where a class has none.</param>
/// <param name="Temperature">T of the model, which the next three depend on.</param>
/// <param name="Loss">Mean negative log-likelihood in nats.</param>
/// <param name="EntropyBits">Mean entropy of the released distribution.</param>
/// <param name="CalibrationError">Expected calibration error over 15 bins.</param>
/// <param name="Interval">The model's interval for the arguments of its soft-argmax.</param>
/// <param name="OutOfRange">Sentences that leave it: under encryption they would get no label.</param>
/// <param name="Truncated">Sentences cut to the largest bucket.</param>
/// <param name="LargestQuantity">The quantity with the largest absolute value.</param>
/// <param name="LargestValue">That value.</param>
/// <param name="EvaluateMs">Time of the evaluation.</param>
/// <param name="PerClass">Each class against all others.</param>
/// <param name="Ranges">The largest absolute value of each quantity; null without --ranges.</param>
internal sealed record ClearEvaluateOutput(
    string Data,
    int Classes,
    int Count,
    int Correct,
    double Accuracy,
    double Precision,
    double Recall,
    double F1,
    double? Auroc,
    double Temperature,
    double Loss,
    double EntropyBits,
    double CalibrationError,
    double[] Interval,
    int OutOfRange,
    int Truncated,
    string LargestQuantity,
    double LargestValue,
    double EvaluateMs,
    IReadOnlyList<ClearEvaluateOutput.PerClassRow> PerClass,
    IReadOnlyList<ClearEvaluateOutput.RangeRow>? Ranges)
{
    /// <summary>A class against all others.</summary>
    internal sealed record PerClassRow(string Label, int Count, double Precision, double Recall, double F1, double? Auroc);

    /// <summary>A quantity's largest absolute value.</summary>
    internal sealed record RangeRow(string Name, double Largest);

    /// <summary>Measures a run.</summary>
    public static ClearEvaluateOutput Create(ClearRun run, bool hasRanges)
    {
        HnnConfig config = run.Model.Config;
        SoftArgmaxConfig softArgmax = config.SoftArgmax;
        ClassificationMetrics m = ClassificationMetrics.Create(run.Outcome.Logits, run.Outcome.Labels, softArgmax.Temperature);
        DifferentiableSoftArgmax differentiable = new(softArgmax.Temperature);
        int outOfRange = run.Outcome.Logits.Count(
            x => differentiable.Arguments(x).Any(argument => argument < softArgmax.Low || argument > softArgmax.High));
        ValueRange largest = run.Outcome.Ranges.MaxBy(r => r.LargestMagnitude)!;
        return new(
            run.DataName, config.Labels.Count, m.Count, m.CorrectCount, m.Accuracy, m.Precision, m.Recall, m.F1, m.Auroc,
            softArgmax.Temperature, m.Calibration.Loss, m.Calibration.EntropyBits, m.Calibration.ExpectedCalibrationError,
            [softArgmax.Low, softArgmax.High], outOfRange, run.Outcome.TruncatedCount, largest.Name, largest.LargestMagnitude,
            run.Time.TotalMilliseconds,
            [.. m.Classes.Select((c, i) => new PerClassRow(config.Labels[i], c.Support, c.Precision, c.Recall, c.F1, c.Auroc))],
            hasRanges ? [.. run.Outcome.Ranges.Select(r => new RangeRow(r.Name, r.LargestMagnitude))] : null);
    }

    /// <summary>Writes the result for people.</summary>
    public void Write(TextWriter writer)
    {
        string of = Classes == 2 ? $"of '{PerClass[1].Label}'" : $"mean of {Classes} classes";
        writer.Row("accuracy", $"{Accuracy:F4} ({Correct} of {Count}), in the clear");
        writer.Row("precision", $"{Precision:F4} {of}");
        writer.Row("recall", $"{Recall:F4} {of}");
        writer.Row("F1", $"{F1:F4} {of}");
        writer.Row("AUROC", $"{Shown(Auroc)} {of}{(Classes == 2 ? string.Empty : ", one against the rest")}");
        writer.Row(
            "calibration", $"loss {Loss:F4} nats, entropy {EntropyBits:F4} bits, error {CalibrationError:F4}, at T = {Temperature:G6}");
        writer.Row("out of range", $"{OutOfRange} outside [{Interval[0]:G6}, {Interval[1]:G6}]; {Truncated} truncated");
        writer.Row("largest value", $"{LargestValue:F3} ({LargestQuantity})");
        writer.Row("time", $"{Units.Milliseconds(EvaluateMs)}");
        writer.WriteLine();
        TextTable classes = new("class", "sentences", "precision", "recall", "F1", "AUROC");
        foreach (PerClassRow c in PerClass)
        {
            classes.Add(
                c.Label, $"{c.Count}", Units.Format($"{c.Precision:F4}"), Units.Format($"{c.Recall:F4}"),
                Units.Format($"{c.F1:F4}"), Shown(c.Auroc));
        }

        classes.Write(writer);
        if (Ranges is null)
        {
            return;
        }

        writer.WriteLine();
        TextTable ranges = new("quantity", "largest");
        foreach (RangeRow range in Ranges)
        {
            ranges.Add(range.Name, Units.Format($"{range.Largest:F3}"));
        }

        ranges.Write(writer);
    }

    private static string Shown(double? value) => value is { } number ? Units.Format($"{number:F4}") : "undefined";
}
