using Hnn.Model.Sessions;
using Hnn.Model.Weights;
using Hnn.Tool.Commands;

namespace Hnn.Tool.Output;

/// <summary>The result of <c>hnn calibrate</c>; its JSON object, field by field.</summary>
/// <param name="Data">Name of the data file.</param>
/// <param name="Classes">Classes.</param>
/// <param name="Samples">Sentences.</param>
/// <param name="InitialTemperature">T_0, where the search started and "before" was measured.</param>
/// <param name="Temperature">T.</param>
/// <param name="Iterations">Passes over the logits.</param>
/// <param name="Before">At T_0.</param>
/// <param name="After">At T.</param>
/// <param name="Accuracy">At any temperature: T moves no argmax.</param>
/// <param name="Reached">Smallest and largest argument at T: (logit_1 − logit_0)/T of two classes, (logit_i − mean)/T of more.</param>
/// <param name="Interval">The interval chosen, symmetric and wider.</param>
/// <param name="Degree">Of the polynomial on it: the sigmoid's, or the exponential's of more than two classes.</param>
/// <param name="DivisionIterations">Of the division by the sum; null for two classes.</param>
/// <param name="PolynomialError">Bound of what the polynomials add to the soft-argmax (two classes) or to a probability.</param>
/// <param name="RoundedShare">Part of the sentences for which y = Σ i·p_i, rounded, is the class of the largest probability; null for two
/// classes, where it always is.</param>
/// <param name="Truncated">Sentences cut to the largest bucket.</param>
/// <param name="Written">The file written; null for a dry run.</param>
internal sealed record CalibrateOutput(
    string Data,
    int Classes,
    int Samples,
    double InitialTemperature,
    double Temperature,
    int Iterations,
    CalibrateOutput.Figures Before,
    CalibrateOutput.Figures After,
    double Accuracy,
    double[] Reached,
    double[] Interval,
    int Degree,
    int? DivisionIterations,
    double PolynomialError,
    double? RoundedShare,
    int Truncated,
    string? Written)
{
    /// <summary>What a temperature makes of the probabilities: mean negative log-likelihood in nats, mean entropy of the released
    /// distribution in bits, expected calibration error over 15 bins.</summary>
    internal sealed record Figures(double Loss, double EntropyBits, double CalibrationError);

    /// <summary>Collects a result.</summary>
    public static CalibrateOutput Create(ClearRun run, CalibratedSoftArgmax calibrated, string? written)
    {
        SoftArgmaxConfig softArgmax = calibrated.SoftArgmax;
        SoftArgmaxCalibration found = softArgmax.Calibration!;
        return new(
            run.DataName, run.Model.Config.Labels.Count, found.SampleCount, found.InitialTemperature, softArgmax.Temperature,
            calibrated.Search.IterationCount, Of(found.Before), Of(found.After), found.Accuracy, [found.ReachedLow, found.ReachedHigh],
            [softArgmax.Low, softArgmax.High], softArgmax.Degree, softArgmax.Iterations, calibrated.PolynomialError, calibrated.RoundedShare, run.Outcome.TruncatedCount, written);
    }

    /// <summary>Writes the result for people.</summary>
    public void Write(TextWriter writer)
    {
        string argument = Classes == 2 ? "(logit_1 - logit_0)/T" : "(logit_i - mean)/T";
        writer.Row("temperature", $"{Temperature:G6}, from {InitialTemperature:G6} in {Iterations} steps, on {Samples} sentences");
        writer.Row("loss", $"{Before.Loss:F4} nats before, {After.Loss:F4} after");
        writer.Row("entropy", $"{Before.EntropyBits:F4} bits of the released value before, {After.EntropyBits:F4} after");
        writer.Row("calibration", $"error {Before.CalibrationError:F4} before, {After.CalibrationError:F4} after");
        writer.Row("accuracy", $"{Accuracy:F4} before and after: the temperature moves no argmax");
        writer.Row("reached", $"{argument} from {Reached[0]:F3} to {Reached[1]:F3}");
        string what = DivisionIterations is { } count
            ? Units.Format($"exponentials of degree {Degree} and {count} iterations of division err by at most {PolynomialError:0.0e-0}")
            : Units.Format($"the sigmoid's polynomial errs by {PolynomialError:0.0e-0}");
        writer.Row("interval", $"[{Interval[0]:G6}, {Interval[1]:G6}]; {what} there");
        if (RoundedShare is { } share)
        {
            writer.Row("soft-argmax", $"y, rounded, is the class of the largest probability in {100 * share:F1} % of the sentences");
        }

        writer.Row("written", $"{(Written is null ? "nothing: a dry run" : $"{Written}; make the keys anew")}");
    }

    private static Figures Of(CalibrationFigures figures) => new(figures.Loss, figures.EntropyBits, figures.CalibrationError);
}
