using Heann.Core;
using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;
using Hnn.Model.Layers;
using Hnn.Model.Packing;
using Hnn.Model.Weights;

namespace Hnn.Model.Compilation;

/// <summary>The whole network from the embedded sentence to its soft-argmax, written once for ciphertexts, for their clear twin and for a recorder.</summary>
/// <remarks>Prepared for one bucket and one number of slots; serves any number of sentences. A network of more than
/// 2^23 weights is not kept as diagonals (1.4 GB at 6 × 768): each block is laid out when it is reached, in a
/// second or two, and dropped behind it. Immutable, thread-safe.</remarks>
public sealed class SentimentCircuit
{
    /// <summary>Weights whose diagonals are kept from sentence to sentence.</summary>
    internal const int MaxKeptWeights = 1 << 23;

    private readonly IEnumerable<TransformerBlock> _blocks;
    private readonly ClassifierHead _head;

    /// <summary>Prepares the circuit.</summary>
    /// <param name="config">Shape, activation, soft-argmax.</param>
    /// <param name="weights">The network's weights, in the clear.</param>
    /// <param name="layout">Where the sentence lies.</param>
    /// <exception cref="ArgumentException">The layout's bucket is not the model's, or the network does not fit.</exception>
    public SentimentCircuit(HnnConfig config, NetworkWeights weights, TokenLayout layout)
        : this(config, weights, layout, MaxKeptWeights)
    {
    }

    // For tests: another limit.
    internal SentimentCircuit(HnnConfig config, NetworkWeights weights, TokenLayout layout, long maxKeptWeights)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(layout);
        BatchCircuit.RequireLayout(config, (layout.Bucket, layout.HiddenSize, layout.HeadCount));
        Layout = layout;
        QuadraticActivation activation = QuadraticActivation.FromCoefficients(config.Activation);
        SoftArgmax = new(config.SoftArgmax, config.Labels.Count);
        _blocks = Blocks(weights.Layers, layer => new(layout, layer, activation));
        if (weights.Layers.Sum(layer => layer.WeightCount) <= maxKeptWeights)
        {
            _blocks = [.. _blocks];
        }

        _head = new(Layout, weights.Head, activation, SoftArgmax);
    }

    /// <summary>Where a sentence lies in the slots.</summary>
    public TokenLayout Layout { get; }

    /// <summary>The last layer, with its polynomial.</summary>
    public SoftArgmax SoftArgmax { get; }

    /// <summary>What is released: y in every slot, or p_i at places i modulo <see cref="SoftArgmax.PlaceCount"/>.</summary>
    /// <param name="evaluator">What computes.</param>
    /// <param name="x">The sentence, see <see cref="TokenLayout.PackTokens"/>, at the top level.</param>
    /// <param name="mask">Its mask, see <see cref="TokenLayout.PackMask"/>; only ever level-dropped.</param>
    public T Forward<T>(CircuitEvaluator<T> evaluator, T x, T mask)
        where T : class, ICircuitValue
    {
        ArgumentNullException.ThrowIfNull(evaluator);
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(mask);
        Scale scale = x.Scale;
        T stream = evaluator.Copy(x);
        foreach ((int i, TransformerBlock block) in _blocks.Index())
        {
            T next = block.Forward(evaluator, stream, mask, $"layers.{i}");
            stream.Dispose();
            stream = next;
        }

        using T mapped = _head.Forward(evaluator, stream, mask, scale);
        stream.Dispose();
        return SoftArgmax.Forward(evaluator, mapped, scale);
    }

    // Layers of the same weights, as those of a plan, are laid out once.
    private static IEnumerable<TransformerBlock> Blocks(IEnumerable<LayerWeights> layers, Func<LayerWeights, TransformerBlock> create)
    {
        (LayerWeights? Weights, TransformerBlock? Block) last = default;
        foreach (LayerWeights layer in layers)
        {
            last = (layer, ReferenceEquals(layer, last.Weights) ? last.Block : create(layer));
            yield return last.Block!;
        }
    }
}
