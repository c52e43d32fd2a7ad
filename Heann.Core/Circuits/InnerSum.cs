using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;

namespace Heann.Core.Circuits;

/// <summary>Sums over slots at a stride, by few key switches.</summary>
/// <remarks>Thread-safe.</remarks>
public static class InnerSum
{
    /// <summary>Slot j becomes Σ_(i = start)^(start + count − 1) x_(j + i·stride). Level and scale stay.</summary>
    /// <param name="evaluator">The evaluator.</param>
    /// <param name="x">Two parts.</param>
    /// <param name="stride">Distance of the slots that are added.</param>
    /// <param name="count">A power of two.</param>
    /// <param name="radix">Rotations that share one decomposition in a step, a power of two; needs the keys of <see cref="Rotations"/>.</param>
    /// <param name="start">Where the window begins, in strides from slot j; may be negative.</param>
    /// <exception cref="MissingKeyException">A key is missing.</exception>
    public static T Evaluate<T>(CircuitEvaluator<T> evaluator, T x, int stride, int count, int radix = 4, int start = 0)
        where T : class, ICircuitValue
    {
        ArgumentNullException.ThrowIfNull(evaluator);
        using Temporaries<T> temporaries = new();
        T sum = temporaries.Add(evaluator.Copy(x));
        foreach (int[] step in Steps(stride, count, radix, start))
        {
            evaluator.RotateSumInto(sum, step, sum);
        }

        return temporaries.Keep(sum);
    }

    /// <summary>destination ← the sums over windows of <paramref name="count"/> slots that begin at each slot; see
    /// <see cref="Evaluate"/>.</summary>
    public static void EvaluateInto<T>(CircuitEvaluator<T> evaluator, T x, int stride, int count, T destination)
        where T : class, ICircuitValue
    {
        using T sum = Evaluate(evaluator, x, stride, count);
        evaluator.MoveInto(sum, destination);
    }

    /// <summary>The rotations for which keys are needed.</summary>
    public static IEnumerable<int> Rotations(int stride, int count, int radix = 4, int start = 0) =>
        Steps(stride, count, radix, start).SelectMany(step => step).Where(k => k != 0);

    private static IEnumerable<int[]> Steps(int stride, int count, int radix, int start)
    {
        if (count < 1 || !System.Numerics.BitOperations.IsPow2(count) || radix < 2 || !System.Numerics.BitOperations.IsPow2(radix))
        {
            throw new ArgumentException($"A sum runs over a power of two of slots in steps of a power of two; got {count} and {radix}.");
        }

        for (int done = 1; done < count; done *= radix)
        {
            int width = Math.Min(radix, count / done);
            int offset = done * width == count ? start * stride : 0;
            yield return [.. Enumerable.Range(0, width).Select(i => (i * done * stride) + offset)];
        }
    }
}
