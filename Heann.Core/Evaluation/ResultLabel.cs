using Heann.Core.Noise;

namespace Heann.Core.Evaluation;

/// <summary>What the result of an operation is.</summary>
/// <param name="Level">ℓ.</param>
/// <param name="PartCount">2 or 3.</param>
/// <param name="Scale">Δ.</param>
/// <param name="Noise">Predicted.</param>
internal readonly record struct ResultLabel(int Level, int PartCount, Scale Scale, NoiseEstimate Noise);
