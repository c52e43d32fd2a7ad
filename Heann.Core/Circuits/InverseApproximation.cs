using System.Globalization;
using Heann.Core.Ciphertexts;
using Heann.Core.Encoders;
using Heann.Core.Evaluation;

namespace Heann.Core.Circuits;

/// <summary>1/x on an interval [a, b] of positive numbers by Goldschmidt's iteration: interval, iterations, levels and error
/// together.</summary>
/// <remarks>
/// <para>With w = 2/(a + b) and e = 1 − w·x, so that |e| ≤ r = (b − a)/(b + a) &lt; 1: 1/x = w·(1 + e)(1 + e²)(1 + e⁴)…, and after k
/// iterations, k further factors, the relative error is exactly e^(2^(k+1)). Largest error: r^(2^(k+1))/a, at x = a. Each iteration squares
/// it for one level; where r is near 1, log2(b/a) of them pass before the error shrinks visibly.</para>
/// <para>Levels: 1 without an iteration, else k + 2. Products: 2k. The result has exactly the scale asked for; the levels it passes should
/// have primes near the default scale. The predicted noise is a bound: it takes every factor at its largest. Immutable, thread-safe.</para>
/// Sources: Goldschmidt, "Applications of division by convergence", MIT 1964; under encryption: Cheon, Kim, Kim, Lee, Lee, "Numerical
/// Method for Comparison on Homomorphically Encrypted Numbers", eprint 2019/417, algorithm 1.
/// </remarks>
public sealed class InverseApproximation
{
    private InverseApproximation(double lowerBound, double upperBound, int iterationCount) =>
        (LowerBound, UpperBound, IterationCount) = (lowerBound, upperBound, iterationCount);

    /// <summary>a.</summary>
    public double LowerBound { get; }

    /// <summary>b.</summary>
    public double UpperBound { get; }

    /// <summary>k ≥ 0.</summary>
    public int IterationCount { get; }

    /// <summary>Levels from x to the result.</summary>
    public int Depth => IterationCount == 0 ? 1 : IterationCount + 2;

    /// <summary>max |y − 1/x| over [a, b]: r^(2^(k+1))/a. Nothing is promised outside; beyond x = a + b the product diverges.</summary>
    public double MaxError => ErrorAfter(LowerBound, UpperBound, IterationCount);

    private double Weight => 2 / (LowerBound + UpperBound);

    /// <summary>A given number of iterations on [a, b].</summary>
    /// <exception cref="ArgumentException">Not 0 &lt; a &lt; b, or not 0 to 16 iterations.</exception>
    public static InverseApproximation Create(double lowerBound, double upperBound, int iterationCount)
    {
        PositiveInterval.Require(lowerBound, upperBound);
        PositiveInterval.RequireIterations(iterationCount, 0);
        return new(lowerBound, upperBound, iterationCount);
    }

    /// <summary>The fewest iterations on [a, b] with an error of at most <paramref name="maxError"/>.</summary>
    /// <exception cref="ArgumentException">Not 0 &lt; a &lt; b, or 16 iterations are not enough.</exception>
    public static InverseApproximation ForError(double lowerBound, double upperBound, double maxError)
    {
        PositiveInterval.Require(lowerBound, upperBound);
        return new(lowerBound, upperBound, PositiveInterval.Iterations(0, maxError, k => ErrorAfter(lowerBound, upperBound, k)));
    }

    /// <summary>max |y − 1/x| over [a, b] after k iterations.</summary>
    public static double ErrorAfter(double lowerBound, double upperBound, int iterationCount)
    {
        PositiveInterval.Require(lowerBound, upperBound);
        PositiveInterval.RequireIterations(iterationCount, 0);
        double ratio = (upperBound - lowerBound) / (upperBound + lowerBound);
        return Math.Pow(ratio, Math.Pow(2, iterationCount + 1)) / lowerBound;
    }

    /// <summary>1/x in every slot. Needs the relinearisation key unless there is no iteration.</summary>
    /// <param name="evaluator">The evaluator.</param>
    /// <param name="x">Two parts, real slots in [a, b].</param>
    /// <param name="scale">Scale of the result; null for the default scale.</param>
    /// <returns>Level ℓ − <see cref="Depth"/>.</returns>
    /// <exception cref="LevelExhaustedException">x has fewer levels.</exception>
    public T Evaluate<T>(CircuitEvaluator<T> evaluator, T x, Scale? scale = null)
        where T : class, ICircuitValue
    {
        ArgumentNullException.ThrowIfNull(evaluator);
        ArgumentNullException.ThrowIfNull(x);
        if (x.Level < Depth)
        {
            Throw.LevelExhausted($"An inverse with {IterationCount} iterations", x.Level, Depth);
        }

        using Temporaries<T> temporaries = new();
        Scale[] scales = ErrorScales(evaluator, x.Level);
        T y = temporaries.Add(Affine(evaluator, x, -Weight * Weight, 2 * Weight, FirstScale(evaluator, x.Level, scales, scale)));
        evaluator.DeclareMagnitude(y, 1 / LowerBound);
        if (IterationCount == 0)
        {
            return temporaries.Keep(y);
        }

        double bound = (UpperBound - LowerBound) / (UpperBound + LowerBound);
        T e = temporaries.Add(Affine(evaluator, x, -Weight, 1, scales[0]));
        evaluator.DeclareMagnitude(e, bound);
        for (int i = 1; i <= IterationCount; i++)
        {
            evaluator.MultiplyInto(e, e, e);
            evaluator.RescaleInto(e, e);
            bound *= bound;
            evaluator.DeclareMagnitude(e, bound);

            // y ← y·(1 + e); e itself goes on to the next square.
            T factor = temporaries.Add(evaluator.AddPlain(e, SlotVector.Constant(1.0)));
            evaluator.DeclareMagnitude(factor, 1 + bound);
            evaluator.DropLevelInto(y, e.Level, y);
            evaluator.MultiplyInto(y, factor, y);
            evaluator.RescaleInto(y, y);
            evaluator.DeclareMagnitude(y, 1 / LowerBound);
            temporaries.Release(factor);
        }

        return temporaries.Keep(y);
    }

    /// <summary>destination ← 1/x in every slot; may be x, and is as it was if anything throws. See
    /// <see cref="Evaluate{T}(CircuitEvaluator{T}, T, Scale?)"/>.</summary>
    public void EvaluateInto<T>(CircuitEvaluator<T> evaluator, T x, Scale? scale, T destination)
        where T : class, ICircuitValue
    {
        using T result = Evaluate(evaluator, x, scale);
        evaluator.MoveInto(result, destination);
    }

    /// <summary>Interval, iterations, levels and error in one line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"1/x on [{LowerBound}, {UpperBound}], {IterationCount} iterations, {Depth} levels, maximal error {MaxError:E2} (Goldschmidt)");

    // α·x + β one level below x at exactly the given scale.
    internal static T Affine<T>(CircuitEvaluator<T> evaluator, T x, double factor, double offset, Scale scale)
        where T : class, ICircuitValue
    {
        using Temporaries<T> temporaries = new();
        Scale raised = scale * new Scale(evaluator.Parameters.BasisQ[x.Level].Value);
        T result = temporaries.Add(evaluator.MultiplyConstant(x, factor, raised / x.Scale.Value));
        if (offset != 0)
        {
            evaluator.AddPlainInto(result, SlotVector.Constant(offset), result);
        }

        evaluator.RescaleInto(result, result);
        return temporaries.Keep(result);
    }

    // s_0 … s_k: the scales of e, e², e⁴, …, of which e^(2^i) stands at level ℓ − 1 − i.
    private Scale[] ErrorScales<T>(CircuitEvaluator<T> evaluator, int level)
        where T : class, ICircuitValue
    {
        Scale[] scales = new Scale[IterationCount + 1];
        scales[0] = evaluator.Parameters.DefaultScale;
        for (int i = 1; i <= IterationCount; i++)
        {
            scales[i] = (scales[i - 1] * scales[i - 1]) / evaluator.Parameters.BasisQ[level - i].Value;
        }

        return scales;
    }

    // The scale that the first y must have so that the last one has the scale asked for: y_i = y_(i−1)·(1 + e_i) / q_(ℓ−1−i).
    private Scale FirstScale<T>(CircuitEvaluator<T> evaluator, int level, Scale[] scales, Scale? scale)
        where T : class, ICircuitValue
    {
        Scale first = scale ?? evaluator.Parameters.DefaultScale;
        for (int i = IterationCount; i >= 1; i--)
        {
            first = (first * new Scale(evaluator.Parameters.BasisQ[level - 1 - i].Value)) / scales[i].Value;
        }

        return first;
    }
}
