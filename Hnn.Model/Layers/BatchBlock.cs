using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;
using Hnn.Model.Packing;
using Hnn.Model.Weights;

namespace Hnn.Model.Layers;

/// <summary>x ← x + attention(x); x ← x + feedForward(x) over a batch. The frozen normalisations are folded into the maps that read
/// x.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
public sealed class BatchBlock
{
    /// <summary>What each level of a block is spent on, from the top: true for a product of ciphertexts, false for a product with
    /// weights.</summary>
    /// <remarks>qkv, q·k, square, ·v, output, feed-forward 1, activation, feed-forward 2.</remarks>
    public static IReadOnlyList<bool> ProductLevels { get; } = [false, true, true, true, false, false, true, false];

    private readonly BatchAttention _attention;
    private readonly BatchFeedForward _feedForward;
    private readonly string _name;

    /// <summary>Prepares layer <paramref name="index"/>.</summary>
    /// <param name="layout">Where the sentences lie.</param>
    /// <param name="weights">The layer's weights.</param>
    /// <param name="activation">The feed-forward's activation.</param>
    /// <param name="index">Which layer, for the names of its stages.</param>
    /// <param name="schedule">Which columns are in memory at once; null for all.</param>
    public BatchBlock(BatchLayout layout, LayerWeights weights, QuadraticActivation activation, int index, ColumnSchedule? schedule = null)
    {
        ArgumentNullException.ThrowIfNull(weights);
        _attention = new(layout, weights.Attention, schedule);
        _feedForward = new(weights, activation, schedule);
        _name = $"layers.{index}";
    }

    /// <summary>x becomes the residual stream after the block, eight levels below, at its scale.</summary>
    /// <param name="evaluator">The evaluator.</param>
    /// <param name="x">One column for each feature. Its columns are replaced as soon as they are not needed at their level.</param>
    /// <param name="mask">m.</param>
    internal void Forward<T>(CircuitEvaluator<T> evaluator, WaitingColumns<T> x, T mask)
        where T : class, ICircuitValue
    {
        using (WaitingColumns<T> contexts = _attention.Contexts(evaluator, x, mask, _name + ".attention"))
        {
            _attention.AddOutputs(evaluator, contexts, mask, x, _name + ".attention");
        }

        _feedForward.AddOutputs(evaluator, x, mask, _name + ".ff");
        x.Lend(0, first => evaluator.Report(_name, first));
    }
}
