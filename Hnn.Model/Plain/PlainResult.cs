using System.Numerics.Tensors;

namespace Hnn.Model.Plain;

/// <summary>What a classifier in the clear says of a text.</summary>
/// <param name="Logits">x. (classes)</param>
/// <param name="Probabilities">softmax(x/T), T = 1 for a DistilBERT; they sum to 1. (classes)</param>
public sealed record PlainResult(IReadOnlyList<double> Logits, IReadOnlyList<double> Probabilities)
{
    /// <summary>argmax x; the lowest of equals.</summary>
    public int Label => Enumerable.Range(0, Logits.Count).MaxBy(i => Logits[i]);

    /// <summary>Adds the probabilities to logits.</summary>
    /// <param name="logits">x, finite, at least one; kept, not copied.</param>
    /// <param name="temperature">T, more than 0.</param>
    /// <returns>x and softmax(x/T).</returns>
    /// <exception cref="ArgumentException">There is no logit, or one that is not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="temperature"/> is not positive.</exception>
    public static PlainResult FromLogits(double[] logits, double temperature = 1)
    {
        ArgumentNullException.ThrowIfNull(logits);
        if (logits.Length == 0 || !Array.TrueForAll(logits, double.IsFinite))
            throw new ArgumentException(
                $"The logits are [{string.Join(", ", logits)}]; finite ones are needed, so the network's weights are not good.", nameof(logits));
        if (!(temperature > 0))
            throw new ArgumentOutOfRangeException(nameof(temperature), temperature, "The temperature of a softmax is positive.");
        double[] probabilities = [.. logits];
        TensorPrimitives.Divide(probabilities, temperature, probabilities);
        SoftMax(probabilities);
        return new PlainResult(logits, probabilities);
    }

    /// <summary>x ← e^(x − max x) / Σ e^(x − max x): the largest is taken off, so that nothing overflows.</summary>
    internal static void SoftMax(Span<double> x)
    {
        TensorPrimitives.Subtract(x, TensorPrimitives.Max<double>(x), x);
        TensorPrimitives.Exp<double>(x, x);
        TensorPrimitives.Divide(x, TensorPrimitives.Sum<double>(x), x);
    }
}
