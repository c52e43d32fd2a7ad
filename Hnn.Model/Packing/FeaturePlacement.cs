namespace Hnn.Model.Packing;

/// <summary>Which features a ciphertext carries, and at which places f of every token.</summary>
/// <param name="FirstFeature">The first feature.</param>
/// <param name="Count">How many.</param>
/// <param name="Start">Place of the first feature of each group.</param>
/// <param name="GroupSize">Features of a group, consecutive.</param>
/// <param name="GroupStride">Distance of the groups.</param>
/// <param name="RepeatDistance">Distance at which every feature stands a second time; 0 if it does not.</param>
public sealed record FeaturePlacement(int FirstFeature, int Count, int Start, int GroupSize, int GroupStride, int RepeatDistance)
{
    /// <summary>The residual stream: feature i at places i and i + hidden.</summary>
    public static FeaturePlacement Residual(TokenLayout layout) => Plain(0, layout.HiddenSize) with { RepeatDistance = layout.HiddenSize };

    /// <summary>A residual contribution before it is doubled: feature i at place i, zero elsewhere.</summary>
    public static FeaturePlacement Single(TokenLayout layout) => Plain(0, layout.HiddenSize);

    /// <summary>Heads: feature h·headSize + i at place h·2·headSize + i; the second half of a head's places is zero.</summary>
    public static FeaturePlacement Heads(TokenLayout layout) => new(0, layout.HiddenSize, 0, layout.HeadSize, 2 * layout.HeadSize, 0);

    /// <summary>A wide layer cut into ciphertexts of 2·hidden features each, feature i at place i modulo 2·hidden.</summary>
    public static FeaturePlacement[] Chunks(TokenLayout layout, int featureCount)
    {
        int width = 2 * layout.HiddenSize;
        return [.. Enumerable.Range(0, (featureCount + width - 1) / width).Select(c => Plain(c * width, Math.Min(width, featureCount - (c * width))))];
    }

    /// <summary>The places of a feature, one or two.</summary>
    public IReadOnlyList<int> Places(int feature)
    {
        int index = feature - FirstFeature;
        int place = Start + (index / GroupSize * GroupStride) + (index % GroupSize);
        return RepeatDistance == 0 ? [place] : [place, place + RepeatDistance];
    }

    private static FeaturePlacement Plain(int first, int count) => new(first, count, 0, count, count, 0);
}
