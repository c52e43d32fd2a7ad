using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;
using Hnn.Model.Packing;
using Hnn.Model.Weights;

namespace Hnn.Model.Layers;

/// <summary>x ← x + attention(x); x ← x + feedForward(x). The frozen normalisations are folded into the maps that read x.</summary>
public sealed class TransformerBlock
{
    /// <summary>What each level of a block is spent on, from the top: true for a product of ciphertexts, false for a product with weights.</summary>
    /// <param name="sharesKeys">Whether copies of the sentence share the attention's keys; see <see cref="TokenLayout"/>.</param>
    /// <remarks>qkv, shifted copies where they share keys, q·k, square, ·v, output, feed-forward 1, activation, feed-forward 2.</remarks>
    public static IEnumerable<bool> ProductLevels(bool sharesKeys) =>
        sharesKeys ? BatchBlock.ProductLevels.Prepend(false) : BatchBlock.ProductLevels;

    private readonly TokenLayout _layout;
    private readonly SelfAttention _attention;
    private readonly FeedForward _feedForward;

    /// <summary>Prepares a block.</summary>
    public TransformerBlock(TokenLayout layout, LayerWeights weights, QuadraticActivation activation)
    {
        ArgumentNullException.ThrowIfNull(weights);
        _layout = layout;
        _attention = new(layout, weights.Attention);
        _feedForward = new(layout, weights, activation);
    }

    /// <summary>The residual stream after the block, doubled: (tokens, hidden), at the scale of x.</summary>
    /// <param name="evaluator">The evaluator.</param>
    /// <param name="x">The residual stream, doubled.</param>
    /// <param name="mask">m.</param>
    /// <param name="name">Of the layer; prefix of the stages reported.</param>
    public T Forward<T>(CircuitEvaluator<T> evaluator, T x, T mask, string name)
        where T : class, ICircuitValue
    {
        ArgumentNullException.ThrowIfNull(evaluator);
        using T attention = _attention.Forward(evaluator, x, mask, name + ".attention");
        using T middle = AddToResidual(evaluator, x, attention);
        using T feedForward = _feedForward.Forward(evaluator, middle, mask, name + ".ff");
        T result = AddToResidual(evaluator, middle, feedForward);
        evaluator.Report(name, result);
        return result;
    }

    // x + (y + y rotated by −hidden): y holds each feature once, zero elsewhere; the residual holds it twice.
    private T AddToResidual<T>(CircuitEvaluator<T> evaluator, T x, T y)
        where T : class, ICircuitValue
    {
        T sum = evaluator.RotateSum(y, [0, -_layout.HiddenSize]);
        using T atLevel = evaluator.DropLevel(x, sum.Level);
        evaluator.AddInto(atLevel, sum, sum);
        evaluator.DeclareMagnitude(sum, Linear.TypicalMagnitude);
        return sum;
    }
}
