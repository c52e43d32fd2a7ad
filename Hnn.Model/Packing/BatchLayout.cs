using System.Numerics;
using Heann.Core.Encoders;

namespace Hnn.Model.Packing;

/// <summary>Where the sentences of a batch lie in the slots (the throughput packing): one ciphertext for each feature.</summary>
/// <remarks>
/// <code>
/// slot = t·S + s          t = 0 … B − 1 tokens, s = 0 … S − 1 sentences, S = slots / B
///
/// |&lt;------ token 0 ------&gt;|&lt;------ token 1 ------&gt;| …       |&lt;---- token B − 1 ----&gt;|
/// | s = 0, 1, …, S − 1    | s = 0, 1, …, S − 1    | …       | s = 0, 1, …, S − 1    |
/// </code>
/// A rotation by j·S slots shifts every sentence by j tokens, from the last around to the first: the slots are full, so no sentence meets
/// another. A shift j = g·G + b is made of a giant step g·G and a baby step b, see <see cref="BabyStepCount"/>. Immutable, thread-safe.
/// </remarks>
public sealed class BatchLayout
{
    /// <summary>Lays a bucket out.</summary>
    /// <param name="slotCount">Slots of a ciphertext.</param>
    /// <param name="bucket">B, a power of two, at most the slots.</param>
    /// <param name="hiddenSize">Features of a token.</param>
    /// <param name="headCount">Heads that share them evenly.</param>
    /// <param name="babyStepCount">G, a power of two, at most B; null for the largest with G² ≤ B.</param>
    /// <exception cref="ArgumentException">A number is no power of two, the bucket exceeds the slots, or the heads do not divide the
    /// features.</exception>
    public BatchLayout(int slotCount, int bucket, int hiddenSize, int headCount, int? babyStepCount = null)
    {
        if (slotCount < 1 || bucket < 1 || bucket > slotCount || !BitOperations.IsPow2(slotCount) || !BitOperations.IsPow2(bucket))
        {
            throw new ArgumentException($"Slots and bucket are powers of two, the bucket the smaller; got {slotCount} and {bucket}.", nameof(bucket));
        }

        if (headCount < 1 || hiddenSize < headCount || hiddenSize % headCount != 0)
        {
            throw new ArgumentException($"{headCount} heads must share {hiddenSize} features evenly.", nameof(headCount));
        }

        int babySteps = babyStepCount ?? 1 << (BitOperations.Log2((uint)bucket) / 2);
        if (babySteps < 1 || babySteps > bucket || !BitOperations.IsPow2(babySteps))
        {
            throw new ArgumentException($"Baby steps are a power of two, at most the {bucket} tokens of the bucket; got {babySteps}.", nameof(babyStepCount));
        }

        (SlotCount, Bucket, HiddenSize, HeadCount, BabyStepCount) = (slotCount, bucket, hiddenSize, headCount, babySteps);
    }

    /// <summary>Slots of a ciphertext.</summary>
    public int SlotCount { get; }

    /// <summary>B.</summary>
    public int Bucket { get; }

    /// <summary>Features of a token, ciphertexts of a batch.</summary>
    public int HiddenSize { get; }

    /// <summary>Heads.</summary>
    public int HeadCount { get; }

    /// <summary>Features of a head.</summary>
    public int HeadSize => HiddenSize / HeadCount;

    /// <summary>S: sentences that a batch holds.</summary>
    public int SentenceCount => SlotCount / Bucket;

    /// <summary>G: shifts by 0 … G − 1 tokens are baby steps.</summary>
    public int BabyStepCount { get; }

    /// <summary>B/G: shifts by multiples of G tokens are giant steps.</summary>
    public int GiantStepCount => Bucket / BabyStepCount;

    /// <summary>Rotation that shifts every sentence by so many tokens: token t takes the place of token t − shift, cyclically.</summary>
    /// <param name="shift">Any number; it counts modulo B.</param>
    public int Rotation(int shift) => (shift & (Bucket - 1)) * SentenceCount;

    /// <summary>A feature of all sentences as slots, zero on padding and where there is no sentence.</summary>
    /// <param name="sentences">At most S, each (tokens, hidden).</param>
    /// <param name="feature">0 … hidden − 1.</param>
    /// <exception cref="ArgumentException">More sentences or tokens than there is room for, none, or another number of features.</exception>
    public SlotVector PackFeature(IReadOnlyList<double[,]> sentences, int feature)
    {
        ArgumentNullException.ThrowIfNull(sentences);
        ArgumentOutOfRangeException.ThrowIfNegative(feature);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(feature, HiddenSize);
        RequireSentences(sentences.Count);
        double[] slots = new double[SlotCount];
        for (int s = 0; s < sentences.Count; s++)
        {
            double[,] tokens = sentences[s];
            RequireTokens(s, tokens.GetLength(0));
            if (tokens.GetLength(1) != HiddenSize)
            {
                throw new ArgumentException($"A token of sentence {s} has {tokens.GetLength(1)} features and the network {HiddenSize}.", nameof(sentences));
            }

            for (int t = 0; t < tokens.GetLength(0); t++)
            {
                slots[(t * SentenceCount) + s] = tokens[t, feature];
            }
        }

        return SlotVector.Periodic(slots);
    }

    /// <summary>The mask: 1 on every real token, 0 on padding and where there is no sentence.</summary>
    /// <param name="tokenCounts">Tokens of each sentence.</param>
    /// <exception cref="ArgumentException">More sentences or tokens than there is room for, or none.</exception>
    public SlotVector PackMask(IReadOnlyList<int> tokenCounts)
    {
        ArgumentNullException.ThrowIfNull(tokenCounts);
        RequireSentences(tokenCounts.Count);
        double[] slots = new double[SlotCount];
        for (int s = 0; s < tokenCounts.Count; s++)
        {
            RequireTokens(s, tokenCounts[s]);
            for (int t = 0; t < tokenCounts[s]; t++)
            {
                slots[(t * SentenceCount) + s] = 1;
            }
        }

        return SlotVector.Periodic(slots);
    }

    /// <summary>One value of each sentence, from slots that hold it at every token: read at token 0.</summary>
    /// <param name="slots">As many as there are.</param>
    /// <param name="sentenceCount">How many sentences the batch has.</param>
    /// <exception cref="ArgumentException">Another number of slots, more sentences than there is room for, or none.</exception>
    public double[] Unpack(ReadOnlySpan<double> slots, int sentenceCount)
    {
        RequireSentences(sentenceCount);
        return slots.Length == SlotCount
            ? slots[..sentenceCount].ToArray()
            : throw new ArgumentException($"A batch has {SlotCount} slots; got {slots.Length}.", nameof(slots));
    }

    private void RequireSentences(int count)
    {
        if (count < 1 || count > SentenceCount)
        {
            throw new ArgumentException(
                $"A batch in bucket {Bucket} holds 1 to {SentenceCount} sentences; got {count}. Split them into several batches.", "sentences");
        }
    }

    private void RequireTokens(int sentence, int count)
    {
        if (count < 1 || count > Bucket)
        {
            throw new ArgumentException(
                $"A bucket of {Bucket} holds 1 to {Bucket} tokens; sentence {sentence} has {count}. Put it into a batch of its own bucket.", "sentences");
        }
    }
}
