using System.Numerics;
using Heann.Core.Encoders;

namespace Hnn.Model.Packing;

/// <summary>Where a sentence lies in the slots of one ciphertext (the latency packing).</summary>
/// <remarks>
/// <code>
/// slot = copy·B·F + t·F + f          t = 0 … B − 1 tokens, f = 0 … F − 1 places for features, F ≥ 2·hidden
///
/// |&lt;--------------- copy 0 ---------------&gt;|&lt;--------------- copy 1 ---------------&gt;| …
/// | token 0 | token 1 | …      | token B−1 | token 0 | token 1 | …      | token B−1 |
/// | f = 0 … F − 1 | …
/// </code>
/// The sentence is repeated until the slots are full, so that a rotation by t·F wraps from the last token to the first. The copies
/// can be put to work in the attention: copy c meets the keys that are c·m tokens further on, so only m = B / copies rotations are
/// needed for all B. That takes a level of masks in each block; without it every copy does the same.
/// <para>Features inside F places, see <see cref="FeaturePlacement"/>: the residual stream stands twice (f and f + hidden), which halves the
/// diagonals of the maps that read it; heads own 2·headSize places each, the second half zero, so that a sum over a head needs no mask.</para>
/// </remarks>
public sealed class TokenLayout
{
    /// <summary>Lays a bucket out.</summary>
    /// <param name="slotCount">Slots of a ciphertext.</param>
    /// <param name="bucket">B, a power of two.</param>
    /// <param name="hiddenSize">Features of a token.</param>
    /// <param name="headCount">Heads that share them evenly.</param>
    /// <param name="sharesKeys">Whether the copies share the attention's keys among them.</param>
    /// <exception cref="ArgumentException">The sentence does not fit into the slots, or the heads do not divide the features.</exception>
    public TokenLayout(int slotCount, int bucket, int hiddenSize, int headCount, bool sharesKeys = true)
    {
        if (!BitOperations.IsPow2(slotCount) || !BitOperations.IsPow2(bucket) || slotCount < 1 || bucket < 1)
        {
            throw new ArgumentException($"Slots and bucket are powers of two; got {slotCount} and {bucket}.");
        }

        if (headCount < 1 || hiddenSize < headCount || hiddenSize % headCount != 0 || !BitOperations.IsPow2(hiddenSize / headCount))
        {
            throw new ArgumentException($"{headCount} heads must share {hiddenSize} features in powers of two each.", nameof(headCount));
        }

        (SlotCount, Bucket, HiddenSize, HeadCount, SharesKeys) = (slotCount, bucket, hiddenSize, headCount, sharesKeys);
        FeatureStride = StrideFor(hiddenSize);
        if (Period > slotCount)
        {
            throw new ArgumentException(
                $"{bucket} tokens of {FeatureStride} places need {Period} slots and there are {slotCount}; take a larger ring or a smaller bucket.");
        }
    }

    /// <summary>Slots of a ciphertext.</summary>
    public int SlotCount { get; }

    /// <summary>B.</summary>
    public int Bucket { get; }

    /// <summary>Features of a token.</summary>
    public int HiddenSize { get; }

    /// <summary>Heads.</summary>
    public int HeadCount { get; }

    /// <summary>Features of a head.</summary>
    public int HeadSize => HiddenSize / HeadCount;

    /// <summary>F, places of a token: the power of two from 2·hidden on.</summary>
    public int FeatureStride { get; }

    /// <summary>B·F: slots of one copy.</summary>
    public int Period => Bucket * FeatureStride;

    /// <summary>Whether the copies share the attention's keys, for a level of masks in each block.</summary>
    public bool SharesKeys { get; }

    /// <summary>Copies that share the work of the attention, at most B; 1 where they do not.</summary>
    public int CopyCount => SharesKeys ? Math.Min(SlotCount / Period, Bucket) : 1;

    /// <summary>m = B / copies: tokens that each copy meets.</summary>
    public int ShiftCount => Bucket / CopyCount;

    /// <summary>F for a number of features.</summary>
    public static int StrideFor(int hiddenSize) => (int)BitOperations.RoundUpToPowerOf2((uint)(2 * hiddenSize));

    /// <summary>The residual stream of a sentence as slots, zero on padding. (tokens, hidden) → period B·F.</summary>
    /// <exception cref="ArgumentException">More tokens than the bucket, or another number of features.</exception>
    public SlotVector PackTokens(double[,] tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        RequireTokens(tokens.GetLength(0));
        if (tokens.GetLength(1) != HiddenSize)
        {
            throw new ArgumentException($"A token has {tokens.GetLength(1)} features and the network {HiddenSize}.", nameof(tokens));
        }

        FeaturePlacement residual = FeaturePlacement.Residual(this);
        double[] slots = new double[Period];
        for (int t = 0; t < tokens.GetLength(0); t++)
        {
            for (int i = 0; i < HiddenSize; i++)
            {
                foreach (int place in residual.Places(i))
                {
                    slots[(t * FeatureStride) + place] = tokens[t, i];
                }
            }
        }

        return SlotVector.Periodic(slots);
    }

    /// <summary>The mask of a sentence: 1 on every place of a real token, 0 on padding. Period B·F.</summary>
    public SlotVector PackMask(int tokenCount)
    {
        RequireTokens(tokenCount);
        double[] slots = new double[Period];
        Array.Fill(slots, 1.0, 0, tokenCount * FeatureStride);
        return SlotVector.Periodic(slots);
    }

    /// <summary>1 on the slots whose copy number is <paramref name="copy"/> modulo <see cref="CopyCount"/>, 0 elsewhere.</summary>
    public SlotVector CopyMask(int copy)
    {
        double[] slots = new double[CopyCount * Period];
        Array.Fill(slots, 1.0, copy * Period, Period);
        return SlotVector.Periodic(slots);
    }

    private void RequireTokens(int count)
    {
        if (count < 1 || count > Bucket)
        {
            throw new ArgumentException($"A bucket of {Bucket} holds 1 to {Bucket} tokens; got {count}.");
        }
    }
}
