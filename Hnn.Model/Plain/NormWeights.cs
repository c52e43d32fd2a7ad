namespace Hnn.Model.Plain;

/// <summary>The affine part of a LayerNorm: <c>NAME.weight</c> and <c>NAME.bias</c>.</summary>
/// <param name="Weight">γ. (hidden)</param>
/// <param name="Bias">β. (hidden)</param>
internal sealed record NormWeights(float[] Weight, float[] Bias);
