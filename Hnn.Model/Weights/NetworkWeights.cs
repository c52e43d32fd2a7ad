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
}
