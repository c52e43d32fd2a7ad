namespace Hnn.Model.Approximations;

/// <summary>Learns the temperature of a <see cref="DifferentiableSoftArgmax"/> from logits and labels, everything else frozen.</summary>
/// <remarks>
/// L(T) is the mean negative log-likelihood, for two classes the binary cross-entropy. In β = 1/T it is convex, L'' = mean variance of
/// x under p ≥ 0, so there is one minimum; the sign of dL/dT, from the backward pass, brackets it and Newton's method on s = ln T
/// finds it: dL/ds = T·dL/dT and d²L/ds² = β²·Var(x) − dL/ds. A step that leaves the bracket or meets no curvature is replaced by
/// bisection, so it always converges.
/// Source: arXiv 2502.16176 (T by back-propagation from T_0 = 2); temperature scaling: Guo, Pleiss, Sun, Weinberger, arXiv 1706.04599.
/// </remarks>
public static class TemperatureCalibrator
{
    /// <summary>Smallest temperature considered: 0.01.</summary>
    public const double MinTemperature = 0.01;

    /// <summary>Largest temperature considered: 100.</summary>
    public const double MaxTemperature = 100;

    internal const int BinCount = 15;
    private const int MaxIterations = 200;

    // In s = ln T; far below what any labelled set determines.
    private const double StepTolerance = 1e-12;

    /// <summary>Minimises the mean loss over T.</summary>
    /// <param name="logits">One vector of n ≥ 2 finite logits for each sample, all of one length.</param>
    /// <param name="labels">The true class of each sample, 0 to n − 1.</param>
    /// <param name="initialTemperature">T_0, where the search starts and "before" is measured; 0.01 to 100.</param>
    /// <exception cref="ArgumentException">No samples, lengths that differ, a logit that is not finite, or a label or T_0 out of
    /// range.</exception>
    public static TemperatureCalibration Calibrate(
        IReadOnlyList<double[]> logits, IReadOnlyList<int> labels, double initialTemperature = DifferentiableSoftArgmax.InitialTemperature)
    {
        RequireSamples(logits, labels);
        if (!(initialTemperature >= MinTemperature && initialTemperature <= MaxTemperature))
        {
            throw new ArgumentOutOfRangeException(
                nameof(initialTemperature),
                initialTemperature,
                $"The search starts between {MinTemperature} and {MaxTemperature}; got {initialTemperature}.");
        }

        double low = Math.Log(MinTemperature);
        double high = Math.Log(MaxTemperature);
        double current = Math.Log(initialTemperature);
        int iteration = 0;
        bool isFlat = false;
        for (double step = high - low; iteration < MaxIterations && Math.Abs(step) > StepTolerance; iteration++)
        {
            (double slope, double curvature) = Derivatives(logits, labels, Math.Exp(current));
            isFlat = slope == 0 && curvature <= 0;
            if (slope == 0)
            {
                break;
            }

            (low, high) = slope > 0 ? (low, current) : (current, high);
            double next = current - slope / curvature;
            bool isInside = curvature > 0 && next > low && next < high;
            next = isInside ? next : low + (high - low) / 2;
            step = next - current;
            current = next;
        }

        double temperature = Math.Clamp(Math.Exp(current), MinTemperature, MaxTemperature);
        bool isUndetermined = isFlat || temperature < MinTemperature * (1 + 1e-6) || temperature > MaxTemperature * (1 - 1e-6);
        return new TemperatureCalibration(
            temperature, Measure(logits, labels, initialTemperature), Measure(logits, labels, temperature), iteration, isUndetermined);
    }

    /// <summary>Loss, entropy, calibration error and accuracy at one temperature.</summary>
    /// <param name="logits">As for <see cref="Calibrate"/>.</param>
    /// <param name="labels">As for <see cref="Calibrate"/>.</param>
    /// <param name="temperature">T, positive and finite.</param>
    /// <exception cref="ArgumentException">As for <see cref="Calibrate"/>.</exception>
    public static CalibrationMetrics Measure(IReadOnlyList<double[]> logits, IReadOnlyList<int> labels, double temperature)
    {
        RequireSamples(logits, labels);
        DifferentiableSoftArgmax softArgmax = new(temperature);
        (double loss, double entropy, int correct) = (0, 0, 0);
        double[] gaps = new double[BinCount];
        for (int i = 0; i < logits.Count; i++)
        {
            loss += softArgmax.Loss(logits[i], labels[i]).Value;
            SoftArgmaxResult result = softArgmax.Forward(logits[i]);
            entropy += result.EntropyBits;
            double confidence = result.Probabilities.Max();
            // The argmax of the logits: probabilities far below the largest may tie at 0.
            bool isCorrect = Array.IndexOf(logits[i], logits[i].Max()) == labels[i];
            correct += isCorrect ? 1 : 0;
            gaps[Math.Min(BinCount - 1, (int)(confidence * BinCount))] += (isCorrect ? 1 : 0) - confidence;
        }

        double count = logits.Count;
        return new CalibrationMetrics(temperature, loss / count, entropy / count, gaps.Sum(Math.Abs) / count, correct / count);
    }

    /// <summary>dL/ds and d²L/ds² of the mean loss at s = ln T.</summary>
    private static (double Slope, double Curvature) Derivatives(
        IReadOnlyList<double[]> logits, IReadOnlyList<int> labels, double temperature)
    {
        DifferentiableSoftArgmax softArgmax = new(temperature);
        double slope = 0;
        double variance = 0;
        for (int i = 0; i < logits.Count; i++)
        {
            slope += temperature * softArgmax.Loss(logits[i], labels[i]).ByTemperature;
            IReadOnlyList<double> probabilities = softArgmax.Forward(logits[i]).Probabilities;
            double mean = logits[i].Select((x, j) => x * probabilities[j]).Sum();
            variance += logits[i].Select((x, j) => (x - mean) * (x - mean) * probabilities[j]).Sum();
        }

        slope /= logits.Count;
        return (slope, variance / logits.Count / (temperature * temperature) - slope);
    }

    private static void RequireSamples(IReadOnlyList<double[]> logits, IReadOnlyList<int> labels)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(labels);
        if (logits.Count == 0 || logits.Count != labels.Count)
        {
            throw new ArgumentException(
                $"Calibration needs as many labels as logit vectors, at least one; got {labels.Count} and {logits.Count}.", nameof(labels));
        }

        if (logits.Any(x => x is null || x.Length != logits[0].Length))
        {
            throw new ArgumentException("Every sample must have the same number of logits.", nameof(logits));
        }
    }
}
