using Hnn.Model.Approximations;

namespace Hnn.Model.Plain;

/// <summary>What a classifier in the clear says of a text.</summary>
/// <param name="Logits">x. (classes)</param>
/// <param name="Probabilities">softmax(x/T), T = 1 for a DistilBERT; they sum to 1. (classes)</param>
public sealed record PlainResult(IReadOnlyList<double> Logits, IReadOnlyList<double> Probabilities)
{
    /// <summary>argmax x; the lowest of equals.</summary>
    public int Label => Enumerable.Range(0, Logits.Count).MaxBy(i => Logits[i]);

    /// <summary>Adds the probabilities to logits.</summary>
    /// <param name="logits">x, finite, at least two; kept, not copied.</param>
    /// <param name="temperature">T, positive and finite.</param>
    /// <returns>x and softmax(x/T), see <see cref="DifferentiableSoftArgmax.Forward"/>.</returns>
    /// <exception cref="ArgumentException">Fewer than two logits, or one is not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="temperature"/> is not positive and finite.</exception>
    public static PlainResult FromLogits(double[] logits, double temperature = 1)
    {
        ArgumentNullException.ThrowIfNull(logits);
        return new PlainResult(logits, new DifferentiableSoftArgmax(temperature).Forward(logits).Probabilities);
    }
}
