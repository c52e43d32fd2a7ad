namespace Hnn.Model.Plain;

/// <summary>Hyper-parameters of a DistilBertForSequenceClassification, from Hugging Face's config.json; the only way in is
/// <see cref="Load(Stream)"/>.</summary>
/// <remarks>
/// Read are model_type, architectures, dim, n_layers, n_heads, hidden_dim, vocab_size, max_position_embeddings, activation, id2label,
/// num_labels and problem_type. Other fields are ignored, since upstream writes many: dropout rates, how the weights were initialised
/// (sinusoidal_pos_embds among them: the embeddings are in the file all the same), who wrote the file. label2id is ignored too: inference
/// does not use it, and upstream leaves it at its default where only id2label was set.
/// A copy made by <c>with</c> is not proven again.
/// Source: Sanh, Debut, Chaumond, Wolf, "DistilBERT, a distilled version of BERT", arXiv 1910.01108; field names of
/// huggingface/transformers, <c>configuration_distilbert.py</c>.
/// </remarks>
public sealed record DistilBertConfig
{
    /// <summary>The largest config.json read, in bytes.</summary>
    public const int MaxByteCount = 1 << 20;

    /// <summary>The only model_type read.</summary>
    public const string SupportedModelType = "distilbert";

    /// <summary>The only architecture read.</summary>
    public const string SupportedArchitecture = "DistilBertForSequenceClassification";

    /// <summary>ε of every LayerNorm: upstream has it in its code, not in the file.</summary>
    public const double LayerNormEpsilon = 1e-12;

    internal DistilBertConfig()
    {
    }

    /// <summary>dim: features of a token, d; in [1, 4096].</summary>
    public required int HiddenSize { get; init; }

    /// <summary>n_layers; in [1, 64].</summary>
    public required int LayerCount { get; init; }

    /// <summary>n_heads; divides <see cref="HiddenSize"/>.</summary>
    public required int HeadCount { get; init; }

    /// <summary>hidden_dim: inner features of the feed-forward layers; in [1, 16384].</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>vocab_size: rows of the word embedding; in [3, 1,000,000].</summary>
    public required int VocabularySize { get; init; }

    /// <summary>max_position_embeddings: the most tokens of a text; in [2, 4096].</summary>
    public required int MaxPosition { get; init; }

    /// <summary>activation.</summary>
    public required PlainActivation Activation { get; init; }

    /// <summary>id2label, in the order of the logits: 2 to 1,000 labels of 1 to 256 characters, none of them a control character. LABEL_0,
    /// LABEL_1, … as upstream names them where the file has none.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>Features of one head: <see cref="HiddenSize"/> / <see cref="HeadCount"/>.</summary>
    public int HeadSize => HiddenSize / HeadCount;

    /// <summary>Reads and proves a config.json.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The configuration.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">See <see cref="Load(Stream)"/>.</exception>
    public static DistilBertConfig Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using FileStream stream = File.OpenRead(path);
        return Load(stream);
    }

    /// <summary>Reads and proves a config.json, to the stream's end.</summary>
    /// <param name="stream">Readable; left open.</param>
    /// <returns>The configuration.</returns>
    /// <exception cref="InvalidDataException">Too large, not JSON, of another architecture, or a field that is missing, repeated, of the
    /// wrong kind or out of range; the message names what was found and what is supported.</exception>
    public static DistilBertConfig Load(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return DistilBertConfigReader.Read(BoundedRead.ToEnd(stream, MaxByteCount, "config.json"));
    }
}
