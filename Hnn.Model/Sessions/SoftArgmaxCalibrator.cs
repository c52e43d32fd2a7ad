using System.Globalization;
using Hnn.Model.Approximations;
using Hnn.Model.Layers;
using Hnn.Model.Weights;

namespace Hnn.Model.Sessions;

/// <summary>Calibrates a model's soft-argmax on labelled sentences, the network frozen: the temperature by the loss, the interval by the
/// arguments that the sentences reach.</summary>
/// <remarks>
/// T minimises the mean negative log-likelihood (for two classes the binary cross-entropy), see <see cref="TemperatureCalibrator"/>; it
/// moves no argmax, so accuracy stays. Everything is rounded to six decimals, far below what a labelled set determines, so that one set
/// gives one file.
/// <para>The interval is [−w, w] with w the whole number from <see cref="IntervalMargin"/> times the largest |argument| on, at least
/// <see cref="MinHalfWidth"/>: other text goes further than the labelled set, and what leaves the interval gets no label under
/// encryption, while a wider interval makes the polynomial worse (degree 15: 8.8e-4 at w = 8, 2.8e-3 at 10, 1.6e-2 at 16).</para>
/// <para>For more than two classes the interval of the arguments decides that of the sum of their exponentials, see
/// <see cref="SoftmaxApproximation"/>: the sum is never less than n and, with the margin on the arguments, not more than what the ends
/// allow. The exponential's degree and the division's iterations are the lowest for which each errs by at most
/// <see cref="SoftmaxApproximation.PartError"/>.</para>
/// </remarks>
public static class SoftArgmaxCalibrator
{
    /// <summary>w over the largest |argument|: 1.25.</summary>
    public const double IntervalMargin = 1.25;

    /// <summary>The smallest w, 4: the polynomial's error there is 3.9e-6, and a narrower interval saves no level.</summary>
    public const int MinHalfWidth = 4;

    private const int Decimals = 6;

    /// <summary>Calibrates.</summary>
    /// <param name="outcome">The network's logits and the true classes.</param>
    /// <param name="dataName">Name of the data file, for the record; its first 128 characters are kept.</param>
    /// <param name="initialTemperature">T_0, where the search starts and "before" is measured.</param>
    /// <param name="degree">Of the polynomial under encryption for two classes; the model's own, it is not chosen here.</param>
    /// <param name="release">What the model releases; the model's own.</param>
    /// <returns>The same for the same arguments.</returns>
    /// <exception cref="ArgumentException">There are no samples, or T_0 is out of range.</exception>
    /// <exception cref="InvalidDataException">The samples are of one class, or do not determine T, or reach arguments for which no
    /// interval serves; the message says what to do.</exception>
    public static CalibratedSoftArgmax Calibrate(
        ClearOutcome outcome, string dataName, double initialTemperature = DifferentiableSoftArgmax.InitialTemperature,
        int degree = SoftArgmaxConfig.DefaultDegree, Release? release = null)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        ArgumentException.ThrowIfNullOrEmpty(dataName);
        TemperatureCalibration search = TemperatureCalibrator.Calibrate(outcome.Logits, outcome.Labels, initialTemperature);
        if (outcome.Labels.All(label => label == outcome.Labels[0]))
            throw new InvalidDataException(
                $"All {outcome.Labels.Count} sentences are of class {outcome.Labels[0]}; calibration needs two classes at least.");
        if (search.IsUndetermined)
            throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture,
                $"The {outcome.Labels.Count} sentences do not determine the temperature: the search ended at {search.Temperature:G6}, "
                + $"where {100 * search.After.Accuracy:F1} % of them are right; use more sentences, some but not all of them labelled rightly."));

        double temperature = Math.Round(search.Temperature, Decimals);
        double[] arguments = [.. outcome.Logits.SelectMany(x => new DifferentiableSoftArgmax(temperature).Arguments(x))];
        (double low, double high) = (arguments.Min(), arguments.Max());
        int halfWidth = HalfWidthFor(Math.Max(-low, high));
        SoftArgmaxCalibration record = new(
            NameFrom(dataName),
            outcome.Labels.Count,
            initialTemperature,
            Figures(search.Before),
            Figures(TemperatureCalibrator.Measure(outcome.Logits, outcome.Labels, temperature)),
            Math.Round(search.After.Accuracy, Decimals),
            Math.Round(low, Decimals),
            Math.Round(high, Decimals));
        SoftArgmaxConfig config = new(temperature, -halfWidth, halfWidth, record) { Degree = degree, Release = release };
        int classCount = outcome.Logits[0].Length;
        return classCount == 2
            ? new(config, search, RequireUsefulPolynomial(config), null)
            : WithPolynomials(config, classCount, search) with { RoundedShare = RoundedShareOf(outcome.Logits, temperature) };
    }

    private static CalibratedSoftArgmax WithPolynomials(SoftArgmaxConfig config, int classCount, TemperatureCalibration search)
    {
        int degree = SoftmaxApproximation.SmallestDegree(classCount, config.Low, config.High, SoftArgmaxConfig.MaxDegree)
            ?? throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture,
                $"On [{config.Low}, {config.High}] no polynomial of degree {SoftArgmaxConfig.MaxDegree} is an exponential to "
                + $"{SoftmaxApproximation.PartError}; retrain the network for smaller logits."));
        SoftmaxApproximation softmax;
        try
        {
            softmax = new(classCount, config.Low, config.High, degree);
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"The division by the sum of the exponentials is not to be had: {e.Message} Retrain the network for smaller logits.", e);
        }

        SoftArgmaxConfig chosen = config with { Degree = degree, Iterations = softmax.Division.IterationCount };
        return new(chosen, search, softmax.MaxError, null);
    }

    // How often y, rounded, is the class of the largest probability: what who asks for y alone can rely on.
    private static double RoundedShareOf(IReadOnlyList<double[]> logits, double temperature)
    {
        DifferentiableSoftArgmax softArgmax = new(temperature);
        int same = logits.Count(x => new ReleasedValue(softArgmax.Forward(x).Value, x.Length).Label == Array.IndexOf(x, x.Max()));
        return (double)same / logits.Count;
    }

    private static int HalfWidthFor(double reached)
    {
        const int Largest = 64; // of a config
        double halfWidth = Math.Max(MinHalfWidth, Math.Ceiling(IntervalMargin * reached));
        return halfWidth <= Largest
            ? (int)halfWidth
            : throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture,
                $"The sentences reach {reached:G6} and an interval goes to {Largest} at most; retrain the network for smaller logits."));
    }

    // A polynomial that errs by more than the released value's margin would put answers inside the interval out of range.
    private static double RequireUsefulPolynomial(SoftArgmaxConfig config)
    {
        double error = new SoftArgmax(config).Polynomial.MaxError;
        return error <= ReleasedValue.Margin
            ? error
            : throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture,
                $"On [{config.Low}, {config.High}] the sigmoid's polynomial of degree {config.Degree} errs by {error:F3}, more than "
                + $"the {ReleasedValue.Margin} that a released value may; retrain the network for smaller logits."));
    }

    private static CalibrationFigures Figures(CalibrationMetrics metrics) => new(
        Math.Round(metrics.Loss, Decimals),
        Math.Round(metrics.EntropyBits, Decimals),
        Math.Round(metrics.ExpectedCalibrationError, Decimals));

    private static string NameFrom(string dataName)
    {
        string name = string.Concat(
            dataName.Where(c => !char.IsControl(c) && !char.IsSurrogate(c)).Take(SoftArgmaxCalibration.MaxDataLength));
        return name.Length > 0 ? name : "data";
    }
}
