namespace Hnn.Model.Weights;

/// <summary>The client's half of a model: word and position embeddings and their LayerNorm. Values are exact floats of the file.</summary>
/// <param name="Word"><c>embeddings.word.weight</c>, row-major: (vocabulary, hidden).</param>
/// <param name="Position"><c>embeddings.position.weight</c>, row-major: (positions, hidden).</param>
/// <param name="NormWeight"><c>embeddings.norm.weight</c>: (hidden).</param>
/// <param name="NormBias"><c>embeddings.norm.bias</c>: (hidden).</param>
/// <param name="NormEpsilon">ε of the LayerNorm, more than 0.</param>
public sealed record EmbeddingWeights(float[] Word, float[] Position, double[] NormWeight, double[] NormBias, double NormEpsilon)
{
    /// <summary>Features of a token.</summary>
    public int HiddenSize => NormWeight.Length;

    /// <summary>Pieces with an embedding.</summary>
    public int VocabularySize => Word.Length / HiddenSize;

    /// <summary>Positions with an embedding.</summary>
    public int MaxPosition => Position.Length / HiddenSize;

    /// <summary>Reads the embedding tensors; the network's may be absent from the file.</summary>
    /// <param name="reader">An open file.</param>
    /// <param name="config">The shapes expected.</param>
    /// <returns>The weights.</returns>
    /// <exception cref="InvalidDataException">A tensor is missing, of another shape, not finite, or of a name the model does not
    /// have.</exception>
    public static EmbeddingWeights Load(SafetensorsReader reader, HnnConfig config)
    {
        var source = new TensorSource(reader, config);
        return new EmbeddingWeights(
            source.Singles("embeddings.word.weight", config.VocabularySize, config.HiddenSize),
            source.Singles("embeddings.position.weight", config.MaxPosition, config.HiddenSize),
            source.Doubles("embeddings.norm.weight", config.HiddenSize),
            source.Doubles("embeddings.norm.bias", config.HiddenSize),
            config.LayerNormEpsilon);
    }
}
