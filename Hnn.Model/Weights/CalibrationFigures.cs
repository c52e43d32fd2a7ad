namespace Hnn.Model.Weights;

/// <summary>How well probabilities fit a labelled set at one temperature.</summary>
/// <param name="Loss">Mean negative log-likelihood in nats, 0 or more.</param>
/// <param name="EntropyBits">Mean entropy of the released distribution, 0 to log2 n.</param>
/// <param name="CalibrationError">Expected calibration error over 15 bins, 0 to 1.</param>
public sealed record CalibrationFigures(double Loss, double EntropyBits, double CalibrationError);
