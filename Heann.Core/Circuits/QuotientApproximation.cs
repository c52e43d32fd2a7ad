using System.Globalization;
using Heann.Core.Ciphertexts;
using Heann.Core.Encoders;
using Heann.Core.Evaluation;

namespace Heann.Core.Circuits;

/// <summary>n/x for x on an interval [a, b] of positive numbers, any number of numerators n: Goldschmidt's division with Chebyshev
/// polynomials in place of powers. Interval, iterations, levels and error together.</summary>
/// <remarks>
/// <para>Goldschmidt multiplies by (1 + e)(1 + e²)(1 + e⁴)… with e = 1 − 2x/(a + b), and is off by e^M after k = log2 M factors: the
/// polynomial 1 − e^M for x/x. The best polynomial of that degree is 1 − T_M(z)/T_M(z₀), z = (a + b − 2x)/(b − a), z₀ = (a + b)/(b − a),
/// which doubling builds as well: with ρ = (2·T_M(z₀))^(−1/M), u_m = 2ρ^m·T_m(z) and s_m = 2ρ^m·T_m(z₀),</para>
/// <code>
/// u_1 = s_1 − w·x,   u_2m = u_m² − 2ρ^(2m),   y_1 = w·n,   y_2m = y_m·(s_m + u_m),   w = 4ρ/(b − a)
/// y_M = n/x · (1 − T_M(z)/T_M(z₀))
/// </code>
/// <para>exactly. The largest relative error is 1/T_M(z₀) where Goldschmidt's is z₀^(−M): for b/a = 160 and M = 64 it is 8e-5 and not
/// 0.45. Every s_m is between 1 and 2 and nothing is multiplied by a constant, if the caller folds w (<see cref="InputScale"/>) into what
/// makes x and n. The numerators go along from the first step, so the quotient takes k levels, not k and one more.</para>
/// <para>Products: k for each numerator and k − 1. The levels it passes should have primes near the default scale. Immutable,
/// thread-safe.</para>
/// Sources: Goldschmidt, "Applications of division by convergence", MIT 1964; Chebyshev acceleration: Golub, Varga, "Chebyshev
/// semi-iterative methods", Numer. Math. 3 (1961); u_m are Dickson polynomials, whose doubling has no coefficients.
/// </remarks>
public sealed class QuotientApproximation
{
    private readonly double _angle;
    private readonly double _logRho;

    private QuotientApproximation(double lowerBound, double upperBound, int iterationCount)
    {
        (LowerBound, UpperBound, IterationCount) = (lowerBound, upperBound, iterationCount);
        _angle = Angle(lowerBound, upperBound);
        double degree = Math.ScaleB(1, iterationCount);

        // ln(2·cosh(Mθ)), which cosh itself would overflow.
        _logRho = -((degree * _angle) + Math.Log(1 + Math.Exp(-2 * degree * _angle))) / degree;
    }

    /// <summary>a.</summary>
    public double LowerBound { get; }

    /// <summary>b.</summary>
    public double UpperBound { get; }

    /// <summary>k ≥ 1; M = 2^k.</summary>
    public int IterationCount { get; }

    /// <summary>Levels from numerators and x to the quotients: k.</summary>
    public int Depth => IterationCount;

    /// <summary>max |y·x/n − 1| over [a, b]: 1/T_M(z₀). Nothing is promised outside; beyond x = a + b the product diverges.</summary>
    public double MaxRelativeError => RelativeErrorAfter(LowerBound, UpperBound, IterationCount);

    /// <summary>w = 4ρ/(b − a): what x and the numerators are to be multiplied by before <see cref="EvaluateScaled"/>.</summary>
    public double InputScale => 4 * Math.Exp(_logRho) / (UpperBound - LowerBound);

    /// <summary>A given number of iterations on [a, b].</summary>
    /// <exception cref="ArgumentException">Not 0 &lt; a &lt; b, or not 1 to 16 iterations.</exception>
    public static QuotientApproximation Create(double lowerBound, double upperBound, int iterationCount)
    {
        PositiveInterval.Require(lowerBound, upperBound);
        PositiveInterval.RequireIterations(iterationCount, 1);
        return new(lowerBound, upperBound, iterationCount);
    }

    /// <summary>The fewest iterations on [a, b] with a relative error of at most <paramref name="maxRelativeError"/>.</summary>
    /// <exception cref="ArgumentException">Not 0 &lt; a &lt; b, or 16 iterations are not enough.</exception>
    public static QuotientApproximation ForRelativeError(double lowerBound, double upperBound, double maxRelativeError)
    {
        PositiveInterval.Require(lowerBound, upperBound);
        return new(
            lowerBound, upperBound, PositiveInterval.Iterations(1, maxRelativeError, k => RelativeErrorAfter(lowerBound, upperBound, k)));
    }

    /// <summary>1/T_M(z₀), M = 2^k: the largest relative error after k iterations, in exact arithmetic.</summary>
    /// <exception cref="ArgumentException">Not 0 &lt; a &lt; b, or not 1 to 16 iterations.</exception>
    public static double RelativeErrorAfter(double lowerBound, double upperBound, int iterationCount)
    {
        PositiveInterval.Require(lowerBound, upperBound);
        PositiveInterval.RequireIterations(iterationCount, 1);
        double exponent = Math.ScaleB(Angle(lowerBound, upperBound), iterationCount);
        return 2 * Math.Exp(-exponent) / (1 + Math.Exp(-2 * exponent));
    }

    /// <summary>The scale that w·x and w·n must have for the quotients to come out at a given one, <see cref="Depth"/> levels
    /// below.</summary>
    /// <param name="evaluator">The evaluator.</param>
    /// <param name="level">Level of x and n.</param>
    /// <param name="scale">Scale of the quotients; null for the default scale.</param>
    /// <exception cref="LevelExhaustedException">The level is less than <see cref="Depth"/>.</exception>
    /// <remarks>Δ_i ← √(Δ_(i+1)·q) from below: numerators and u_m keep one scale, so neither needs a constant to meet the other.</remarks>
    public Scale InputScaleOf<T>(CircuitEvaluator<T> evaluator, int level, Scale? scale = null)
        where T : class, ICircuitValue
    {
        ArgumentNullException.ThrowIfNull(evaluator);
        RequireLevel(level);
        double first = (scale ?? evaluator.Parameters.DefaultScale).Value;
        for (int i = IterationCount - 1; i >= 0; i--)
        {
            first = Math.Sqrt(first) * Math.Sqrt(evaluator.Parameters.BasisQ[level - i].Value);
        }

        return new(first);
    }

    /// <summary>n_i/x in every slot, from w·n_i and w·x. Needs the relinearisation key.</summary>
    /// <param name="evaluator">The evaluator.</param>
    /// <param name="numerators">w·n_i: two parts, x's level and scale.</param>
    /// <param name="denominator">w·x, x in [a, b]: two parts, real slots. May be one of the numerators.</param>
    /// <param name="bound">The largest |n_i/x|, for the prediction of noise.</param>
    /// <returns>Level ℓ − <see cref="Depth"/>; the scale that <see cref="InputScaleOf"/> was asked for, if the operands have the one it
    /// gave.</returns>
    /// <exception cref="LevelExhaustedException">x has fewer levels.</exception>
    public T[] EvaluateScaled<T>(CircuitEvaluator<T> evaluator, IReadOnlyList<T> numerators, T denominator, double bound = 1)
        where T : class, ICircuitValue
    {
        ArgumentNullException.ThrowIfNull(evaluator);
        ArgumentNullException.ThrowIfNull(numerators);
        ArgumentNullException.ThrowIfNull(denominator);
        RequireLevel(denominator.Level);
        using Temporaries<T> temporaries = new();
        T[] quotients = [.. numerators.Select(n => temporaries.Add(evaluator.Copy(n)))];
        T u = temporaries.Add(evaluator.MultiplyInteger(denominator, -1));
        evaluator.AddPlainInto(u, SlotVector.Constant(ValueAtZero(1)), u);
        evaluator.DeclareMagnitude(u, Bound(1));
        for (int m = 1; m < 1 << IterationCount; m *= 2)
        {
            T factor = temporaries.Add(evaluator.AddPlain(u, SlotVector.Constant(ValueAtZero(m))));
            evaluator.DeclareMagnitude(factor, ValueAtZero(m) + Bound(m));
            foreach (T quotient in quotients)
            {
                evaluator.MultiplyInto(quotient, factor, quotient);
                evaluator.RescaleInto(quotient, quotient);

                // y_2m = s_2m·n/x·(1 − T_2m(z)/T_2m(z₀)).
                evaluator.DeclareMagnitude(quotient, bound * ValueAtZero(2 * m));
            }

            temporaries.Release(factor);
            if (m == 1 << (IterationCount - 1))
            {
                break;
            }

            evaluator.MultiplyInto(u, u, u);
            evaluator.AddPlainInto(u, SlotVector.Constant(-Bound(2 * m)), u);
            evaluator.RescaleInto(u, u);
            evaluator.DeclareMagnitude(u, Bound(2 * m));
        }

        foreach (T quotient in quotients)
        {
            temporaries.Keep(quotient);
        }

        return quotients;
    }

    /// <summary>n_i/x from w·n_i and w·x in double precision, by the same steps.</summary>
    /// <param name="numerators">w·n_i.</param>
    /// <param name="denominator">w·x; the error is the stated one for x in [a, b].</param>
    public double[] EvaluateScaled(ReadOnlySpan<double> numerators, double denominator)
    {
        double product = 1;
        double u = ValueAtZero(1) - denominator;
        for (int m = 1; m < 1 << IterationCount; m *= 2)
        {
            product *= ValueAtZero(m) + u;
            u = (u * u) - Bound(2 * m);
        }

        double[] quotients = numerators.ToArray();
        for (int i = 0; i < quotients.Length; i++)
        {
            quotients[i] *= product;
        }

        return quotients;
    }

    /// <summary>Interval, iterations, levels and error in one line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"n/x on [{LowerBound}, {UpperBound}], {IterationCount} iterations, {Depth} levels, maximal relative error {MaxRelativeError:E2} (Goldschmidt, Chebyshev)");

    // θ = arcosh z₀, by 2·artanh √(a/b): z₀ is near 1 where b/a is large.
    private static double Angle(double a, double b) => 2 * Math.Atanh(Math.Sqrt(a / b));

    // s_m = 2ρ^m·T_m(z₀): u_m at x = 0.
    private double ValueAtZero(int m) => Math.Exp(m * (_angle + _logRho)) * (1 + Math.Exp(-2 * m * _angle));

    // 2ρ^m: the largest |u_m| on [a, b].
    private double Bound(int m) => 2 * Math.Exp(m * _logRho);

    private void RequireLevel(int level)
    {
        if (level < Depth)
        {
            Throw.LevelExhausted($"A quotient with {IterationCount} iterations", level, Depth);
        }
    }
}
