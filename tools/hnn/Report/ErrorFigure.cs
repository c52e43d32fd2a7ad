using Hnn.Model.Sessions;
using Hnn.Tool.Output;

namespace Hnn.Tool.Report;

/// <summary>How errors and margins of sentences are distributed, on one logarithmic axis.</summary>
internal static class ErrorFigure
{
    private const string Id = "errors";
    private const double Left = 44, Right = SvgCanvas.Width - 16, Top = 10, Bottom = 250;
    private const int BinsPerDecade = 4;
    private const double Smallest = 1e-12; // what is less is in the first bin

    /// <summary>Draws the sentences in range.</summary>
    public static ReportFigure Create(IReadOnlyList<ScoredSentence> sentences, int classCount)
    {
        ScoredSentence[] inRange = [.. sentences.Where(s => s.IsInRange)];
        if (inRange.Length == 0) return ReportFigure.Absent(Id, "Errors against margins", "No sentence is in range.");
        (string Series, string Name, double[] Values)[] series =
        [
            ("s2", "error of what is released", [.. inRange.Select(s => s.AbsoluteError)]),
            ("s1", "margin in the clear", [.. inRange.Select(s => s.Margin(classCount))]),
        ];
        double smallest = series.SelectMany(s => s.Values).Where(v => v > 0).DefaultIfEmpty(Smallest).Min();
        double low = Math.Floor(Math.Log10(Math.Clamp(smallest, Smallest, 0.5)));
        Axis x = new(low, 0, Left, Right);
        int[][] counts = [.. series.Select(s => Histogram(s.Values, low))];
        Axis y = Axis.Around(0, counts.Max(c => c.Max()), Bottom, Top);
        SvgCanvas svg = new(Bottom + 42);
        Decades(svg, x);
        svg.Upward(y, (Left, Right), tick => Units.Format($"{tick:0.#}"));
        for (int k = 0; k < series.Length; k++)
        {
            foreach ((int bin, int count) in counts[k].Index().Where(c => c.Item > 0))
            {
                double from = x.At(low + ((double)bin / BinsPerDecade)), to = x.At(low + ((bin + 1.0) / BinsPerDecade));
                svg.Bar(
                    (from + 0.5, y.At(count)), (to - from - 1, Bottom - y.At(count)), $"{series[k].Series} translucent",
                    Units.Format($"{series[k].Name}, {Bound(low, bin):0.0e-0} to {Bound(low, bin + 1):0.0e-0}: {count}"));
            }
        }

        int atRisk = inRange.Count(s => s.AbsoluteError >= s.Margin(classCount));
        return new(
            Id, "Errors against margins",
            $"A label can change only where the error is as large as the margin: in {atRisk} of {inRange.Length} sentences in range. "
            + "Where the two histograms lie apart, encryption moved no label.",
            [.. series.Select(s => (s.Series, s.Name))],
            svg.ToSvg(
                Id, Units.Format($"Errors up to {series[0].Values.Max():0.0e-0} against margins from {series[1].Values.Min():0.0e-0}")),
            new("Sentences by size", ["from", "to", "errors", "margins"],
                [.. Enumerable.Range(0, counts[0].Length).Where(b => counts[0][b] + counts[1][b] > 0).Select(b => (string[])[
                    Units.Format($"{Bound(low, b):0.0e-0}"), Units.Format($"{Bound(low, b + 1):0.0e-0}"),
                    $"{counts[0][b]}", $"{counts[1][b]}"])]));
    }

    private static void Decades(SvgCanvas svg, Axis x)
    {
        int stride = x.Low < -7 ? 2 : 1;
        for (int decade = 0; decade >= x.Low; decade -= stride)
        {
            svg.Line((x.At(decade), Top), (x.At(decade), Bottom), "grid");
            svg.Text(x.At(decade), Bottom + 18, decade == 0 ? "1" : $"1e{decade}", SvgCanvas.Anchor.Middle);
        }

        svg.Text((Left + Right) / 2, Bottom + 35, "size", SvgCanvas.Anchor.Middle, "axis");
    }

    private static double Bound(double low, int bin) => Math.Pow(10, low + ((double)bin / BinsPerDecade));

    // What is smaller than the first bin, 0 too, is in the first; an error of 1 or more in the last.
    private static int[] Histogram(double[] values, double low)
    {
        int[] counts = new int[Math.Max(1, (int)(-low * BinsPerDecade))];
        foreach (double value in values)
        {
            double place = (Math.Log10(Math.Max(value, 1e-300)) - low) * BinsPerDecade;
            counts[(int)Math.Clamp(place, 0, counts.Length - 1)]++;
        }

        return counts;
    }
}
