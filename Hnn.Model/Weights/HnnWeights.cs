namespace Hnn.Model.Weights;

/// <summary>All weights of a model: the client's half and the server's half.</summary>
/// <param name="Embeddings">The client's half.</param>
/// <param name="Network">The server's half.</param>
public sealed record HnnWeights(EmbeddingWeights Embeddings, NetworkWeights Network)
{
    /// <summary>Reads both halves.</summary>
    /// <param name="reader">An open file.</param>
    /// <param name="config">The shapes expected.</param>
    /// <returns>The weights.</returns>
    /// <exception cref="InvalidDataException">A tensor is missing, of another shape, not finite, or of a name the model does not
    /// have.</exception>
    public static HnnWeights Load(SafetensorsReader reader, HnnConfig config) =>
        new(EmbeddingWeights.Load(reader, config), NetworkWeights.Load(reader, config));
}
