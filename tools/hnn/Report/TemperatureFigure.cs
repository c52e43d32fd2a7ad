using Hnn.Tool.Output;

namespace Hnn.Tool.Report;

/// <summary>Accuracy and entropy against T, the learned one marked.</summary>
internal static class TemperatureFigure
{
    private const string Id = "temperature";
    private const double Left = 52, Right = SvgCanvas.Width - 16, Top = 20, Middle = 165, LowerTop = 190, Bottom = 320;

    /// <summary>Draws a sweep.</summary>
    /// <param name="points">Rising in T.</param>
    /// <param name="learned">The model's T, one of the points.</param>
    /// <param name="classCount">n.</param>
    public static ReportFigure Create(IReadOnlyList<TemperatureSweep> points, double learned, int classCount)
    {
        List<(string Series, string Name, Func<TemperatureSweep, double> Of)> accuracies =
            [("s2", "argmax", p => p.Accuracy), ("s1", "argmax, none outside the interval", p => p.InIntervalAccuracy)];
        if (classCount > 2) accuracies.Add(("s4", "y rounded", p => p.RoundedAccuracy));
        Axis x = new(Math.Log10(points[0].Temperature), Math.Log10(points[^1].Temperature), Left, Right);
        Axis accuracy = Axis.Around(accuracies.Min(a => points.Min(a.Of)), accuracies.Max(a => points.Max(a.Of)), Middle, Top);
        Axis entropy = Axis.Around(0, Math.Log2(classCount), Bottom, LowerTop);
        SvgCanvas svg = new(Bottom + 42);
        svg.Upward(accuracy, (Left, Right), tick => Units.Format($"{100 * tick:0.#} %"));
        svg.Upward(entropy, (Left, Right), tick => Units.Format($"{tick:0.##}"));
        svg.Text(Left, Top - 7, "accuracy in the clear", style: "axis");
        svg.Text(Left, LowerTop - 7, "entropy of what is released, bits", style: "axis");
        Temperatures(svg, x, points);
        svg.Line((x.At(Math.Log10(learned)), Top), (x.At(Math.Log10(learned)), Bottom), "learned");
        TemperatureSweep at = points.Single(p => p.Temperature == learned);
        (string, string, Func<TemperatureSweep, double>) bits = ("s3", "entropy", p => p.EntropyBits);
        foreach ((string series, string name, Func<TemperatureSweep, double> of) in accuracies.Append(bits))
        {
            Axis y = series == "s3" ? entropy : accuracy;
            svg.Path(points.Select(p => (x.At(Math.Log10(p.Temperature)), y.At(of(p)))), $"line {series}");
            svg.Dot(x.At(Math.Log10(learned)), y.At(of(at)), series, Units.Format($"T = {learned:G4}, {name}: {of(at):F4}"));
        }

        return new(
            Id, "Accuracy against temperature",
            "T moves no argmax, so accuracy does not depend on it, until arguments leave the interval of the polynomial. A higher T raises "
            + Units.Format($"the entropy of what is released. Dashed: the learned T = {learned:G4}."),
            [.. accuracies.Select(a => (a.Series, a.Name)), ("s3", "entropy"), ("learned", "learned T")],
            svg.ToSvg(
                Id, Units.Format($"At the learned T of {learned:G4} accuracy is {at.Accuracy:F4} and entropy {at.EntropyBits:F3} bits")),
            new("In the clear", ["T", "accuracy", "in interval", "y rounded", "entropy, bits"],
                [.. points.Select(p => (string[])[
                    Units.Format($"{p.Temperature:G4}"), Units.Format($"{p.Accuracy:F4}"), Units.Format($"{p.InIntervalAccuracy:F4}"),
                    Units.Format($"{p.RoundedAccuracy:F4}"), Units.Format($"{p.EntropyBits:F4}")])]));
    }

    private static void Temperatures(SvgCanvas svg, Axis x, IReadOnlyList<TemperatureSweep> points)
    {
        double[] round = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200];
        foreach (double t in round.Where(t => t >= points[0].Temperature && t <= points[^1].Temperature))
        {
            svg.Line((x.At(Math.Log10(t)), Top), (x.At(Math.Log10(t)), Middle), "grid");
            svg.Line((x.At(Math.Log10(t)), LowerTop), (x.At(Math.Log10(t)), Bottom), "grid");
            svg.Text(x.At(Math.Log10(t)), Bottom + 18, Units.Format($"{t:G4}"), SvgCanvas.Anchor.Middle);
        }

        svg.Text((Left + Right) / 2, Bottom + 35, "temperature T", SvgCanvas.Anchor.Middle, "axis");
    }
}
