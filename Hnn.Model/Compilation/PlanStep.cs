using Heann.Core;

namespace Hnn.Model.Compilation;

/// <summary>A step of a network's evaluation.</summary>
/// <param name="Name">Its name, after the tensor names of the model.</param>
/// <param name="Level">Levels left after it.</param>
/// <param name="Scale">Scale after it.</param>
/// <param name="PredictedError">Predicted standard deviation of the error of a slot after it, for weights and values of typical size.</param>
/// <param name="KeySwitchCount">Key switches so far.</param>
/// <param name="TransformCount">Transforms of one limb so far.</param>
/// <param name="MultiplyAddCount">Multiply-adds of one limb so far.</param>
/// <param name="Quantity">What of the network the slots hold, by the name that
/// <see cref="Plain.PolynomialNetwork.Logits(double[,], int, Plain.ValueRanges?)"/> gives it; the step's name where it gives none.</param>
/// <param name="Factor">What the circuit has multiplied the quantity by, more than 0: a slot is Factor times the quantity, plus a constant.
/// </param>
public sealed record PlanStep(
    string Name,
    int Level,
    Scale Scale,
    double PredictedError,
    int KeySwitchCount,
    double TransformCount,
    double MultiplyAddCount,
    string Quantity,
    double Factor)
{
    /// <summary>Predicted standard deviation of the quantity's error, in the quantity's own unit: <see cref="PredictedError"/> /
    /// <see cref="Factor"/>. It is the whole error so far, that of the steps before included.</summary>
    public double ValueError => PredictedError / Factor;
}
