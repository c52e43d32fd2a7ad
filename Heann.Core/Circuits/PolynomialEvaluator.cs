using Heann.Core.Ciphertexts;
using Heann.Core.Encoders;
using Heann.Core.Evaluation;

namespace Heann.Core.Circuits;

/// <summary>Evaluates polynomials of every slot, in power or Chebyshev basis, in ⌈log2(d + 1)⌉ levels.</summary>
/// <remarks>
/// The interpreter of <see cref="PolynomialPlan"/>. A Chebyshev polynomial of an interval other than [−1, 1] needs t = αx + β first: one level
/// more, unless the step before folds α and β in and calls <see cref="EvaluateMapped"/>. The result has exactly the scale asked for.
/// Thread-safe.
/// </remarks>
public static class PolynomialEvaluator
{
    /// <summary>p(x) in every slot. Needs the relinearisation key when the degree exceeds 1.</summary>
    /// <param name="evaluator">The evaluator.</param>
    /// <param name="x">Two parts; real slots in the polynomial's interval.</param>
    /// <param name="polynomial">p, of degree ≥ 1.</param>
    /// <param name="scale">Scale of the result; null for the default scale.</param>
    /// <param name="exact">The function that p approximates, for evaluators that can compute it exactly.</param>
    /// <returns>Level ℓ − ⌈log2(d + 1)⌉, one less if α ≠ 1.</returns>
    /// <exception cref="LevelExhaustedException">x has fewer levels.</exception>
    public static T Evaluate<T>(
        CircuitEvaluator<T> evaluator, T x, ApproximationPolynomial polynomial, Scale? scale = null, Func<double, double>? exact = null)
        where T : class, ICircuitValue
    {
        ArgumentNullException.ThrowIfNull(evaluator);
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(polynomial);
        RequireDepth(x, polynomial, polynomial.InputScale == 1 ? 0 : 1);
        using T mapped = Map(evaluator, x, polynomial);
        return EvaluateMapped(evaluator, mapped, polynomial, scale, exact);
    }

    /// <summary>p(x) in every slot, from t = αx + β in [−1, 1] (<see cref="ApproximationPolynomial.InputScale"/>, <see cref="ApproximationPolynomial.InputOffset"/>).</summary>
    /// <param name="evaluator">The evaluator.</param>
    /// <param name="mapped">t; two parts.</param>
    /// <param name="polynomial">p, of degree ≥ 1.</param>
    /// <param name="scale">Scale of the result; null for the default scale.</param>
    /// <param name="exact">The function of x that p approximates, for evaluators that can compute it exactly.</param>
    /// <returns>Level ℓ − ⌈log2(d + 1)⌉.</returns>
    /// <exception cref="LevelExhaustedException">t has fewer levels.</exception>
    public static T EvaluateMapped<T>(
        CircuitEvaluator<T> evaluator, T mapped, ApproximationPolynomial polynomial, Scale? scale = null, Func<double, double>? exact = null)
        where T : class, ICircuitValue
    {
        ArgumentNullException.ThrowIfNull(evaluator);
        ArgumentNullException.ThrowIfNull(mapped);
        ArgumentNullException.ThrowIfNull(polynomial);
        RequireDepth(mapped, polynomial, 0);
        PolynomialPlan plan = PolynomialPlan.Create(polynomial);
        Arithmetic<T> arithmetic = new(evaluator, mapped.Level, polynomial);
        T result = plan.Evaluate(mapped, scale ?? evaluator.Parameters.DefaultScale, arithmetic);
        if (exact is not null)
        {
            evaluator.TryApplyExactly(mapped, t => exact((t - polynomial.InputOffset) / polynomial.InputScale), result);
        }

        return result;
    }

    /// <summary>destination ← p(x) in every slot; see
    /// <see cref="Evaluate{T}(CircuitEvaluator{T}, T, ApproximationPolynomial, Scale?, Func{double, double}?)"/>.</summary>
    /// <param name="evaluator">The evaluator.</param>
    /// <param name="x">Two parts; real slots in the polynomial's interval.</param>
    /// <param name="polynomial">p, of degree ≥ 1.</param>
    /// <param name="scale">Scale of the result; null for the default scale.</param>
    /// <param name="destination">Takes p(x); may be x. As it was if anything throws.</param>
    /// <exception cref="LevelExhaustedException">x has fewer levels.</exception>
    public static void EvaluateInto<T>(CircuitEvaluator<T> evaluator, T x, ApproximationPolynomial polynomial, Scale? scale, T destination)
        where T : class, ICircuitValue
    {
        using T result = Evaluate(evaluator, x, polynomial, scale);
        evaluator.MoveInto(result, destination);
    }

    /// <summary>f(x) in every slot, by a polynomial that is planned for the levels that x has left.</summary>
    /// <param name="evaluator">The evaluator.</param>
    /// <param name="x">Two parts; real slots in the function's interval.</param>
    /// <param name="function">f on its interval.</param>
    /// <param name="maxError">The error to reach with as few levels as that takes; null for the smallest error that all levels of x
    /// allow.</param>
    /// <param name="cancellation">Ends the search for the polynomial; the evaluation ends by the evaluator's own token.</param>
    /// <returns>The result at the default scale, owned by the caller, and the polynomial with its measured error.</returns>
    /// <exception cref="LevelExhaustedException">The levels do not allow the error: the message says which one they do allow, and how many
    /// it takes.</exception>
    /// <exception cref="ArgumentException">No polynomial reaches the error.</exception>
    public static (T Result, ApproximationPolynomial Polynomial) Evaluate<T>(
        CircuitEvaluator<T> evaluator, T x, FunctionOnInterval function, double? maxError, CancellationToken cancellation = default)
        where T : class, ICircuitValue
    {
        ArgumentNullException.ThrowIfNull(evaluator);
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(function);
        ApproximationPolynomial polynomial = maxError is { } error
            ? function.FitErrorWithin(x.Level, error, cancellation: cancellation)
            : function.FitLevels(x.Level, cancellation: cancellation);
        return (Evaluate(evaluator, x, polynomial, exact: function.Evaluate), polynomial);
    }

    private static T Map<T>(CircuitEvaluator<T> evaluator, T x, ApproximationPolynomial polynomial)
        where T : class, ICircuitValue
    {
        using Temporaries<T> temporaries = new();
        T mapped;
        if (polynomial.InputScale == 1)
        {
            mapped = temporaries.Add(evaluator.Copy(x));
        }
        else
        {
            mapped = temporaries.Add(evaluator.MultiplyConstant(x, polynomial.InputScale));
            evaluator.RescaleInto(mapped, mapped);
        }

        if (polynomial.InputOffset != 0)
        {
            evaluator.AddPlainInto(mapped, SlotVector.Constant(polynomial.InputOffset), mapped);
        }

        return temporaries.Keep(mapped);
    }

    private static void RequireDepth(ICircuitValue x, ApproximationPolynomial polynomial, int further)
    {
        int depth = PolynomialPlan.MinimalDepth(polynomial.Degree) + further;
        if (x.Level < depth)
        {
            Throw.LevelExhausted($"A polynomial of degree {polynomial.Degree}", x.Level, depth);
        }
    }

    // Depth D of the plan is level top − D.
    private sealed class Arithmetic<T>(CircuitEvaluator<T> evaluator, int top, ApproximationPolynomial polynomial) : IPolynomialArithmetic<T, Scale>
        where T : class, ICircuitValue
    {
        private readonly PolynomialBasis _basis = polynomial.Basis;

        // |T_k| ≤ 1 and |x^k| ≤ B^k. The bound rather than the root mean square: the error of a power is largest where the power is, so that the
        // product of the two averages falls short, by three bits at x^16 and uniform x.
        private readonly double _bound = polynomial.Basis == PolynomialBasis.Chebyshev
            ? 1
            : Math.Max(Math.Abs(polynomial.LowerBound), Math.Abs(polynomial.UpperBound));

        public T MakePower(PowerStep step, T left, T right, T? difference)
        {
            int level = top - step.Depth + 1;
            using Temporaries<T> temporaries = new();
            T x = At(left, level, temporaries);
            T y = step.IsSquare ? x : At(right, level, temporaries);
            T power = temporaries.Add(evaluator.Multiply(x, y));
            if (_basis == PolynomialBasis.Chebyshev)
            {
                // T_(a+b) = 2·T_a·T_b − T_|a−b|, the last term lifted to the scale of the product.
                evaluator.MultiplyIntegerInto(power, 2, power);
                if (step.Difference == 0)
                {
                    evaluator.AddPlainInto(power, SlotVector.Constant(-1.0), power);
                }
                else
                {
                    T dropped = At(difference!, level, temporaries);
                    T lifted = temporaries.Add(evaluator.MultiplyConstant(dropped, 1.0, power.Scale / dropped.Scale.Value));
                    evaluator.SubtractInto(power, lifted, power);
                }
            }

            evaluator.RescaleInto(power, power);
            evaluator.DeclareMagnitude(power, Math.Pow(_bound, step.Index));
            return temporaries.Keep(power);
        }

        public Scale QuotientScale(int depth, Scale scale, T power) => Raised(depth, scale) / power.Scale.Value;

        public T Combine(
            int depth, Scale scale, double constant, IReadOnlyList<(double Coefficient, T Power)> terms, IReadOnlyList<(T Quotient, T Power)> products)
        {
            int level = top - depth + 1;
            Scale raised = Raised(depth, scale);
            using Temporaries<T> temporaries = new();
            T? sum = products.Count == 0 ? null : temporaries.Add(SumOfProducts(level, products));
            foreach ((double coefficient, T power) in terms)
            {
                T factor = At(power, level, temporaries);
                T term = temporaries.Add(evaluator.MultiplyConstant(factor, coefficient, raised / factor.Scale.Value));
                if (sum is null)
                {
                    sum = term;
                    continue;
                }

                evaluator.AddInto(sum, term, sum);
                temporaries.Release(term);
            }

            if (constant != 0)
            {
                evaluator.AddPlainInto(sum!, SlotVector.Constant(constant), sum!);
            }

            evaluator.RescaleInto(sum!, sum!);
            return temporaries.Keep(sum!);
        }

        public void Release(T value) => value.Dispose();

        // Δ·q, q the prime by which the node rescales.
        private Scale Raised(int depth, Scale scale) => scale * new Scale(evaluator.Parameters.BasisQ[top - depth + 1].Value);

        // One relinearisation for all; the products meet at the same scale by the choice of the quotients'.
        private T SumOfProducts(int level, IReadOnlyList<(T Quotient, T Power)> products)
        {
            using Temporaries<T> temporaries = new();
            T[] quotients = [.. products.Select(product => At(product.Quotient, level, temporaries))];
            T[] powers = [.. products.Select(product => At(product.Power, level, temporaries))];
            return evaluator.SumOfProducts(quotients, powers);
        }

        // The value itself where it stands at the level already.
        private T At(T value, int level, Temporaries<T> temporaries) =>
            value.Level == level ? value : temporaries.Add(evaluator.DropLevel(value, level));
    }
}
