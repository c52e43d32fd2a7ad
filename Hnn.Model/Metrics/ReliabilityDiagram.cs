using Hnn.Model.Approximations;

namespace Hnn.Model.Metrics;

/// <summary>Confidence against accuracy in 15 equal bins of the largest probability.</summary>
/// <remarks>Σ_bins (Count/total)·|Accuracy − MeanConfidence| is <see cref="CalibrationMetrics.ExpectedCalibrationError"/>. Source:
/// arXiv 1706.04599.</remarks>
public static class ReliabilityDiagram
{
    /// <summary>Bins of equal width on [0, 1].</summary>
    public const int BinCount = TemperatureCalibrator.BinCount;

    /// <summary>The bins that hold a sample, rising.</summary>
    /// <param name="logits">One vector of n ≥ 2 finite logits for each sample.</param>
    /// <param name="labels">The true class of each sample.</param>
    /// <param name="temperature">T, positive and finite.</param>
    /// <exception cref="ArgumentException">Counts that differ, or a logit that is not finite.</exception>
    public static IReadOnlyList<ReliabilityBin> Create(IReadOnlyList<double[]> logits, IReadOnlyList<int> labels, double temperature)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(labels);
        if (logits.Count != labels.Count)
            throw new ArgumentException(
                $"{logits.Count} vectors of logits for {labels.Count} labels; each sample needs both.", nameof(labels));
        DifferentiableSoftArgmax softArgmax = new(temperature);
        var samples = logits.Select((x, i) => (
            Confidence: softArgmax.Forward(x).Probabilities.Max(),
            IsCorrect: Array.IndexOf(x, x.Max()) == labels[i]));
        return
        [
            .. samples.GroupBy(s => Math.Min(BinCount - 1, (int)(s.Confidence * BinCount))).OrderBy(bin => bin.Key)
                .Select(bin => new ReliabilityBin(
                    (double)bin.Key / BinCount, (double)(bin.Key + 1) / BinCount, bin.Count(),
                    bin.Average(s => s.Confidence), bin.Average(s => s.IsCorrect ? 1.0 : 0))),
        ];
    }
}
