using System.Numerics.Tensors;
using Hnn.Model.Weights;

namespace Hnn.Model.Plain;

/// <summary>The network of additions and multiplications in the clear: token vectors → logits, for any number of classes.</summary>
/// <remarks>
/// The formulas of <see cref="HnnConfig"/> from top to bottom in double precision. It knows no packing, no parameters and no level plan,
/// so it also evaluates networks that no plan fits; <see cref="Compilation.ClearNetwork"/> is the circuit that ciphertexts see.
/// <para>Padded positions are zero throughout (every bias is masked), so only the n real tokens are computed; the bucket B enters as the
/// divisor of attention and pooling. B is part of the network: another bucket gives other logits.</para>
/// Results are the same for the same processor; between widths of vectors sums differ by rounding, about 1e-14. Immutable, thread-safe.
/// </remarks>
public sealed class PolynomialNetwork
{
    private readonly HnnConfig _config;
    private readonly NetworkWeights _weights;

    /// <summary>Checks that weights and config belong together.</summary>
    /// <param name="config">Shape, activation and buckets.</param>
    /// <param name="weights">Kept, not copied.</param>
    /// <exception cref="ArgumentException">The number of layers or a map's shape is not the config's, or c0 of the activation is not
    /// 0.</exception>
    public PolynomialNetwork(HnnConfig config, NetworkWeights weights)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(weights);
        (_config, _weights) = (config, weights);
        int hidden = config.HiddenSize;
        if (config.Activation is not [0, _, _])
            throw new ArgumentException(
                $"The activation is [{string.Join(", ", config.Activation)}]; padding stays zero with [0, c1, c2] only.", nameof(config));
        if (weights.Layers.Count != config.LayerCount)
            throw new ArgumentException(
                $"The config has {config.LayerCount} layers and the weights {weights.Layers.Count}.", nameof(weights));
        foreach (LayerWeights layer in weights.Layers)
        {
            AttentionWeights attention = layer.Attention;
            foreach (LinearWeights map in (LinearWeights[])[attention.Query, attention.Key, attention.Value, attention.Output])
                RequireShape(map, hidden, hidden);
            RequireShape(layer.FeedForward1, config.IntermediateSize, hidden);
            RequireShape(layer.FeedForward2, hidden, config.IntermediateSize);
        }

        RequireShape(weights.Head.Pre, hidden, hidden);
        RequireShape(weights.Head.Classifier, config.Labels.Count, hidden);
        if (weights.Head.MaskWeight.Length != hidden)
            throw new ArgumentException($"The mask weight has {weights.Head.MaskWeight.Length} values, not {hidden}.", nameof(weights));
    }

    /// <summary>The logits of an embedded sentence in the smallest bucket that holds it.</summary>
    /// <param name="tokens">(tokens, hidden), 1 to <see cref="HnnConfig.MaxTokenCount"/> tokens.</param>
    /// <returns>One logit for each class.</returns>
    /// <exception cref="ArgumentException">Another number of features, or no bucket holds so many tokens.</exception>
    public double[] Logits(double[,] tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        return Logits(tokens, _config.BucketFor(tokens.GetLength(0)));
    }

    /// <summary>The logits of an embedded sentence in a bucket.</summary>
    /// <param name="tokens">(tokens, hidden), 1 to B tokens; padding is not part of it.</param>
    /// <param name="bucket">B, one of the config's.</param>
    /// <param name="ranges">Told every quantity, where given: <c>input</c>; of every layer i <c>layers.i.q</c>, <c>.k</c>, <c>.v</c>,
    /// <c>.score</c> (q·k/√headSize), <c>.weight</c> (score²/B), <c>.context</c>, <c>.after_attention</c>, <c>.preactivation</c>,
    /// <c>.activation</c>, <c>.output</c>; <c>pooled</c>, <c>head.preactivation</c>, <c>head.activation</c>, <c>logits</c>, and for two
    /// classes <c>logit_difference</c>, for more <c>logit_deviation</c> (from their mean).</param>
    /// <returns>One logit for each class; not finite where values overflow.</returns>
    /// <exception cref="ArgumentException">Another number of features, not one of the config's buckets, or more tokens than it
    /// holds.</exception>
    public double[] Logits(double[,] tokens, int bucket, ValueRanges? ranges = null)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        RequireTokens(tokens, bucket);
        double[] x = new double[tokens.Length]; // (tokens, hidden)
        Buffer.BlockCopy(tokens, 0, x, 0, sizeof(double) * x.Length);
        ranges?.Include("input", x);
        for (int i = 0; i < _weights.Layers.Count; i++)
        {
            AddAttention(_weights.Layers[i].Attention, x, bucket, Named(ranges, i));
            AddFeedForward(_weights.Layers[i], x, Named(ranges, i));
        }

        return Head(x, bucket, ranges);
    }

    /// <summary>x ← x + concat_h(A_h v_h) W' + b with A = (q·k/√headSize)²/B.</summary>
    private void AddAttention(AttentionWeights weights, double[] x, int bucket, Action<string, double[]>? report)
    {
        double[] q = Apply(weights.Query, x), k = Apply(weights.Key, x), v = Apply(weights.Value, x); // (tokens, hidden)
        report?.Invoke("q", q);
        report?.Invoke("k", k);
        report?.Invoke("v", v);
        int hidden = _config.HiddenSize, headSize = _config.HeadSize, count = x.Length / hidden;
        double[] context = new double[x.Length]; // (tokens, hidden)
        double[] scores = new double[count * count]; // (tokens, tokens), of one head
        for (int h = 0; h < _config.HeadCount; h++)
        {
            Span<double> Head(double[] values, int token) => values.AsSpan((token * hidden) + (h * headSize), headSize);
            for (int t = 0; t < count; t++)
                for (int u = 0; u < count; u++)
                    scores[(t * count) + u] = TensorPrimitives.Dot<double>(Head(q, t), Head(k, u));
            TensorPrimitives.Multiply(scores, 1 / Math.Sqrt(headSize), scores);
            report?.Invoke("score", scores);
            TensorPrimitives.Multiply(scores, scores, scores);
            TensorPrimitives.Divide(scores, bucket, scores);
            report?.Invoke("weight", scores);
            for (int t = 0; t < count; t++)
                for (int u = 0; u < count; u++)
                    TensorPrimitives.MultiplyAdd(Head(v, u), scores[(t * count) + u], Head(context, t), Head(context, t));
        }

        report?.Invoke("context", context);
        TensorPrimitives.Add(x, Apply(weights.Output, context), x);
        report?.Invoke("after_attention", x);
    }

    /// <summary>x ← x + act(x W_1' + b_1) W_2' + b_2.</summary>
    private void AddFeedForward(LayerWeights weights, double[] x, Action<string, double[]>? report)
    {
        double[] u = Apply(weights.FeedForward1, x); // (tokens, intermediate)
        report?.Invoke("preactivation", u);
        Activate(u);
        report?.Invoke("activation", u);
        TensorPrimitives.Add(x, Apply(weights.FeedForward2, u), x);
        report?.Invoke("output", x);
    }

    /// <summary>p = Σ_t x_t / B, u = W p + w_m n/B + b, logits = W_c act(u) + b_c.</summary>
    private double[] Head(double[] x, int bucket, ValueRanges? ranges)
    {
        HeadWeights head = _weights.Head;
        int hidden = _config.HiddenSize;
        double[] pooled = new double[hidden];
        for (int t = 0; t < x.Length; t += hidden) TensorPrimitives.Add(pooled, x.AsSpan(t, hidden), pooled);
        TensorPrimitives.Divide(pooled, bucket, pooled);
        ranges?.Include("pooled", pooled);
        double[] u = Apply(head.Pre, pooled);
        TensorPrimitives.MultiplyAdd(head.MaskWeight, (double)(x.Length / hidden) / bucket, u, u);
        ranges?.Include("head.preactivation", u);
        Activate(u);
        ranges?.Include("head.activation", u);
        double[] logits = Apply(head.Classifier, u);
        ranges?.Include("logits", logits);
        if (logits is [double negative, double positive]) ranges?.Include("logit_difference", [positive - negative]);
        else ranges?.Include("logit_deviation", [.. logits.Select(logit => logit - logits.Average())]);
        return logits;
    }

    /// <summary>x W' + b for every row of x. (rows, in) → (rows, out)</summary>
    private static double[] Apply(LinearWeights map, double[] x)
    {
        int count = x.Length / map.In;
        double[] y = new double[count * map.Out];

        // A row of W stays in the nearest cache while all tokens pass.
        for (int o = 0; o < map.Out; o++)
        {
            ReadOnlySpan<double> row = map.Weight.AsSpan(o * map.In, map.In);
            for (int t = 0; t < count; t++) y[(t * map.Out) + o] = TensorPrimitives.Dot(row, x.AsSpan(t * map.In, map.In)) + map.Bias[o];
        }

        return y;
    }

    /// <summary>u ← c1·u + c2·u², by Horner's rule; c0 = 0.</summary>
    private void Activate(double[] u)
    {
        (double linear, double quadratic) = (_config.Activation[1], _config.Activation[2]);
        for (int i = 0; i < u.Length; i++) u[i] *= linear + (quadratic * u[i]);
    }

    private static Action<string, double[]>? Named(ValueRanges? ranges, int layer) =>
        ranges is null ? null : (name, values) => ranges.Include($"layers.{layer}.{name}", values);

    private void RequireTokens(double[,] tokens, int bucket)
    {
        _config.RequireBucket(bucket);
        if (tokens.GetLength(1) != _config.HiddenSize)
            throw new ArgumentException(
                $"A token has {tokens.GetLength(1)} features and the network {_config.HiddenSize}.", nameof(tokens));
        if (tokens.GetLength(0) < 1 || tokens.GetLength(0) > bucket)
            throw new ArgumentException($"A bucket of {bucket} holds 1 to {bucket} tokens; got {tokens.GetLength(0)}.", nameof(tokens));
    }

    private static void RequireShape(LinearWeights map, int outCount, int inCount)
    {
        if ((map.Out, map.In) != (outCount, inCount))
            throw new ArgumentException($"A map is ({map.Out}, {map.In}) where the config makes it ({outCount}, {inCount}).", "weights");
    }
}
