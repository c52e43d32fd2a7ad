using Hnn.Tool.Evaluation;
using Hnn.Tool.Output;

namespace Hnn.Tool.Report;

/// <summary>Seconds that each step takes a sentence, on average.</summary>
internal static class TimeFigure
{
    private const string Id = "time", Title = "Time by step";
    private const double BarHeight = 11;

    /// <summary>Draws the times of all sentences.</summary>
    public static ReportFigure Create(RunState state)
    {
        (string Name, double Seconds)[] steps = [.. state.StageSeconds.Select(s => (s.Key, s.Value / state.Sentences.Count))];
        double total = steps.Sum(s => s.Seconds);
        StepRows rows = new([.. steps.Select(s => s.Name)]);
        Axis x = Axis.Around(0, steps.Max(s => s.Seconds), rows.Left, StepRows.Right);
        SvgCanvas svg = new(rows.Height);
        svg.Across(x, (StepRows.Top, rows.Bottom), "seconds a sentence", tick => Units.Format($"{tick:0.######}"));
        rows.Label(svg);
        for (int i = 0; i < steps.Length; i++)
        {
            svg.Bar(
                (x.Start, rows.At(i) - (BarHeight / 2)), (Math.Max(0.5, x.At(steps[i].Seconds) - x.Start), BarHeight), "s1",
                Units.Format($"{steps[i].Name}: {steps[i].Seconds:F4} s, {Part(steps[i].Seconds, total):F1} %"));
        }

        return new(
            Id, Title,
            "Mean over all sentences, a batch's time divided by its sentences. The first sentence of a bucket includes the preparation of "
            + "the weights. Keys, made once for a bucket, are in the table of buckets.",
            [],
            svg.ToSvg(Id, Units.Format($"Time of {steps.Length} steps, {total:F2} seconds a sentence together; ")
                + $"the longest is {steps.MaxBy(s => s.Seconds).Name}"),
            new("Mean seconds a sentence", ["step", "seconds", "part"],
                [.. steps.Select(s => (string[])[
                    s.Name, Units.Format($"{s.Seconds:F4}"), Units.Format($"{Part(s.Seconds, total):F1} %")])]));
    }

    private static double Part(double seconds, double total) => total > 0 ? 100 * seconds / total : 0;
}
