namespace Hnn.Model.Weights;

/// <summary>The server's half of a model: everything but the embeddings. The vocabulary is no part of it, so a server needs none.</summary>
/// <param name="Layers">Transformer layers, first to last.</param>
/// <param name="Head">The head.</param>
public sealed record NetworkWeights(IReadOnlyList<LayerWeights> Layers, HeadWeights Head)
{
    /// <summary>Reads the network's tensors; the embeddings may be absent from the file.</summary>
    /// <param name="reader">An open file.</param>
    /// <param name="config">The shapes expected.</param>
    /// <returns>The weights as doubles.</returns>
    /// <exception cref="InvalidDataException">A tensor is missing, of another shape, not finite, or of a name the model does not
    /// have.</exception>
    public static NetworkWeights Load(SafetensorsReader reader, HnnConfig config)
    {
        var source = new TensorSource(reader, config);
        int hidden = config.HiddenSize, inner = config.IntermediateSize;
        var layers = new LayerWeights[config.LayerCount];
        for (int i = 0; i < layers.Length; i++)
        {
            string attention = $"layers.{i}.attention.";
            layers[i] = new LayerWeights(
                new AttentionWeights(
                    source.Linear(attention + "q", hidden, hidden),
                    source.Linear(attention + "k", hidden, hidden),
                    source.Linear(attention + "v", hidden, hidden),
                    source.Linear(attention + "out", hidden, hidden)),
                source.Linear($"layers.{i}.ff.1", inner, hidden),
                source.Linear($"layers.{i}.ff.2", hidden, inner));
        }

        return new NetworkWeights(layers, new HeadWeights(
            source.Linear("head.pre", hidden, hidden),
            source.Doubles("head.pre.mask_weight", hidden),
            source.Linear("head.classifier", config.Labels.Count, hidden)));
    }

    /// <summary>Weights of typical size, 1/√in throughout, for plans that depend on the shape alone. Not a trained network.</summary>
    /// <param name="config">The shapes.</param>
    internal static NetworkWeights Typical(HnnConfig config)
    {
        int hidden = config.HiddenSize, inner = config.IntermediateSize;
        LinearWeights Map(int rows, int columns)
        {
            double[] weight = new double[rows * columns];
            Array.Fill(weight, 1 / Math.Sqrt(columns));

            // Rows differ, so that no difference of two of them vanishes.
            for (int row = 1; row < rows; row += 2) weight.AsSpan(row * columns, columns).Fill(-1 / Math.Sqrt(columns));
            double[] bias = new double[rows];
            Array.Fill(bias, 0.1);
            return new(weight, bias, columns, rows);
        }

        LayerWeights layer = new(
            new(Map(hidden, hidden), Map(hidden, hidden), Map(hidden, hidden), Map(hidden, hidden)), Map(inner, hidden), Map(hidden, inner));
        double[] maskWeight = new double[hidden];
        Array.Fill(maskWeight, 0.1);
        return new([.. Enumerable.Repeat(layer, config.LayerCount)], new(Map(hidden, hidden), maskWeight, Map(config.Labels.Count, hidden)));
    }
}
