namespace Hnn.Model.Plain;

/// <summary>What a classifier in the clear says of a text.</summary>
/// <param name="Logits">x. (classes)</param>
/// <param name="Probabilities">softmax(x); they sum to 1. (classes)</param>
public sealed record PlainResult(IReadOnlyList<double> Logits, IReadOnlyList<double> Probabilities)
{
    /// <summary>argmax x; the lowest of equals.</summary>
    public int Label => Enumerable.Range(0, Logits.Count).MaxBy(i => Logits[i]);
}
