using Hnn.Model.Weights;

namespace Hnn.Model.Plain;

/// <summary>All weights of a DistilBertForSequenceClassification, under upstream's tensor names, as singles: exact for F32, F16 and BF16,
/// and half the memory of doubles (265 MB for six layers of 768).</summary>
/// <param name="Word"><c>distilbert.embeddings.word_embeddings.weight</c>: (vocabulary, hidden).</param>
/// <param name="Position"><c>distilbert.embeddings.position_embeddings.weight</c>: (positions, hidden).</param>
/// <param name="EmbeddingNorm"><c>distilbert.embeddings.LayerNorm</c>.</param>
/// <param name="Layers">Transformer layers, first to last.</param>
/// <param name="PreClassifier"><c>pre_classifier</c>: (hidden, hidden).</param>
/// <param name="Classifier"><c>classifier</c>: (labels, hidden).</param>
internal sealed record DistilBertWeights(
    float[] Word,
    float[] Position,
    NormWeights EmbeddingNorm,
    IReadOnlyList<DistilBertLayer> Layers,
    DenseWeights PreClassifier,
    DenseWeights Classifier)
{
    /// <summary>The one tensor that is allowed and ignored: a buffer of 0, 1, 2, … that some versions of upstream store.</summary>
    public const string IgnoredTensor = Embeddings + "position_ids";

    private const string Embeddings = "distilbert.embeddings.";

    private static readonly string[] Dense =
        ["attention.q_lin", "attention.k_lin", "attention.v_lin", "attention.out_lin", "ffn.lin1", "ffn.lin2"];

    /// <summary>Reads every tensor.</summary>
    /// <param name="reader">An open file.</param>
    /// <param name="config">The shapes expected.</param>
    /// <returns>The weights.</returns>
    /// <exception cref="InvalidDataException">A tensor is missing, of another shape or type, not finite, or of a name the model does not
    /// have (but for <see cref="IgnoredTensor"/>).</exception>
    public static DistilBertWeights Load(SafetensorsReader reader, DistilBertConfig config)
    {
        var source = new TensorSource(reader, Names(config), $"a {DistilBertConfig.SupportedArchitecture} of {config.LayerCount} layers");
        int hidden = config.HiddenSize;
        var layers = new DistilBertLayer[config.LayerCount];
        for (int i = 0; i < layers.Length; i++) layers[i] = Layer(source, config, i);
        return new DistilBertWeights(
            source.Singles(Embeddings + "word_embeddings.weight", config.VocabularySize, hidden),
            source.Singles(Embeddings + "position_embeddings.weight", config.MaxPosition, hidden),
            Norm(source, Embeddings + "LayerNorm", hidden),
            layers,
            Map(source, "pre_classifier", hidden, hidden),
            Map(source, "classifier", config.Labels.Count, hidden));
    }

    private static DistilBertLayer Layer(TensorSource source, DistilBertConfig config, int index)
    {
        int hidden = config.HiddenSize, inner = config.IntermediateSize;
        string prefix = Prefix(index);
        return new DistilBertLayer(
            Map(source, prefix + "attention.q_lin", hidden, hidden),
            Map(source, prefix + "attention.k_lin", hidden, hidden),
            Map(source, prefix + "attention.v_lin", hidden, hidden),
            Map(source, prefix + "attention.out_lin", hidden, hidden),
            Norm(source, prefix + "sa_layer_norm", hidden),
            Map(source, prefix + "ffn.lin1", inner, hidden),
            Map(source, prefix + "ffn.lin2", hidden, inner),
            Norm(source, prefix + "output_layer_norm", hidden));
    }

    private static DenseWeights Map(TensorSource source, string name, int outCount, int inCount) =>
        new(source.Singles(name + ".weight", outCount, inCount), source.Singles(name + ".bias", outCount));

    private static NormWeights Norm(TensorSource source, string name, int hidden) =>
        new(source.Singles(name + ".weight", hidden), source.Singles(name + ".bias", hidden));

    private static HashSet<string> Names(DistilBertConfig config)
    {
        HashSet<string> names = [IgnoredTensor, Embeddings + "word_embeddings.weight", Embeddings + "position_embeddings.weight"];
        IEnumerable<string> layers = Enumerable.Range(0, config.LayerCount).SelectMany(i =>
            Dense.Append("sa_layer_norm").Append("output_layer_norm").Select(name => Prefix(i) + name));
        foreach (string name in layers.Append(Embeddings + "LayerNorm").Append("pre_classifier").Append("classifier"))
        {
            names.Add(name + ".weight");
            names.Add(name + ".bias");
        }

        return names;
    }

    private static string Prefix(int layer) => $"distilbert.transformer.layer.{layer}.";
}
