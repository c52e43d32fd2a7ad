using Hnn.Model.Sessions;
using Hnn.Tool.Output;

namespace Hnn.Tool.Report;

/// <summary>How the modulus is used after each step: noise, message, and the budget that is left.</summary>
internal static class NoiseFigure
{
    private const string Id = "noise", Title = "Noise against budget";
    private const double BarHeight = 10;

    /// <summary>Draws traced steps.</summary>
    public static ReportFigure Create(IReadOnlyList<StageError> steps)
    {
        if (steps.Count == 0) return ReportFigure.Absent(Id, Title, "No sentence was decrypted after every step; give --trace 1.");
        StepRows rows = new([.. steps.Select(s => s.Name)]);
        Axis x = Axis.Around(0, steps.Max(s => s.ModulusBits), rows.Left, StepRows.Right);
        SvgCanvas svg = new(rows.Height);
        svg.Across(x, (StepRows.Top, rows.Bottom), "bits of the modulus", tick => Units.Format($"{tick:F0}"));
        rows.Label(svg);
        for (int i = 0; i < steps.Count; i++)
        {
            StageError s = steps[i];
            double noise = Math.Max(0, s.NoiseBits), used = Math.Max(noise, s.ModulusBits - s.BudgetBits);
            (string Series, double From, double To, string Reading)[] parts =
            [
                ("s2", 0, noise, Units.Format($"{s.Name}: noise {s.NoiseBits:F1} bits, predicted {s.PredictedNoiseBits:F1}")),
                ("s3", noise, used, Units.Format($"{s.Name}: message and its head-room up to {used:F1} bits")),
                ("s1", used, Math.Max(used, s.ModulusBits), Units.Format($"{s.Name}: budget {s.BudgetBits:F1} of {s.ModulusBits:F1} bits")),
            ];
            foreach ((string series, double from, double to, string reading) in parts)
            {
                svg.Bar((x.At(from), rows.At(i) - (BarHeight / 2)), (x.At(to) - x.At(from), BarHeight), series, reading);
            }
        }

        return new(
            Id, Title,
            "A bar is the modulus after a step, from its lowest bit: noise as measured, the message above it, and the budget that is left "
            + "for further products. Levels spend the budget; noise must never reach the top of the message, nor that the end of the bar.",
            [("s2", "noise, measured"), ("s3", "message"), ("s1", "budget left")],
            svg.ToSvg(Id, $"Modulus after each of {steps.Count} steps, "
                + Units.Format($"from {steps[0].ModulusBits:F0} to {steps[^1].ModulusBits:F0} bits; ")
                + Units.Format($"least budget {steps.Min(s => s.BudgetBits):F1} bits")),
            new("Noise and budget after each step, in bits", ["step", "level", "modulus", "scale", "noise", "predicted", "budget"],
                [.. steps.Select(s => (string[])[
                    s.Name, $"{s.Level}", Units.Format($"{s.ModulusBits:F1}"), Units.Format($"{s.ScaleBits:F1}"),
                    Units.Format($"{s.NoiseBits:F1}"), Units.Format($"{s.PredictedNoiseBits:F1}"), Units.Format($"{s.BudgetBits:F1}")])]));
    }
}
