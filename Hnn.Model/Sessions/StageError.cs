namespace Hnn.Model.Sessions;

/// <summary>What a step of an encrypted evaluation left in the slots, decrypted and held against the clear twin.</summary>
/// <param name="Name">The step, see <see cref="Compilation.PlanStep.Name"/>.</param>
/// <param name="Quantity">What of the network the slots hold.</param>
/// <param name="Level">Levels left after it.</param>
/// <param name="ScaleBits">log2 Δ after it.</param>
/// <param name="ModulusBits">log2 Q_ℓ after it.</param>
/// <param name="BudgetBits">Predicted bits between message with error and modulus.</param>
/// <param name="PredictedError">Predicted standard deviation of the quantity's error, in its own unit.</param>
/// <param name="MaxError">Largest |decrypted − twin| over all slots, in the quantity's own unit.</param>
/// <param name="MeanError">Mean |decrypted − twin| over all slots, in the quantity's own unit.</param>
/// <param name="NoiseBits">log2 of the standard deviation of a coefficient's error as measured, in units of the scaled message:
/// σ_slot·Δ/√(N/2), to be held against <paramref name="PredictedNoiseBits"/>.</param>
/// <param name="PredictedNoiseBits">log2 of the same as predicted.</param>
public sealed record StageError(
    string Name,
    string Quantity,
    int Level,
    double ScaleBits,
    double ModulusBits,
    double BudgetBits,
    double PredictedError,
    double MaxError,
    double MeanError,
    double NoiseBits,
    double PredictedNoiseBits)
{
    /// <summary>−log2 <see cref="MaxError"/>: bits after the binary point that every value has.</summary>
    public double WorstBits => -Math.Log2(MaxError);

    /// <summary>−log2 <see cref="MeanError"/>.</summary>
    public double MeanBits => -Math.Log2(MeanError);
}
