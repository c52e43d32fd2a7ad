namespace Hnn.Model;

/// <summary>What an encrypted classification gives its client.</summary>
/// <remarks>The numbers are those of files (docs/hnn-files.md).</remarks>
public enum Release
{
    /// <summary>y = Σ_i i·p_i, the differentiable soft-argmax, and nothing else: the same in every slot.</summary>
    /// <remarks>Two classes: y = p_1, which is all there is. More: y alone is no confidence, and round(y) need not be the argmax: p =
    /// (0.4, 0, 0, 0, 0.6) has y = 2.4.</remarks>
    SoftArgmax = 0,

    /// <summary>All probabilities p_0 … p_(n−1), for more than two classes: the argmax, its confidence and every ratio p_i/p_j, which
    /// are the differences of the logits.</summary>
    Probabilities = 1,
}
