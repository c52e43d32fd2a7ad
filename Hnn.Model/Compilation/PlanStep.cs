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
public sealed record PlanStep(
    string Name, int Level, Scale Scale, double PredictedError, int KeySwitchCount, double TransformCount, double MultiplyAddCount);
