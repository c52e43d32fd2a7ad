namespace Hnn.Model.Approximations;

/// <summary>The differentiable soft-argmax y = Σ_i i·softmax(x/T)_i, i = 0 … n − 1, in the clear, forward and backward.</summary>
/// <remarks>
/// T &gt; 0 smooths what is released without moving the argmax of the probabilities: a higher T raises their entropy. For n = 2, y =
/// σ((x_1 − x_0)/T). For n &gt; 2, y alone is no confidence, and rounding it need not give the argmax: p = (0.4, 0, 0, 0, 0.6) has y =
/// 2.4. Immutable and thread-safe. Source: arXiv 2502.16176, whose text counts classes from 1; here from 0.
/// </remarks>
public sealed class DifferentiableSoftArgmax
{
    /// <summary>T before calibration: 2.</summary>
    public const double InitialTemperature = 2.0;

    /// <summary>A soft-argmax at temperature T.</summary>
    /// <param name="temperature">T, positive and finite.</param>
    /// <exception cref="ArgumentOutOfRangeException">T is not positive and finite.</exception>
    public DifferentiableSoftArgmax(double temperature = InitialTemperature)
    {
        if (!double.IsFinite(temperature) || temperature <= 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(temperature), temperature, $"A temperature is positive and finite; got {temperature}.");
        }

        Temperature = temperature;
    }

    /// <summary>T.</summary>
    public double Temperature { get; }

    /// <summary>y, the probabilities and their entropy. p_i = exp((x_i − m)/T)/Σ_j exp((x_j − m)/T) with m = max x: no overflow for
    /// any finite logits.</summary>
    /// <param name="logits">x, finite, n ≥ 2.</param>
    /// <returns>Exact to a few units of rounding.</returns>
    /// <exception cref="ArgumentException">Fewer than two logits, or one is not finite.</exception>
    public SoftArgmaxResult Forward(ReadOnlySpan<double> logits)
    {
        (double[] probabilities, double[] logProbabilities) = Softmax(logits);
        double entropy = 0;
        for (int i = 0; i < probabilities.Length; i++)
        {
            // p log p tends to 0 with p; a log that underflowed to -infinity must not meet p = 0.
            entropy -= probabilities[i] > 0 ? probabilities[i] * logProbabilities[i] : 0;
        }

        return new SoftArgmaxResult(Mean(probabilities), probabilities, Math.Max(0, entropy / Math.Log(2)));
    }

    /// <summary>What the polynomials under encryption are taken of: for n = 2 the sigmoid's argument (x_1 − x_0)/T, one value; for n &gt;
    /// 2 the exponentials' arguments (x_i − mean x)/T, n values.</summary>
    /// <param name="logits">x, finite, n ≥ 2.</param>
    /// <returns>The values that a model's interval is meant to hold.</returns>
    /// <exception cref="ArgumentException">Fewer than two logits, or one is not finite.</exception>
    /// <remarks>softmax(x) = softmax(x − mean x), and the mean is linear in x: it goes into the classifier's weights at no cost, and a
    /// common shift of the logits does not widen the interval.</remarks>
    public double[] Arguments(ReadOnlySpan<double> logits)
    {
        _ = MaximumOf(logits);
        if (logits is [double x0, double x1]) return [(x1 - x0) / Temperature];
        double mean = 0;
        foreach (double logit in logits) mean += logit / logits.Length;
        double[] arguments = new double[logits.Length];
        for (int i = 0; i < arguments.Length; i++) arguments[i] = (logits[i] - mean) / Temperature;
        return arguments;
    }

    /// <summary>y with ∂y/∂x_j = p_j(j − y)/T and ∂y/∂T = −Σ_j x_j p_j(j − y)/T².</summary>
    /// <param name="logits">x, finite, n ≥ 2.</param>
    /// <exception cref="ArgumentException">Fewer than two logits, or one is not finite.</exception>
    public SoftArgmaxGradient Backward(ReadOnlySpan<double> logits)
    {
        (double[] probabilities, _) = Softmax(logits);
        double value = Mean(probabilities);
        double[] byLogits = new double[logits.Length];
        for (int j = 0; j < byLogits.Length; j++)
        {
            byLogits[j] = probabilities[j] * (j - value) / Temperature;
        }

        return new SoftArgmaxGradient(value, byLogits, ByTemperature(logits, byLogits));
    }

    /// <summary>Negative log-likelihood L = −ln p_c of the true class c, in nats, with ∂L/∂x_j = (p_j − [j = c])/T and ∂L/∂T = −Σ_j
    /// x_j ∂L/∂x_j / T.</summary>
    /// <param name="logits">x, finite, n ≥ 2.</param>
    /// <param name="label">c, 0 to n − 1.</param>
    /// <returns>L ≥ 0, from the logarithm of the softmax, so that it stays right where p_c underflows.</returns>
    /// <exception cref="ArgumentException">Fewer than two logits, one is not finite, or the label is out of range.</exception>
    /// <remarks>For n = 2 this is the binary cross-entropy of y, −c ln y − (1 − c) ln(1 − y), because y = p_1.</remarks>
    public SoftArgmaxGradient Loss(ReadOnlySpan<double> logits, int label)
    {
        (double[] probabilities, double[] logProbabilities) = Softmax(logits);
        if (label < 0 || label >= logits.Length)
        {
            throw new ArgumentOutOfRangeException(
                nameof(label), label, $"A label of {logits.Length} classes is 0 to {logits.Length - 1}; got {label}.");
        }

        double[] byLogits = new double[logits.Length];
        for (int j = 0; j < byLogits.Length; j++)
        {
            byLogits[j] = (probabilities[j] - (j == label ? 1 : 0)) / Temperature;
        }

        return new SoftArgmaxGradient(-logProbabilities[label], byLogits, ByTemperature(logits, byLogits));
    }

    private static double Mean(double[] probabilities)
    {
        double sum = 0;
        for (int i = 1; i < probabilities.Length; i++)
        {
            sum += i * probabilities[i];
        }

        return sum;
    }

    /// <summary>−Σ_j (x_j − m)·g_j/T: everything here depends on x/T alone and Σ g_j = 0, so the maximum m may be taken off, which
    /// keeps large logits from cancelling.</summary>
    private double ByTemperature(ReadOnlySpan<double> logits, double[] byLogits)
    {
        double maximum = MaximumOf(logits);
        double sum = 0;
        for (int j = 0; j < byLogits.Length; j++)
        {
            sum += (logits[j] - maximum) * byLogits[j];
        }

        return -sum / Temperature;
    }

    private (double[] Probabilities, double[] LogProbabilities) Softmax(ReadOnlySpan<double> logits)
    {
        double maximum = MaximumOf(logits);
        double[] probabilities = new double[logits.Length];
        double[] logProbabilities = new double[logits.Length];
        double sum = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            logProbabilities[i] = (logits[i] - maximum) / Temperature;
            probabilities[i] = Math.Exp(logProbabilities[i]);
            sum += probabilities[i];
        }

        double logSum = Math.Log(sum);
        for (int i = 0; i < logits.Length; i++)
        {
            probabilities[i] /= sum;
            logProbabilities[i] -= logSum;
        }

        return (probabilities, logProbabilities);
    }

    private static double MaximumOf(ReadOnlySpan<double> logits)
    {
        if (logits.Length < 2)
        {
            throw new ArgumentException($"A soft-argmax needs at least two logits; got {logits.Length}.", nameof(logits));
        }

        double maximum = double.NegativeInfinity;
        foreach (double logit in logits)
        {
            if (!double.IsFinite(logit))
            {
                throw new ArgumentException($"Every logit must be finite; got {logit}.", nameof(logits));
            }

            maximum = Math.Max(maximum, logit);
        }

        return maximum;
    }
}
