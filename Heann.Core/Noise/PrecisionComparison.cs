using System.Globalization;

namespace Heann.Core.Noise;

/// <summary>Measured error of decrypted values beside the predicted one.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
/// <param name="Measured">The measurement.</param>
/// <param name="PredictedSigma">Predicted standard deviation of the error of a real slot value.</param>
public sealed record PrecisionComparison(PrecisionReport Measured, double PredictedSigma)
{
    /// <summary>Bits by which the measurement may fall short of the prediction: the prediction is a bound for some circuits.</summary>
    public const double MostBelow = 3;

    /// <summary>Bits by which the measurement may exceed the prediction.</summary>
    public const double MostAbove = 1;

    /// <summary>log2 of measured over predicted error: below zero it is better than predicted.</summary>
    public double DifferenceBits => Math.Log2(Measured.Sigma / PredictedSigma);

    /// <summary>Whether the measured error is at most <see cref="MostAbove"/> bits above the predicted one.</summary>
    public bool IsWithinPrediction => DifferenceBits <= MostAbove;

    /// <summary>Whether it is also at most <see cref="MostBelow"/> bits below.</summary>
    public bool IsAsPredicted => IsWithinPrediction && DifferenceBits >= -MostBelow;

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Measured}; predicted σ {PredictedSigma:E2} ({-Math.Log2(PredictedSigma):F1} bits): {(IsAsPredicted ? "as predicted" : IsWithinPrediction ? "better than predicted" : "WORSE than predicted")} by {Math.Abs(DifferenceBits):F1} bits");
}
