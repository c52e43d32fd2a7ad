using System.Globalization;
using Heann.Core.Ciphertexts;
using Heann.Core.Encoders;
using Heann.Core.Evaluation;

namespace Heann.Core.Circuits;

/// <summary>1/√x and √x on an interval [a, b] of positive numbers by Newton's iteration: interval, iterations, levels and error
/// together.</summary>
/// <remarks>
/// <para>y ← y·(3 − x·y²)/2. For u = y·√x that is u ← u(3 − u²)/2 =: f(u), whatever x is; f rises from 0 to f(1) = 1 and falls to f(√3) =
/// 0. It starts with the line y = k·(S − x), S = a + √(ab) + b, whose u is the same at both ends, m, and largest at x = S/3, M; k is chosen
/// so that f(m) = f(M), which makes the smallest u after the first iteration as large as a line can. From then on u lies in [u_min, 1] with
/// u_min ← f(u_min): the relative error of k iterations, for both functions, is known exactly before anything is computed, 1 −
/// u_min.</para>
/// <para>Levels: 1 + 2k for 1/√x, one more for √x = x·(1/√x). Every iterate has exactly the default scale and the result the scale asked
/// for. The predicted noise is a bound: it takes 1/√x at its largest. Immutable, thread-safe.</para>
/// Sources: Newton's iteration for x^(−2); under encryption: Cheon, Kim, Kim, Lee, Lee, eprint 2019/417 (square roots, without the line);
/// Panda, "Principal Component Analysis using CKKS Homomorphic Scheme", eprint 2021/914 (lines as first guesses).
/// </remarks>
public sealed class SquareRootApproximation
{
    private SquareRootApproximation(double lowerBound, double upperBound, int iterationCount) =>
        (LowerBound, UpperBound, IterationCount) = (lowerBound, upperBound, iterationCount);

    /// <summary>a.</summary>
    public double LowerBound { get; }

    /// <summary>b.</summary>
    public double UpperBound { get; }

    /// <summary>k ≥ 1.</summary>
    public int IterationCount { get; }

    /// <summary>Levels from x to 1/√x: 1 + 2k.</summary>
    public int InverseDepth => 1 + (2 * IterationCount);

    /// <summary>Levels from x to √x: 2 + 2k.</summary>
    public int Depth => InverseDepth + 1;

    /// <summary>max |y√x − 1| over [a, b], of both functions. Nothing is promised outside; beyond x = S the iteration diverges.</summary>
    public double MaxRelativeError => RelativeErrorAfter(LowerBound, UpperBound, IterationCount);

    /// <summary>Bound of the error of √x: the relative one times √b.</summary>
    public double MaxError => MaxRelativeError * Math.Sqrt(UpperBound);

    /// <summary>Bound of the error of 1/√x: the relative one over √a.</summary>
    public double MaxInverseError => MaxRelativeError / Math.Sqrt(LowerBound);

    /// <summary>A given number of iterations on [a, b].</summary>
    /// <exception cref="ArgumentException">Not 0 &lt; a &lt; b, or not 1 to 16 iterations.</exception>
    public static SquareRootApproximation Create(double lowerBound, double upperBound, int iterationCount)
    {
        PositiveInterval.Require(lowerBound, upperBound);
        PositiveInterval.RequireIterations(iterationCount, 1);
        return new(lowerBound, upperBound, iterationCount);
    }

    /// <summary>The fewest iterations on [a, b] with a relative error of at most <paramref name="maxRelativeError"/>.</summary>
    /// <exception cref="ArgumentException">Not 0 &lt; a &lt; b, or 16 iterations are not enough.</exception>
    public static SquareRootApproximation ForRelativeError(double lowerBound, double upperBound, double maxRelativeError)
    {
        PositiveInterval.Require(lowerBound, upperBound);
        int iterations = PositiveInterval.Iterations(1, maxRelativeError, k => RelativeErrorAfter(lowerBound, upperBound, k));
        return new(lowerBound, upperBound, iterations);
    }

    /// <summary>max |y√x − 1| over [a, b] after k ≥ 1 iterations, in exact arithmetic.</summary>
    public static double RelativeErrorAfter(double lowerBound, double upperBound, int iterationCount)
    {
        PositiveInterval.Require(lowerBound, upperBound);
        PositiveInterval.RequireIterations(iterationCount, 1);

        // 1 − f(1 − d) = d²(3 − d)/2, which keeps small errors exact.
        double smallest = FirstGuess(lowerBound, upperBound).SmallestProduct;
        double error = 1 - smallest;
        for (int i = 0; i < iterationCount; i++)
        {
            error = error * error * (3 - error) / 2;
        }

        return error;
    }

    /// <summary>1/√x in every slot. Needs the relinearisation key.</summary>
    /// <param name="evaluator">The evaluator.</param>
    /// <param name="x">Two parts, real slots in [a, b].</param>
    /// <param name="scale">Scale of the result; null for the default scale.</param>
    /// <returns>Level ℓ − <see cref="InverseDepth"/>.</returns>
    /// <exception cref="LevelExhaustedException">x has fewer levels.</exception>
    public T EvaluateInverse<T>(CircuitEvaluator<T> evaluator, T x, Scale? scale = null)
        where T : class, ICircuitValue
    {
        ArgumentNullException.ThrowIfNull(evaluator);
        ArgumentNullException.ThrowIfNull(x);
        if (x.Level < InverseDepth)
        {
            Throw.LevelExhausted($"An inverse square root with {IterationCount} iterations", x.Level, InverseDepth);
        }

        Scale fixedScale = evaluator.Parameters.DefaultScale;
        (double slope, double zero, _) = FirstGuess(LowerBound, UpperBound);
        using Temporaries<T> temporaries = new();
        T y = temporaries.Add(InverseApproximation.Affine(evaluator, x, -slope, slope * zero, fixedScale));
        evaluator.DeclareMagnitude(y, slope * (zero - LowerBound));
        for (int i = 0; i < IterationCount; i++)
        {
            Iterate(evaluator, x, y, i == IterationCount - 1 ? scale ?? fixedScale : fixedScale);
            evaluator.DeclareMagnitude(y, 1 / Math.Sqrt(LowerBound));
        }

        return temporaries.Keep(y);
    }

    /// <summary>√x in every slot, as x·(1/√x). Needs the relinearisation key.</summary>
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
            Throw.LevelExhausted($"A square root with {IterationCount} iterations", x.Level, Depth);
        }

        int level = x.Level - InverseDepth;
        Scale raised = (scale ?? evaluator.Parameters.DefaultScale) * new Scale(evaluator.Parameters.BasisQ[level].Value);
        using Temporaries<T> temporaries = new();
        T y = temporaries.Add(EvaluateInverse(evaluator, x, raised / x.Scale.Value));
        T dropped = temporaries.Add(evaluator.DropLevel(x, level));
        evaluator.MultiplyInto(y, dropped, y);
        evaluator.RescaleInto(y, y);
        evaluator.DeclareMagnitude(y, Math.Sqrt(UpperBound));
        return temporaries.Keep(y);
    }

    /// <summary>destination ← 1/√x in every slot; may be x, and is as it was if anything throws. See
    /// <see cref="EvaluateInverse{T}(CircuitEvaluator{T}, T, Scale?)"/>.</summary>
    public void EvaluateInverseInto<T>(CircuitEvaluator<T> evaluator, T x, Scale? scale, T destination)
        where T : class, ICircuitValue
    {
        using T result = EvaluateInverse(evaluator, x, scale);
        evaluator.MoveInto(result, destination);
    }

    /// <summary>destination ← √x in every slot; may be x, and is as it was if anything throws. See
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
        $"1/√x and √x on [{LowerBound}, {UpperBound}], {IterationCount} iterations, {InverseDepth} and {Depth} levels, maximal relative error {MaxRelativeError:E2} (Newton)");

    // y ← 1.5·y + (−x/2·y)·y², two levels below, at exactly the scale asked for: the constant −1/2 is encoded at the scale that
    // makes it so.
    private void Iterate<T>(CircuitEvaluator<T> evaluator, T x, T y, Scale scale)
        where T : class, ICircuitValue
    {
        using Temporaries<T> temporaries = new();
        int level = y.Level;
        ulong upper = evaluator.Parameters.BasisQ[level].Value;
        ulong lower = evaluator.Parameters.BasisQ[level - 1].Value;

        // y: s, −x/2: t, product with y: s·t/q_ℓ, y²: s²/q_ℓ, both: s³·t/(q_ℓ²·q_(ℓ−1)) = the scale asked for.
        Scale halfScale = new Scale(scale.Value / y.Scale.Value * (upper / y.Scale.Value) * (upper / y.Scale.Value) * lower);
        T dropped = temporaries.Add(evaluator.DropLevel(x, level + 1));
        T product = temporaries.Add(InverseApproximation.Affine(evaluator, dropped, -0.5, 0, halfScale));
        evaluator.MultiplyInto(product, y, product);
        evaluator.RescaleInto(product, product);

        // |x·y|/2 = √x·u/2, where the product of the two bounds would be larger by √(b/a).
        evaluator.DeclareMagnitude(product, Math.Sqrt(UpperBound) / 2);
        T square = temporaries.Add(evaluator.Multiply(y, y));
        evaluator.RescaleInto(square, square);
        evaluator.MultiplyInto(product, square, product);
        evaluator.DropLevelInto(y, level - 1, y);
        T lifted = temporaries.Add(evaluator.MultiplyConstant(y, 1.5, product.Scale / y.Scale.Value));
        evaluator.AddInto(lifted, product, y);
        evaluator.RescaleInto(y, y);
    }

    // k, S, and u_min = min(m, the u below 1 with the same f as M), which is m by the choice of k.
    private static (double Slope, double Zero, double SmallestProduct) FirstGuess(double a, double b)
    {
        double zero = a + Math.Sqrt(a * b) + b;
        double atEnds = (zero - a) * Math.Sqrt(a);
        double atPeak = (zero * 2 / 3) * Math.Sqrt(zero / 3);

        // f(m) = f(ρm) ⇔ m² = 3/(1 + ρ + ρ²).
        double ratio = atPeak / atEnds;
        double smallest = Math.Sqrt(3 / (1 + ratio + (ratio * ratio)));
        return (smallest / atEnds, zero, smallest);
    }
}
