namespace Hnn.Model.Weights;

/// <summary>One transformer layer: x ← x + attention(x), then x ← x + W₂ act(W₁ x + m b₁) + m b₂.</summary>
/// <param name="Attention">The attention's maps.</param>
/// <param name="FeedForward1"><c>layers.i.ff.1</c>, W₁: (intermediate, hidden).</param>
/// <param name="FeedForward2"><c>layers.i.ff.2</c>, W₂: (hidden, intermediate).</param>
public sealed record LayerWeights(AttentionWeights Attention, LinearWeights FeedForward1, LinearWeights FeedForward2)
{
    /// <summary>Weights of all six maps, biases not among them.</summary>
    internal long WeightCount => new[]
    {
        Attention.Query, Attention.Key, Attention.Value, Attention.Output, FeedForward1, FeedForward2,
    }.Sum(map => (long)map.In * map.Out);
}
