using Hnn.Model.Text;
using Hnn.Model.Weights;

namespace Hnn.Model.Plain;

/// <summary>A DistilBertForSequenceClassification on disk, as Hugging Face ships it: config.json, model.safetensors (F32, F16 or BF16),
/// vocab.txt and, where it is there, tokenizer_config.json.</summary>
/// <remarks>Files are opened when they are asked for and closed again; the folder must not change in between. Safe for use from several
/// threads.</remarks>
public sealed class DistilBertDirectory
{
    /// <summary>File name of the hyper-parameters.</summary>
    public const string ConfigFileName = ModelDirectory.ConfigFileName;

    /// <summary>File name of the tokenizer's options; without it the tokenizer is that of uncased models.</summary>
    public const string TokenizerConfigFileName = "tokenizer_config.json";

    private DistilBertDirectory(string path, DistilBertConfig config) => (FullPath, Config) = (path, config);

    /// <summary>The folder's full path.</summary>
    public string FullPath { get; }

    /// <summary>The proven hyper-parameters.</summary>
    public DistilBertConfig Config { get; }

    /// <summary>Opens a folder: the first three files must be there, and config.json must be good.</summary>
    /// <param name="path">The folder.</param>
    /// <returns>The model; its weights and vocabulary are not yet read.</returns>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">One of the three files is missing; the message names it.</exception>
    /// <exception cref="InvalidDataException">The folder holds an hnn model or another architecture, or config.json is not
    /// good.</exception>
    public static DistilBertDirectory Open(string path)
    {
        string full = ModelFolder.Require(path, ModelKind.HuggingFace);
        return new DistilBertDirectory(full, DistilBertConfig.Load(Path.Combine(full, ConfigFileName)));
    }

    /// <summary>Reads the vocabulary and the tokenizer's options.</summary>
    /// <returns>The tokenizer that the model was trained with.</returns>
    /// <exception cref="InvalidDataException">A file is not good, the vocabulary has more pieces than there are embeddings, or an option
    /// is one that this tokenizer does not have.</exception>
    public ITokenizer LoadTokenizer()
    {
        Vocabulary vocabulary = Vocabulary.Load(Path.Combine(FullPath, ModelDirectory.VocabularyFileName));
        if (vocabulary.Count > Config.VocabularySize)
            throw new InvalidDataException(
                $"{ModelDirectory.VocabularyFileName} has {vocabulary.Count} pieces, but config.json's vocab_size is "
                + $"{Config.VocabularySize}; check that they belong together."); // fewer are usual: upstream pads embeddings to round numbers
        string options = Path.Combine(FullPath, TokenizerConfigFileName);
        return new WordPieceTokenizer(vocabulary, !File.Exists(options) || TokenizerOptions.ReadLowerCase(options));
    }

    /// <summary>Reads the weights.</summary>
    /// <param name="threadCount">Threads to compute with, at least 1.</param>
    /// <returns>The model, all of it in memory: 4 bytes a weight, whatever the file's type.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threadCount"/> is less than 1.</exception>
    /// <exception cref="InvalidDataException">A tensor is missing, of another shape or type, not finite, or of a name that the model does
    /// not have; a <c>position_ids</c> buffer is allowed and ignored.</exception>
    public PlainDistilBert LoadModel(int threadCount = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threadCount, 1);
        using var reader = new SafetensorsReader(File.OpenRead(Path.Combine(FullPath, ModelDirectory.WeightsFileName)));
        return new PlainDistilBert(Config, DistilBertWeights.Load(reader, Config), threadCount);
    }
}
