using Hnn.Model.Sessions;
using Hnn.Tool.Output;

namespace Hnn.Tool.Report;

/// <summary>Bits after the binary point that each step leaves: worst, mean and predicted.</summary>
internal static class PrecisionFigure
{
    private const string Id = "precision", Title = "Precision along the layers";

    /// <summary>Draws traced steps.</summary>
    public static ReportFigure Create(IReadOnlyList<StageError> steps)
    {
        if (steps.Count == 0) return ReportFigure.Absent(Id, Title, "No sentence was decrypted after every step; give --trace 1.");
        StepRows rows = new([.. steps.Select(s => s.Name)]);
        (string Series, string Name, Func<StageError, double> Bits)[] series =
        [
            ("s3", "predicted, one standard deviation", s => Bits(s.PredictedError)),
            ("s2", "mean", s => Bits(s.MeanError)),
            ("s1", "worst slot", s => Bits(s.MaxError)),
        ];
        double[] all = [.. series.SelectMany(s => steps.Select(s.Bits)).Where(double.IsFinite)];
        Axis x = Axis.Around(all.DefaultIfEmpty(0).Min(), all.DefaultIfEmpty(1).Max(), rows.Left, StepRows.Right);
        SvgCanvas svg = new(rows.Height);
        svg.Across(x, (StepRows.Top, rows.Bottom), "bits after the binary point", tick => Units.Format($"{tick:0.#}"));
        rows.Label(svg);
        foreach ((string name, string label, Func<StageError, double> bits) in series)
        {
            svg.Path(steps.Select((s, i) => (x.At(bits(s)), rows.At(i))), $"line {name}");
            for (int i = 0; i < steps.Count; i++)
            {
                svg.Dot(x.At(bits(steps[i])), rows.At(i), name, Units.Format($"{steps[i].Name}, {label}: {bits(steps[i]):F1} bits"));
            }
        }

        return new(
            Id, Title,
            "What every step leaves is decrypted and held against the clear twin, in the unit of what the step computes. Further right is "
            + "better; one bit is a factor of two. Worst: the largest error of any slot. The prediction is a standard deviation, so worst "
            + "usually lies left of it.",
            [.. series.Reverse().Select(s => (s.Series, s.Name))],
            svg.ToSvg(Id, $"Precision after each of {steps.Count} steps: "
                + Units.Format($"at worst {steps.Min(s => Bits(s.MaxError)):F1} bits, at the end {Bits(steps[^1].MaxError):F1}")),
            Table(steps));
    }

    private static double Bits(double error) => -Math.Log2(error);

    private static ReportTable Table(IReadOnlyList<StageError> steps) => new(
        "Error after each step", ["step", "quantity", "level", "worst", "mean", "predicted"],
        [.. steps.Select(s => (string[])[
            s.Name, s.Quantity, $"{s.Level}", Units.Format($"{s.MaxError:0.0e-0}"), Units.Format($"{s.MeanError:0.0e-0}"),
            Units.Format($"{s.PredictedError:0.0e-0}")])]);
}
