using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Hnn.Model.Text;

namespace Hnn.Model.Weights;

/// <summary>A model on disk: config.json, model.safetensors and vocab.txt in one folder.</summary>
/// <remarks>Files are opened when they are asked for and closed again; the folder must not change in between. Safe for use from several
/// threads.</remarks>
public sealed class ModelDirectory
{
    /// <summary>File name of the hyper-parameters.</summary>
    public const string ConfigFileName = "config.json";

    /// <summary>File name of the weights.</summary>
    public const string WeightsFileName = "model.safetensors";

    /// <summary>File name of the vocabulary.</summary>
    public const string VocabularyFileName = "vocab.txt";

    private ModelDirectory(string path, HnnConfig config) => (FullPath, Config) = (path, config);

    /// <summary>The folder's full path.</summary>
    public string FullPath { get; }

    /// <summary>The proven hyper-parameters.</summary>
    public HnnConfig Config { get; }

    /// <summary>Opens a folder: all three files must be there, and config.json must be good.</summary>
    /// <param name="path">The folder.</param>
    /// <returns>The model; its weights and vocabulary are not yet read.</returns>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">One of the three files is missing; the message names it.</exception>
    /// <exception cref="InvalidDataException">config.json is not good, or a Hugging Face checkpoint's.</exception>
    public static ModelDirectory Open(string path)
    {
        string full = ModelFolder.Require(path, ModelKind.Hnn);
        return new ModelDirectory(full, HnnConfig.Load(Path.Combine(full, ConfigFileName)));
    }

    /// <summary>Reads the vocabulary (the client's).</summary>
    /// <returns>As many pieces as config.json says.</returns>
    /// <exception cref="InvalidDataException">The file is not good, or has another number of pieces.</exception>
    public Vocabulary LoadVocabulary()
    {
        Vocabulary vocabulary = Vocabulary.Load(Path.Combine(FullPath, VocabularyFileName));
        return vocabulary.Count == Config.VocabularySize
            ? vocabulary
            : throw new InvalidDataException(
                $"{VocabularyFileName} has {vocabulary.Count} pieces, config.json's vocab_size is {Config.VocabularySize}; "
                + "check that they belong together.");
    }

    /// <summary>Reads the client's half of the weights.</summary>
    /// <returns>The embeddings.</returns>
    /// <exception cref="InvalidDataException">See <see cref="EmbeddingWeights.Load"/>.</exception>
    public EmbeddingWeights LoadEmbeddings()
    {
        using SafetensorsReader reader = OpenWeights();
        return EmbeddingWeights.Load(reader, Config);
    }

    /// <summary>Reads the server's half of the weights.</summary>
    /// <returns>Everything but the embeddings.</returns>
    /// <exception cref="InvalidDataException">See <see cref="NetworkWeights.Load"/>.</exception>
    public NetworkWeights LoadNetwork()
    {
        using SafetensorsReader reader = OpenWeights();
        return NetworkWeights.Load(reader, Config);
    }

    /// <summary>Reads both halves of the weights.</summary>
    /// <returns>All weights.</returns>
    /// <exception cref="InvalidDataException">See <see cref="HnnWeights.Load"/>.</exception>
    public HnnWeights LoadWeights()
    {
        using SafetensorsReader reader = OpenWeights();
        return HnnWeights.Load(reader, Config);
    }

    /// <summary>The model's identity: SHA-256 over, for config.json, model.safetensors and vocab.txt in this order,
    /// name (ASCII) ‖ 0x00 ‖ length (8 bytes, little-endian) ‖ SHA-256 of the content.</summary>
    /// <returns>32 bytes; equal for client and server exactly where all three files are equal, byte for byte.</returns>
    public byte[] ComputeSha256()
    {
        using var total = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> prefix = stackalloc byte[9]; // 0x00, length
        foreach (string name in (string[])[ConfigFileName, WeightsFileName, VocabularyFileName])
        {
            using FileStream stream = File.OpenRead(Path.Combine(FullPath, name));
            BinaryPrimitives.WriteInt64LittleEndian(prefix[1..], stream.Length);
            total.AppendData(Encoding.ASCII.GetBytes(name));
            total.AppendData(prefix);
            total.AppendData(SHA256.HashData(stream));
        }

        return total.GetHashAndReset();
    }

    private SafetensorsReader OpenWeights() => new(File.OpenRead(Path.Combine(FullPath, WeightsFileName)));
}
