using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Layers;

/// <summary>The formulas of models/hnn-tiny/README.md as plain loops over (tokens, features): the second way to compute all.</summary>
/// <remarks>No packing, nothing folded, no polynomial. Rows are tokens 0 … B − 1: padding is computed and not assumed.</remarks>
internal static class NaiveNetwork
{
    /// <summary>x with zero rows up to B: (B, hidden).</summary>
    public static double[][] Pad(double[,] tokens, int bucket) =>
        [.. Enumerable.Range(0, bucket).Select(t => Enumerable.Range(0, tokens.GetLength(1))
            .Select(i => t < tokens.GetLength(0) ? tokens[t, i] : 0).ToArray())];

    /// <summary>m: 1 on the first n of B tokens, 0 on the others.</summary>
    public static double[] Mask(int tokenCount, int bucket) => [.. Enumerable.Range(0, bucket).Select(t => t < tokenCount ? 1.0 : 0)];

    /// <summary>x W' + m b.</summary>
    public static double[][] Linear(LinearWeights map, double[][] x, double[] mask)
    {
        double[][] y = new double[x.Length][]; // (B, out)
        for (int t = 0; t < x.Length; t++)
        {
            y[t] = Apply(map.Weight, x[t]);
            for (int o = 0; o < map.Out; o++) y[t][o] += mask[t] * map.Bias[o];
        }

        return y;
    }

    /// <summary>For every head h: s = q_h k_h' / √headSize, A = s·s / B elementwise, A v_h; the heads side by side.</summary>
    public static double[][] Context(double[][] q, double[][] k, double[][] v, int headCount)
    {
        int bucket = q.Length, headSize = q[0].Length / headCount;
        double[][] context = [.. q.Select(row => new double[row.Length])]; // (B, hidden)
        for (int h = 0; h < headCount; h++)
        {
            for (int t = 0; t < bucket; t++)
            {
                for (int u = 0; u < bucket; u++)
                {
                    double score = 0;
                    for (int i = h * headSize; i < (h + 1) * headSize; i++) score += q[t][i] * k[u][i];
                    score /= Math.Sqrt(headSize);
                    double weight = score * score / bucket;
                    for (int i = h * headSize; i < (h + 1) * headSize; i++) context[t][i] += weight * v[u][i];
                }
            }
        }

        return context;
    }

    /// <summary>The attention's contribution: concat_h(A v_h) W' + m b.</summary>
    public static double[][] Attention(AttentionWeights weights, double[][] x, double[] mask, int headCount)
    {
        double[][] q = Linear(weights.Query, x, mask), k = Linear(weights.Key, x, mask), v = Linear(weights.Value, x, mask);
        return Linear(weights.Output, Context(q, k, v, headCount), mask);
    }

    /// <summary>c0 + c1·u + c2·u².</summary>
    public static double[] Activation(IReadOnlyList<double> c, double[] u) => [.. u.Select(e => c[0] + (c[1] * e) + (c[2] * e * e))];

    /// <summary>The feed-forward's contribution: act(x W_1' + m b_1) W_2' + m b_2.</summary>
    public static double[][] FeedForward(LayerWeights weights, IReadOnlyList<double> activation, double[][] x, double[] mask) =>
        Linear(weights.FeedForward2, [.. Linear(weights.FeedForward1, x, mask).Select(u => Activation(activation, u))], mask);

    /// <summary>x ← x + attention(x), x ← x + feedForward(x).</summary>
    public static double[][] Block(LayerWeights weights, HnnConfig config, double[][] x, double[] mask)
    {
        double[][] middle = Add(x, Attention(weights.Attention, x, mask, config.HeadCount));
        return Add(middle, FeedForward(weights, config.Activation, middle, mask));
    }

    /// <summary>p = Σ x / B, r = n / B, u = W p + w_m r + b, logits = W_c act(u) + b_c.</summary>
    public static double[] Head(HeadWeights weights, IReadOnlyList<double> activation, double[][] x, double[] mask)
    {
        double[] pooled = [.. Enumerable.Range(0, x[0].Length).Select(i => x.Sum(row => row[i]) / x.Length)];
        double ratio = mask.Sum() / mask.Length;
        double[] u = Apply(weights.Pre.Weight, pooled);
        for (int i = 0; i < u.Length; i++) u[i] += (weights.MaskWeight[i] * ratio) + weights.Pre.Bias[i];
        double[] logits = Apply(weights.Classifier.Weight, Activation(activation, u));
        return [.. logits.Select((logit, c) => logit + weights.Classifier.Bias[c])];
    }

    /// <summary>The logits of an embedded sentence in a bucket.</summary>
    public static double[] Logits(HnnConfig config, NetworkWeights weights, double[,] tokens, int bucket)
    {
        double[][] x = Pad(tokens, bucket);
        double[] mask = Mask(tokens.GetLength(0), bucket);
        foreach (LayerWeights layer in weights.Layers) x = Block(layer, config, x, mask);
        return Head(weights.Head, config.Activation, x, mask);
    }

    /// <summary>Elementwise sum.</summary>
    public static double[][] Add(double[][] x, double[][] y) => [.. x.Zip(y, (a, b) => a.Zip(b, (c, d) => c + d).ToArray())];

    // W x, W row-major.
    private static double[] Apply(double[] weight, double[] x)
    {
        double[] y = new double[weight.Length / x.Length];
        for (int o = 0; o < y.Length; o++)
        {
            ReadOnlySpan<double> row = weight.AsSpan(o * x.Length, x.Length);
            double sum = 0;
            for (int i = 0; i < row.Length; i++) sum += row[i] * x[i];
            y[o] = sum;
        }

        return y;
    }
}
