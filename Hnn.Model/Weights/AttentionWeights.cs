namespace Hnn.Model.Weights;

/// <summary>The four linear maps of one attention layer, each (hidden, hidden); head h owns the features [h · headSize, (h + 1) ·
/// headSize).</summary>
/// <param name="Query"><c>layers.i.attention.q</c>.</param>
/// <param name="Key"><c>layers.i.attention.k</c>.</param>
/// <param name="Value"><c>layers.i.attention.v</c>.</param>
/// <param name="Output"><c>layers.i.attention.out</c>, over the heads' concatenated contexts.</param>
public sealed record AttentionWeights(LinearWeights Query, LinearWeights Key, LinearWeights Value, LinearWeights Output);
