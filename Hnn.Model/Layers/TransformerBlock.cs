using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;
using Hnn.Model.Packing;
using Hnn.Model.Weights;

namespace Hnn.Model.Layers;

/// <summary>x ← x + attention(x); x ← x + feedForward(x). The frozen normalisations are folded into the maps that read x.</summary>
public sealed class TransformerBlock
{
    /// <summary>What each level of a block is spent on, from the top: true for a product of ciphertexts, false for a product with weights.</summary>
    /// <remarks>qkv, shifted copies, q·k, square, ·v, output, feed-forward 1, activation, feed-forward 2.</remarks>
    public static IReadOnlyList<bool> ProductLevels { get; } = [false, false, true, true, true, false, false, true, false];

    private readonly TokenLayout _layout;
    private readonly SelfAttention _attention;
    private readonly FeedForward _feedForward;
    private readonly string _name;

    /// <summary>Prepares layer <paramref name="index"/>.</summary>
    public TransformerBlock(TokenLayout layout, LayerWeights weights, QuadraticActivation activation, int index)
    {
        ArgumentNullException.ThrowIfNull(weights);
        _layout = layout;
        _attention = new(layout, weights.Attention);
        _feedForward = new(layout, weights, activation);
        _name = $"layers.{index}";
    }

    /// <summary>The residual stream after the block, doubled: (tokens, hidden), at the scale of x.</summary>
    public T Forward<T>(CircuitEvaluator<T> evaluator, T x, T mask)
        where T : class, ICircuitValue
    {
        ArgumentNullException.ThrowIfNull(evaluator);
        using T attention = _attention.Forward(evaluator, x, mask, _name + ".attention");
        using T middle = AddToResidual(evaluator, x, attention);
        using T feedForward = _feedForward.Forward(evaluator, middle, mask, _name + ".ff");
        T result = AddToResidual(evaluator, middle, feedForward);
        evaluator.Report(_name, result);
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
