using Hnn.Model.Metrics;
using Hnn.Tool.Output;

namespace Hnn.Tool.Report;

/// <summary>Confidence against accuracy, before and after the temperature was learned.</summary>
internal static class ReliabilityFigure
{
    private const string Id = "reliability";
    private const double Left = 52, Right = SvgCanvas.Width - 24, Top = 10, Bottom = 310;

    /// <summary>Draws bins at two temperatures.</summary>
    /// <param name="logits">In the clear.</param>
    /// <param name="labels">The true classes.</param>
    /// <param name="initial">T_0.</param>
    /// <param name="learned">T.</param>
    public static ReportFigure Create(IReadOnlyList<double[]> logits, IReadOnlyList<int> labels, double initial, double learned)
    {
        (string Series, string Name, IReadOnlyList<ReliabilityBin> Bins)[] series =
        [
            ("s2", Units.Format($"before, T = {initial:G4}"), ReliabilityDiagram.Create(logits, labels, initial)),
            ("s1", Units.Format($"after, T = {learned:G4}"), ReliabilityDiagram.Create(logits, labels, learned)),
        ];
        double low = Math.Floor(10 * series.SelectMany(s => s.Bins).Min(b => b.Low)) / 10;
        Axis x = new(low, 1, Left, Right), y = new(0, 1, Bottom, Top);
        SvgCanvas svg = new(Bottom + 42);
        svg.Across(x, (Top, Bottom), "mean confidence", Percent);
        svg.Upward(y, (Left, Right), Percent);
        svg.Line((x.At(low), y.At(low)), (x.At(1), y.At(1)), "ideal");
        foreach ((string style, string name, IReadOnlyList<ReliabilityBin> bins) in series)
        {
            svg.Path(bins.Select(b => (x.At(b.MeanConfidence), y.At(b.Accuracy))), $"line {style}");
            foreach (ReliabilityBin b in bins)
            {
                svg.Dot(
                    x.At(b.MeanConfidence), y.At(b.Accuracy), style,
                    Units.Format($"{name}: {b.Count} sentences of confidence {b.MeanConfidence:F3}, {b.Accuracy:F3} of them right"),
                    3 + (5 * Math.Sqrt((double)b.Count / labels.Count)));
            }
        }

        return new(
            Id, "Reliability",
            "Sentences in 15 bins of confidence, the largest probability in the clear; upwards, the part of a bin that is right. On the "
            + "dashed line the probabilities are honest; above it they are too modest. A larger dot holds more sentences.",
            [.. series.Select(s => (s.Series, s.Name)), ("ideal", "honest")],
            svg.ToSvg(Id, Units.Format($"Reliability: calibration error {Error(series[0].Bins):F4} before and ")
                + Units.Format($"{Error(series[1].Bins):F4} after the temperature was learned")),
            new("Bins of confidence", ["temperature", "confidence", "sentences", "mean", "right"],
                [.. series.SelectMany(s => s.Bins.Select(b => (string[])[
                    s.Name, Units.Format($"{b.Low:F2} to {b.High:F2}"), $"{b.Count}", Units.Format($"{b.MeanConfidence:F3}"),
                    Units.Format($"{b.Accuracy:F3}")]))]));
    }

    private static string Percent(double value) => Units.Format($"{100 * value:F0} %");

    private static double Error(IReadOnlyList<ReliabilityBin> bins) =>
        bins.Sum(b => b.Count * Math.Abs(b.Accuracy - b.MeanConfidence)) / bins.Sum(b => b.Count);
}
