namespace Hnn.Model.Weights;

/// <summary>A model's hyper-parameters, from its config.json; the only way in is <see cref="Load(Stream)"/>, which proves every
/// field.</summary>
/// <remarks>Unknown and repeated fields are refused: a field that this version does not know could change what the network computes.
/// A copy made by <c>with</c> is not proven again.</remarks>
public sealed record HnnConfig
{
    /// <summary>The largest config.json read, in bytes.</summary>
    public const int MaxByteCount = 1 << 16;

    /// <summary>The most classes of a network: 64.</summary>
    public const int MaxLabelCount = 64;

    /// <summary>The supported attention: A = (q·k / √head size)² / bucket.</summary>
    public const string SupportedAttention = "(q.k/sqrt(head_size))^2 / bucket";

    /// <summary>The supported normalisation: none at run time; frozen statistics are folded into the linear layers.</summary>
    public const string SupportedNormalization = "folded";

    /// <summary>The supported pooling: p = Σ positions x / bucket.</summary>
    public const string SupportedPooling = "sum over positions / bucket";

    internal HnnConfig()
    {
    }

    /// <summary>Features of a token, d; in [1, 4096].</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Transformer layers; in [1, 64].</summary>
    public required int LayerCount { get; init; }

    /// <summary>Attention heads; divides <see cref="HiddenSize"/>.</summary>
    public required int HeadCount { get; init; }

    /// <summary>Inner features of the feed-forward layers; in [1, 16384].</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Pieces of the vocabulary; in [3, 1,000,000].</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Padded lengths, powers of two in [2, 4096], rising, at most <see cref="MaxPosition"/>.</summary>
    public required IReadOnlyList<int> Buckets { get; init; }

    /// <summary>ε of the embedding's LayerNorm; in (0, 1].</summary>
    public required double LayerNormEpsilon { get; init; }

    /// <summary>[c0, c1, c2] of the activation c0 + c1·u + c2·u²; |c| ≤ 1024, and c0 = 0 so that padding stays zero.</summary>
    public required IReadOnlyList<double> Activation { get; init; }

    /// <summary>The classes' labels in the order of the logits, 2 to <see cref="MaxLabelCount"/>, all different; 1 to 64 characters, none
    /// of them a control character.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>The final soft-argmax.</summary>
    public required SoftArgmaxConfig SoftArgmax { get; init; }

    /// <summary>Positions with an embedding, the most tokens of a text; in [2, 4096].</summary>
    public required int MaxPosition { get; init; }

    /// <summary>What a client is given: <see cref="SoftArgmaxConfig.Release"/>, or the default for so many classes.</summary>
    public Release Release => SoftArgmax.ReleaseFor(Labels.Count);

    /// <summary>Features of one head: <see cref="HiddenSize"/> / <see cref="HeadCount"/>.</summary>
    public int HeadSize => HiddenSize / HeadCount;

    /// <summary>The most tokens a request can hold: the last bucket.</summary>
    public int MaxTokenCount => Buckets[^1];

    /// <summary>The smallest bucket that holds a text.</summary>
    /// <param name="tokenCount">Tokens, the frame included; in [1, <see cref="MaxTokenCount"/>].</param>
    /// <returns>The bucket.</returns>
    /// <exception cref="ArgumentOutOfRangeException">No bucket holds so many, or the count is not positive.</exception>
    public int BucketFor(int tokenCount)
    {
        if (tokenCount < 1 || tokenCount > MaxTokenCount)
            throw new ArgumentOutOfRangeException(
                nameof(tokenCount), tokenCount, $"The largest bucket holds {MaxTokenCount} tokens; truncate the text first.");
        return Buckets.First(bucket => bucket >= tokenCount);
    }

    /// <summary>Refuses a bucket that the model has not.</summary>
    /// <exception cref="ArgumentException">It is none of <see cref="Buckets"/>.</exception>
    internal void RequireBucket(int bucket)
    {
        if (!Buckets.Contains(bucket))
        {
            throw new ArgumentException($"Bucket {bucket} is not one of the model's: {string.Join(", ", Buckets)}.", nameof(bucket));
        }
    }

    /// <summary>The same network for a client that asks for something else. What is released takes part in the plan: clients and servers
    /// of one request have the same.</summary>
    /// <param name="release">What is to be released; null for what the config says.</param>
    /// <exception cref="ArgumentException">Probabilities of two classes, which y says already.</exception>
    public HnnConfig WithRelease(Release? release)
    {
        // What is asked for anyway is this very config: plans are kept with theirs.
        HnnConfig config = release is null || release == Release ? this : this with { SoftArgmax = SoftArgmax with { Release = release } };
        _ = config.Release; // refuses what there is not
        return config;
    }

    /// <summary>Reads and proves a config.json.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The configuration.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">See <see cref="Load(Stream)"/>.</exception>
    public static HnnConfig Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using FileStream stream = File.OpenRead(path);
        return Load(stream);
    }

    /// <summary>Reads and proves a config.json, to the stream's end.</summary>
    /// <param name="stream">Readable; left open.</param>
    /// <returns>The configuration.</returns>
    /// <exception cref="InvalidDataException">Too large, not JSON, or a field that is missing, unknown, repeated, of the wrong kind or
    /// out of range; the message names field, value and range.</exception>
    public static HnnConfig Load(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return HnnConfigReader.Read(BoundedRead.ToEnd(stream, MaxByteCount, "config.json"));
    }
}
