namespace Hnn.Model.Approximations;

/// <summary>How well the probabilities at one temperature fit a labelled set.</summary>
/// <param name="Temperature">T.</param>
/// <param name="Loss">Mean negative log-likelihood in nats (binary cross-entropy for two classes); infinite if a true class has
/// probability 0.</param>
/// <param name="EntropyBits">Mean entropy of the released distribution, 0 to log2 n.</param>
/// <param name="ExpectedCalibrationError">Σ_bins (share of samples)·|accuracy − mean confidence| over 15 equal bins of the largest
/// probability, 0 to 1 (arXiv 1706.04599).</param>
/// <param name="Accuracy">Share of samples whose argmax (the first of equals) is the label; does not depend on T.</param>
public sealed record CalibrationMetrics(
    double Temperature, double Loss, double EntropyBits, double ExpectedCalibrationError, double Accuracy);
