using Hnn.Model.Approximations;
using Hnn.Model.Weights;

namespace Hnn.Tool.Report;

/// <summary>The network in the clear at one temperature.</summary>
/// <param name="Temperature">T.</param>
/// <param name="Accuracy">Of the argmax, which no T moves.</param>
/// <param name="InIntervalAccuracy">The same where an argument outside the model's interval gets no label, as under encryption.</param>
/// <param name="RoundedAccuracy">Of y rounded to a class.</param>
/// <param name="EntropyBits">Mean entropy of the released distribution.</param>
internal sealed record TemperatureSweep(
    double Temperature, double Accuracy, double InIntervalAccuracy, double RoundedAccuracy, double EntropyBits)
{
    private const int PointCount = 49;

    /// <summary>Sweeps T from an eighth of the smaller to four times the larger of two temperatures, which are points themselves.</summary>
    /// <param name="logits">In the clear.</param>
    /// <param name="labels">The true classes.</param>
    /// <param name="config">The learned T, and the interval.</param>
    /// <param name="initial">T_0.</param>
    public static IReadOnlyList<TemperatureSweep> Create(
        IReadOnlyList<double[]> logits, IReadOnlyList<int> labels, SoftArgmaxConfig config, double initial)
    {
        double low = Math.Log(Math.Min(initial, config.Temperature) / 8), high = Math.Log(4 * Math.Max(initial, config.Temperature));
        IEnumerable<double> grid = Enumerable.Range(0, PointCount).Select(i => Math.Exp(low + ((high - low) * i / (PointCount - 1))));
        return [.. grid.Append(initial).Append(config.Temperature).Distinct().Order().Select(t => At(t, logits, labels, config))];
    }

    /// <summary>Measures one T.</summary>
    public static TemperatureSweep At(
        double temperature, IReadOnlyList<double[]> logits, IReadOnlyList<int> labels, SoftArgmaxConfig config)
    {
        DifferentiableSoftArgmax softArgmax = new(temperature);
        (int correct, int inInterval, int rounded, double entropy) = (0, 0, 0, 0);
        for (int i = 0; i < labels.Count; i++)
        {
            double[] x = logits[i];
            bool isCorrect = Array.IndexOf(x, x.Max()) == labels[i];
            SoftArgmaxResult result = softArgmax.Forward(x);
            correct += isCorrect ? 1 : 0;
            inInterval += isCorrect && softArgmax.Arguments(x).All(a => a >= config.Low && a <= config.High) ? 1 : 0;
            rounded += new ReleasedValue(result.Value, x.Length).Label == labels[i] ? 1 : 0;
            entropy += result.EntropyBits;
        }

        double count = labels.Count;
        return new(temperature, correct / count, inInterval / count, rounded / count, entropy / count);
    }
}
