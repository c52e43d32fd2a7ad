namespace Hnn.Model.Approximations;

/// <summary>What a soft-argmax makes of one vector of logits.</summary>
/// <param name="Value">y = Σ i·p_i, in [0, n − 1].</param>
/// <param name="Probabilities">p_i = softmax(x/T)_i, n values that sum to 1.</param>
/// <param name="EntropyBits">−Σ p_i log2 p_i, in [0, log2 n]: the entropy of the released distribution.</param>
public sealed record SoftArgmaxResult(double Value, IReadOnlyList<double> Probabilities, double EntropyBits);
