using System.Text;
using Heann.Core.Serialization;
using Hnn.Model.Weights;

namespace Hnn.Model.Files;

/// <summary>What a client's files say of the model that they are for.</summary>
/// <param name="Name">The name of the model's folder, for people.</param>
/// <param name="ModelId">SHA-256 of the model's files, 64 lower-case hexadecimal digits: what decides.</param>
/// <param name="Buckets">The padded lengths that the keys serve.</param>
/// <param name="Labels">The labels, in the order of the logits.</param>
public sealed record ModelIdentity(string Name, string ModelId, IReadOnlyList<int> Buckets, IReadOnlyList<string> Labels)
{
    /// <summary>Bytes of a SHA-256.</summary>
    internal const int HashByteCount = 32;

    /// <summary>Most bytes that an identity takes in a file.</summary>
    internal const int MaxByteCount = 1 << 14;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private const int MaxTextLength = 64;
    private const int MaxCount = 64;

    /// <summary>The identity of a model on disk.</summary>
    public static ModelIdentity Of(ModelDirectory directory)
    {
        ArgumentNullException.ThrowIfNull(directory);
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(directory.FullPath));
        string printable = new([.. name.Where(c => !char.IsControl(c) && !char.IsSurrogate(c)).Take(MaxTextLength)]);
        return new(printable, Convert.ToHexStringLower(directory.ComputeSha256()), directory.Config.Buckets, directory.Config.Labels);
    }

    /// <summary>For people: the name and the beginning of the hash.</summary>
    public override string ToString() => $"{Name} ({Short(ModelId)})";

    /// <summary>Requires another model's hash to be this one's.</summary>
    /// <param name="modelId">The other's.</param>
    /// <param name="what">What belongs to the other.</param>
    /// <exception cref="InvalidDataException">It is another.</exception>
    public void RequireSame(string modelId, string what)
    {
        if (modelId != ModelId)
        {
            throw new InvalidDataException(
                $"{what} of model {Short(modelId)} and the model in use is {this}; use the folder of the model that the keys were made for, or make new keys with 'hnn keygen'.");
        }
    }

    internal static string Short(string modelId) => modelId[..Math.Min(12, modelId.Length)] + "…";

    internal static byte[] HashOf(string modelId)
    {
        ArgumentNullException.ThrowIfNull(modelId);
        return modelId.Length == 2 * HashByteCount && modelId.All(char.IsAsciiHexDigitLower)
            ? Convert.FromHexString(modelId)
            : throw new ArgumentException($"A model's id is a SHA-256 in {2 * HashByteCount} lower-case hexadecimal digits; got '{modelId}'.", nameof(modelId));
    }

    internal byte[] ToBytes()
    {
        using MemoryStream stream = new();
        void Number(int value)
        {
            byte[] bytes = new byte[sizeof(ushort)];
            new FieldWriter(bytes).UInt16(value);
            stream.Write(bytes);
        }

        void Text(string text)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            Number(bytes.Length);
            stream.Write(bytes);
        }

        Text(Name);
        Number(Buckets.Count);
        foreach (int bucket in Buckets)
        {
            Number(bucket);
        }

        Number(Labels.Count);
        foreach (string label in Labels)
        {
            Text(label);
        }

        return stream.ToArray();
    }

    internal static ModelIdentity Read(string modelId, ReadOnlySpan<byte> bytes)
    {
        FieldReader reader = new(bytes);
        string name = Text(ref reader);
        int[] buckets = new int[Count(ref reader)];
        for (int i = 0; i < buckets.Length; i++)
        {
            buckets[i] = reader.UInt16();
            if (buckets[i] < 2 || (i > 0 && buckets[i] <= buckets[i - 1]))
            {
                throw new InvalidDataException($"Bucket {i} is {buckets[i]}; buckets are 2 or more, rising. The file was made by a faulty program: make new keys.");
            }
        }

        string[] labels = new string[Count(ref reader)];
        for (int i = 0; i < labels.Length; i++)
        {
            labels[i] = Text(ref reader);
        }

        return labels.Length >= 2 && reader.Remaining == 0
            ? new(name, modelId, buckets, labels)
            : throw new InvalidDataException($"The model has {labels.Length} labels and {reader.Remaining} bytes follow them; 2 or more and 0 are expected. Make new keys.");
    }

    private static int Count(ref FieldReader reader)
    {
        int count = reader.UInt16();
        return count is >= 1 and <= MaxCount
            ? count
            : throw new InvalidDataException($"A list of the model has {count} entries; 1 to {MaxCount} are allowed. The file was made by a faulty program: make new keys.");
    }

    private static string Text(ref FieldReader reader)
    {
        try
        {
            string text = StrictUtf8.GetString(reader.Bytes(reader.UInt16()));
            if (text.Length is >= 1 and <= MaxTextLength && !text.Any(char.IsControl))
            {
                return text;
            }
        }
        catch (DecoderFallbackException)
        {
            // Not text: the same as a text that is not allowed.
        }

        throw new InvalidDataException($"A name of the model is not 1 to {MaxTextLength} characters of UTF-8 without controls; the file was made by a faulty program: make new keys.");
    }
}
