using System.Globalization;
using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;

namespace Heann.Core.Circuits;

/// <summary>sign(x) for ε ≤ |x| ≤ B as a composition of odd minimax polynomials p_m ∘ … ∘ p_1: bounds, polynomials, levels and error
/// together.</summary>
/// <remarks>
/// <para>One polynomial that separates the signs of numbers as small as ε needs a degree of about 1/ε; composed of m of them of degree 3,
/// 7, 15 or 31 (2, 3, 4 or 5 levels) the levels grow with log2(1/ε) alone. p_i is the odd polynomial nearest to 1 on [a_i, 1], a_1 = ε/B,
/// with error e_i, divided by 1 + e_i, so that the next one works on a_(i+1) = (1 − e_i)/(1 + e_i) and its variable needs no map; the last
/// one is not divided. Of all sequences of degrees, the one with the smallest error at each number of levels is found by dynamic
/// programming: a larger a_i is never worse.</para>
/// <para>Between −ε and ε the value lies between the signs and has x's; outside [−B, B] nothing is promised. Levels: those of the
/// polynomials, and one more if B ≠ 1. Immutable, thread-safe.</para>
/// Sources: Cheon, Kim, Kim, "Efficient Homomorphic Comparison Methods with Optimal Complexity", eprint 2019/1234 (composition); Lee, Lee,
/// No, Kim, "Minimax Approximation of Sign Function by Composite Polynomial for Homomorphic Comparison", eprint 2020/834 (minimax
/// composites and their optimality).
/// </remarks>
public sealed class SignApproximation
{
    /// <summary>Most levels of the polynomials: enough for ε/B = 2^(−12) at an error of 10^(−12).</summary>
    public const int MaxDepth = 24;

    private const int LeastStageDepth = 2;
    private const int MostStageDepth = 5;
    private const double SmallestRatio = 1.0 / (1 << 12);
    private const double SmallestError = 1e-12;

    private SignApproximation(double bound, double threshold, IReadOnlyList<ApproximationPolynomial> stages, double maxError) =>
        (Bound, Threshold, Stages, MaxError) = (bound, threshold, stages, maxError);

    /// <summary>B: |x| ≤ B.</summary>
    public double Bound { get; }

    /// <summary>ε: the error holds for |x| ≥ ε.</summary>
    public double Threshold { get; }

    /// <summary>p_1 … p_m, odd, in the Chebyshev basis; the first on [−B, B], the others on [−1, 1]. The error of each is what is left of
    /// its own interval to ±1 before the division.</summary>
    public IReadOnlyList<ApproximationPolynomial> Stages { get; }

    /// <summary>max |p(x) − sign(x)| over ε ≤ |x| ≤ B.</summary>
    public double MaxError { get; }

    /// <summary>Levels from x to the result.</summary>
    public int Depth => Stages.Sum(stage => PolynomialPlan.MinimalDepth(stage.Degree)) + (Stages[0].InputScale == 1 ? 0 : 1);

    /// <summary>The composition with the fewest levels whose error is at most <paramref name="maxError"/>.</summary>
    /// <param name="bound">B &gt; 0.</param>
    /// <param name="threshold">ε, 0 &lt; ε &lt; B, at least B/4096.</param>
    /// <param name="maxError">Error to reach, 10^(−12) … 1, exclusive.</param>
    /// <param name="cancellation">Ends the search.</param>
    /// <exception cref="ArgumentException">A number is out of its range, or more than 24 levels would be needed.</exception>
    public static SignApproximation Create(double bound, double threshold, double maxError, CancellationToken cancellation = default)
    {
        Require(bound, threshold);
        if (!(maxError > SmallestError && maxError < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(maxError), maxError, $"The error of a sign is between {SmallestError:E0} and 1; got {maxError}.");
        }

        return Search(bound, threshold, maxError, MaxDepth, cancellation) is { } found && found.MaxError <= maxError
            ? found
            : throw new ArgumentException(
                $"No composition of {MaxDepth} levels has an error of {maxError:E1} for |x| from {threshold} to {bound}; raise the threshold or the error.",
                nameof(maxError));
    }

    /// <summary>The composition with the smallest error among those of at most so many levels.</summary>
    /// <param name="bound">B &gt; 0.</param>
    /// <param name="threshold">ε, 0 &lt; ε &lt; B, at least B/4096.</param>
    /// <param name="depth">Levels from x to the result: 2 … 24, one more if B ≠ 1.</param>
    /// <param name="cancellation">Ends the search.</param>
    /// <exception cref="ArgumentException">A number is out of its range.</exception>
    public static SignApproximation ForDepth(double bound, double threshold, int depth, CancellationToken cancellation = default)
    {
        Require(bound, threshold);
        int map = bound == 1 ? 0 : 1;
        if (depth < LeastStageDepth + map || depth > MaxDepth + map)
        {
            throw new ArgumentOutOfRangeException(
                nameof(depth), depth, $"A sign on [−{bound}, {bound}] takes {LeastStageDepth + map} to {MaxDepth + map} levels; got {depth}.");
        }

        return Search(bound, threshold, 0, depth - map, cancellation)!;
    }

    /// <summary>The composition at a real number.</summary>
    public double Evaluate(double x) => Stages.Aggregate(x, (value, stage) => stage.Evaluate(value));

    /// <summary>sign(x) in every slot. Needs the relinearisation key.</summary>
    /// <param name="evaluator">The evaluator.</param>
    /// <param name="x">Two parts, real slots with |x| ≤ B.</param>
    /// <param name="scale">Scale of the result; null for the default scale.</param>
    /// <returns>Level ℓ − <see cref="Depth"/>.</returns>
    /// <exception cref="LevelExhaustedException">x has fewer levels.</exception>
    public T Evaluate<T>(CircuitEvaluator<T> evaluator, T x, Scale? scale = null)
        where T : class, ICircuitValue => Evaluate(evaluator, x, (1, 0), scale);

    /// <summary>destination ← sign(x) in every slot; may be x, and is as it was if anything throws. See
    /// <see cref="Evaluate{T}(CircuitEvaluator{T}, T, Scale?)"/>.</summary>
    public void EvaluateInto<T>(CircuitEvaluator<T> evaluator, T x, Scale? scale, T destination)
        where T : class, ICircuitValue
    {
        using T result = Evaluate(evaluator, x, scale);
        evaluator.MoveInto(result, destination);
    }

    /// <summary>Bounds, degrees, levels and error in one line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"sign for {Threshold} ≤ |x| ≤ {Bound}, degrees {string.Join(" ∘ ", Stages.Reverse().Select(s => s.Degree))}, {Depth} levels, maximal error {MaxError:E2}");

    // α·sign(x) + β, both in the coefficients of the last polynomial: no level.
    internal T Evaluate<T>(CircuitEvaluator<T> evaluator, T x, (double Factor, double Offset) image, Scale? scale)
        where T : class, ICircuitValue
    {
        ArgumentNullException.ThrowIfNull(evaluator);
        ArgumentNullException.ThrowIfNull(x);
        if (x.Level < Depth)
        {
            Throw.LevelExhausted($"A sign of {Stages.Count} polynomials", x.Level, Depth);
        }

        using Temporaries<T> temporaries = new();
        T value = x;
        for (int i = 0; i < Stages.Count; i++)
        {
            bool isLast = i == Stages.Count - 1;
            T next = temporaries.Add(PolynomialEvaluator.Evaluate(
                evaluator, value, isLast ? Image(Stages[i], image) : Stages[i], isLast ? scale : null));
            evaluator.DeclareMagnitude(next, isLast ? Math.Abs(image.Factor) + Math.Abs(image.Offset) : 1);
            if (i > 0)
            {
                temporaries.Release(value);
            }

            value = next;
        }

        return temporaries.Keep(value);
    }

    private static ApproximationPolynomial Image(ApproximationPolynomial stage, (double Factor, double Offset) image)
    {
        double[] coefficients = [.. stage.Coefficients];
        for (int k = 0; k < coefficients.Length; k++)
        {
            coefficients[k] *= image.Factor;
        }

        coefficients[0] += image.Offset;
        return new(stage.Basis, coefficients, stage.LowerBound, stage.UpperBound, stage.MaxError * Math.Abs(image.Factor));
    }

    private static void Require(double bound, double threshold)
    {
        if (!double.IsFinite(bound) || !(threshold > 0) || threshold >= bound || threshold < bound * SmallestRatio)
        {
            throw new ArgumentException(
                $"A sign is approximated for ε ≤ |x| ≤ B with B/4096 ≤ ε < B; got ε = {threshold} and B = {bound}.", nameof(threshold));
        }
    }

    // best[d]: the smallest error with d levels of polynomials, and the stage it ends with. Stops at the first d that reaches the error.
    private static SignApproximation? Search(double bound, double threshold, double maxError, int depth, CancellationToken cancellation)
    {
        (double Error, double[] Last, int Before)?[] best = new (double, double[], int)?[depth + 1];
        for (int d = LeastStageDepth; d <= depth; d++)
        {
            // What fewer levels reach, more do too.
            best[d] = best[d - 1];
            for (int stage = LeastStageDepth; stage <= Math.Min(d, MostStageDepth); stage++)
            {
                cancellation.ThrowIfCancellationRequested();
                int before = d - stage;
                double lower = before == 0 ? threshold / bound
                    : best[before] is { } reached ? (1 - reached.Error) / (1 + reached.Error)
                    : 0;
                if (lower is <= 0 or >= 1 || MinimaxFit.FitSign(lower, (1 << stage) - 1) is not { } coefficients)
                {
                    continue;
                }

                double error = ErrorSearch.MaxError(
                    t => ChebyshevSeries.Evaluate(coefficients, t), static _ => 1, lower, 1, coefficients.Length);
                if (best[d] is not { } known || error < known.Error)
                {
                    best[d] = (error, coefficients, before);
                }
            }

            if (best[d] is { } done && done.Error <= maxError)
            {
                return Build(bound, threshold, best, d);
            }
        }

        return best[depth] is null ? null : Build(bound, threshold, best, depth);
    }

    private static SignApproximation Build(double bound, double threshold, (double Error, double[] Last, int Before)?[] best, int depth)
    {
        double maxError = best[depth]!.Value.Error;
        List<ApproximationPolynomial> stages = [];
        for (int d = depth; d > 0; d = best[d]!.Value.Before)
        {
            (double error, double[] last, int before) = best[d]!.Value;
            double divisor = d == depth ? 1 : 1 + error;
            double radius = before == 0 ? bound : 1;
            stages.Add(new(PolynomialBasis.Chebyshev, [.. last.Select(c => c / divisor)], -radius, radius, error));
        }

        stages.Reverse();
        return new(bound, threshold, stages, maxError);
    }
}
