using Hnn.Model.Text;
using Hnn.Model.Weights;

namespace Hnn.Model.Sessions;

/// <summary>A model read whole, both halves: for programs that play client and server at once.</summary>
/// <remarks>Immutable; safe for use from several threads.</remarks>
public sealed class LoadedModel
{
    private LoadedModel(HnnConfig config, ITokenizer tokenizer, HnnWeights weights, string modelId) =>
        (Config, Tokenizer, Weights, ModelId) = (config, tokenizer, weights, modelId);

    /// <summary>The hyper-parameters.</summary>
    public HnnConfig Config { get; }

    /// <summary>The client's tokenizer.</summary>
    public ITokenizer Tokenizer { get; }

    /// <summary>The client's embeddings and the server's network.</summary>
    public HnnWeights Weights { get; }

    /// <summary>SHA-256 of the model's files, lower-case hexadecimal.</summary>
    public string ModelId { get; }

    /// <summary>Reads a model.</summary>
    /// <param name="directory">Where it lies.</param>
    /// <returns>The model, all of it in memory.</returns>
    /// <exception cref="InvalidDataException">A file is not good; the message names it.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static LoadedModel Load(ModelDirectory directory)
    {
        ArgumentNullException.ThrowIfNull(directory);
        return new(
            directory.Config,
            new WordPieceTokenizer(directory.LoadVocabulary()),
            directory.LoadWeights(),
            Convert.ToHexStringLower(directory.ComputeSha256()));
    }

    /// <summary>Tokenizes a text to at most the largest bucket.</summary>
    /// <param name="text">Any text; see <see cref="TokenizedText.IsEmpty"/> and <see cref="TokenizedText.IsTruncated"/>.</param>
    /// <returns>2 to <see cref="HnnConfig.MaxTokenCount"/> tokens.</returns>
    public TokenizedText Tokenize(string text) => Tokenizer.Tokenize(text, Config.MaxTokenCount);
}
