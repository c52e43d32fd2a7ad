using Heann.Core;
using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;
using Hnn.Model.Layers;
using Hnn.Model.Packing;
using Hnn.Model.Weights;

namespace Hnn.Model.Compilation;

/// <summary>The whole network over a batch of embedded sentences (the throughput packing), written once for ciphertexts, for their clear
/// twin and for a recorder.</summary>
/// <remarks>
/// One value for each feature. Stages are named as in <see cref="SentimentCircuit"/>; each is reported by its first column (of scores and
/// weights: the first head's, each token with itself), which holds that feature of every sentence at every token. Immutable, thread-safe.
/// </remarks>
public sealed class BatchCircuit
{
    private readonly BatchBlock[] _blocks;
    private readonly BatchHead _head;

    /// <summary>Prepares the circuit.</summary>
    /// <param name="config">Shape, activation, soft-argmax.</param>
    /// <param name="weights">The network's weights, in the clear.</param>
    /// <param name="layout">Where the sentences lie.</param>
    /// <param name="schedule">Which columns are in memory at once; null for all.</param>
    /// <exception cref="ArgumentException">The layout's bucket is not the model's, or the network does not fit.</exception>
    public BatchCircuit(HnnConfig config, NetworkWeights weights, BatchLayout layout, ColumnSchedule? schedule = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(layout);
        RequireLayout(config, (layout.Bucket, layout.HiddenSize, layout.HeadCount));
        Layout = layout;
        Schedule = schedule ?? ColumnSchedule.InMemory;
        QuadraticActivation activation = QuadraticActivation.FromCoefficients(config.Activation);
        SoftArgmax = new(config.SoftArgmax, config.Labels.Count);
        _blocks = [.. weights.Layers.Select((layer, i) => new BatchBlock(layout, layer, activation, i, Schedule))];
        _head = new(layout, weights.Head, activation, SoftArgmax, Schedule);
    }

    /// <summary>Where the sentences lie.</summary>
    public BatchLayout Layout { get; }

    /// <summary>Which columns are in memory at once.</summary>
    public ColumnSchedule Schedule { get; }

    /// <summary>The last layer, with its polynomial.</summary>
    public SoftArgmax SoftArgmax { get; }

    /// <summary>What each level is spent on, from the top: true for a product of ciphertexts, false for a product with weights.</summary>
    /// <param name="layerCount">Transformer layers.</param>
    /// <param name="softArgmaxDepth">Levels of the soft-argmax.</param>
    public static IEnumerable<bool> ProductLevels(int layerCount, int softArgmaxDepth) =>
        Enumerable.Repeat(BatchBlock.ProductLevels, layerCount).SelectMany(levels => levels)
            .Concat(ClassifierHead.ProductLevels)
            .Concat(Enumerable.Repeat(true, softArgmaxDepth));

    /// <summary>What is released, each value in a ciphertext of its own, in every slot of its sentence, at level 0: y, or the n
    /// probabilities.</summary>
    /// <param name="evaluator">What computes.</param>
    /// <param name="features">The batch, see <see cref="BatchLayout.PackFeature"/>, at the top level. <b>Taken over</b>: each is disposed
    /// as soon as it is not needed, also when the evaluation fails.</param>
    /// <param name="mask">Its mask, see <see cref="BatchLayout.PackMask"/>; only ever level-dropped, and borrowed.</param>
    /// <exception cref="ArgumentException">Another number of features.</exception>
    public T[] Forward<T>(CircuitEvaluator<T> evaluator, IReadOnlyList<T> features, T mask)
        where T : class, ICircuitValue
    {
        ArgumentNullException.ThrowIfNull(evaluator);
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(mask);
        using MemoryStore<T> store = new();
        using WaitingColumns<T> x = Columns(store, features);
        return Forward(evaluator, x, mask);
    }

    /// <summary>Places for the features of a batch in a store, as many of them read at once as the schedule says.</summary>
    internal WaitingColumns<T> Columns<T>(ValueStore<T> store)
        where T : class, ICircuitValue => new(store, Layout.HiddenSize, Schedule.ReadColumns);

    /// <summary>The same with features that wait, which are used up.</summary>
    internal T[] Forward<T>(CircuitEvaluator<T> evaluator, WaitingColumns<T> x, T mask)
        where T : class, ICircuitValue
    {
        Scale scale = x.Scale;
        T[] mapped = Arguments(evaluator, x, mask);
        try
        {
            return SoftArgmax.Forward(evaluator, mapped, scale);
        }
        finally
        {
            foreach (T t in mapped)
            {
                t.Dispose();
            }
        }
    }

    // Of either packing.
    internal static void RequireLayout(HnnConfig config, (int Bucket, int HiddenSize, int HeadCount) layout)
    {
        if (!config.Buckets.Contains(layout.Bucket))
        {
            throw new ArgumentException($"Bucket {layout.Bucket} is not one of the model's: {string.Join(", ", config.Buckets)}.", nameof(layout));
        }

        if ((layout.HiddenSize, layout.HeadCount) != (config.HiddenSize, config.HeadCount))
        {
            throw new ArgumentException(
                $"The layout has {layout.HiddenSize} features in {layout.HeadCount} heads and the network {config.HiddenSize} in {config.HeadCount}.", nameof(layout));
        }
    }

    // The arguments of the soft-argmax, at the scale of the features, which are used up.
    internal T[] Arguments<T>(CircuitEvaluator<T> evaluator, IReadOnlyList<T> features, T mask)
        where T : class, ICircuitValue
    {
        using MemoryStore<T> store = new();
        using WaitingColumns<T> x = Columns(store, features);
        return Arguments(evaluator, x, mask);
    }

    private T[] Arguments<T>(CircuitEvaluator<T> evaluator, WaitingColumns<T> x, T mask)
        where T : class, ICircuitValue
    {
        Scale scale = x.Scale;
        foreach (BatchBlock block in _blocks)
        {
            block.Forward(evaluator, x, mask);
        }

        return _head.Forward(evaluator, x, mask, scale);
    }

    private WaitingColumns<T> Columns<T>(ValueStore<T> store, IReadOnlyList<T> features)
        where T : class, ICircuitValue
    {
        if (features.Count != Layout.HiddenSize)
        {
            throw new ArgumentException($"A network of {Layout.HiddenSize} features takes as many values; got {features.Count}.", nameof(features));
        }

        WaitingColumns<T> x = Columns(store);
        for (int i = 0; i < features.Count; i++)
        {
            x.Put(i, features[i]);
        }

        return x;
    }
}
