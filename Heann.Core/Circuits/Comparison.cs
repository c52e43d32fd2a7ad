using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;

namespace Heann.Core.Circuits;

/// <summary>Comparison, maximum, minimum and absolute value by an approximate sign.</summary>
/// <remarks>
/// All take real slots and need the relinearisation key. With s the sign's error for |d| ≥ ε, d the difference compared and B its bound: a
/// comparison is off by at most s/2 where |d| ≥ ε and undecided, between 0 and 1, where the values are closer; an absolute value is off by
/// at most max(ε, B·s), and a maximum or minimum by half of that. Thread-safe.
/// Source: Cheon, Kim, Kim, "Efficient Homomorphic Comparison Methods with Optimal Complexity", eprint 2019/1234, section 4.
/// </remarks>
public static class Comparison
{
    /// <summary>1 where x &gt; y, 0 where x &lt; y, ½ where they are equal: (sign(x − y) + 1)/2.</summary>
    /// <param name="evaluator">The evaluator.</param>
    /// <param name="x">Two parts.</param>
    /// <param name="y">Two parts, x's level and scale; |x − y| ≤ B.</param>
    /// <param name="sign">The sign to use.</param>
    /// <param name="scale">Scale of the result; null for the default scale.</param>
    /// <returns>Level ℓ − <see cref="SignApproximation.Depth"/>.</returns>
    /// <exception cref="LevelExhaustedException">The operands have fewer levels.</exception>
    public static T Greater<T>(CircuitEvaluator<T> evaluator, T x, T y, SignApproximation sign, Scale? scale = null)
        where T : class, ICircuitValue
    {
        ArgumentNullException.ThrowIfNull(evaluator);
        ArgumentNullException.ThrowIfNull(sign);
        using T difference = evaluator.Subtract(x, y);
        return sign.Evaluate(evaluator, difference, (0.5, 0.5), scale);
    }

    /// <summary>|x| = x·sign(x).</summary>
    /// <param name="evaluator">The evaluator.</param>
    /// <param name="x">Two parts; |x| ≤ B.</param>
    /// <param name="sign">The sign to use.</param>
    /// <param name="scale">Scale of the result; null for the default scale.</param>
    /// <returns>Level ℓ − <see cref="SignApproximation.Depth"/> − 1.</returns>
    /// <exception cref="LevelExhaustedException">x has fewer levels.</exception>
    public static T Abs<T>(CircuitEvaluator<T> evaluator, T x, SignApproximation sign, Scale? scale = null)
        where T : class, ICircuitValue
    {
        ArgumentNullException.ThrowIfNull(evaluator);
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(sign);
        RequireDepth(x, sign, "An absolute value");
        using Temporaries<T> temporaries = new();
        T result = temporaries.Add(TimesSign(evaluator, x, 1, sign, scale));
        evaluator.RescaleInto(result, result);
        return temporaries.Keep(result);
    }

    /// <summary>max(x, y) = ((x + y) + (x − y)·sign(x − y))/2.</summary>
    /// <param name="evaluator">The evaluator.</param>
    /// <param name="x">Two parts.</param>
    /// <param name="y">Two parts, x's level and scale; |x − y| ≤ B.</param>
    /// <param name="sign">The sign to use.</param>
    /// <param name="scale">Scale of the result; null for the default scale.</param>
    /// <returns>Level ℓ − <see cref="SignApproximation.Depth"/> − 1.</returns>
    /// <exception cref="LevelExhaustedException">The operands have fewer levels.</exception>
    public static T Max<T>(CircuitEvaluator<T> evaluator, T x, T y, SignApproximation sign, Scale? scale = null)
        where T : class, ICircuitValue => Extremum(evaluator, x, y, (sign, 0.5), scale);

    /// <summary>min(x, y) = ((x + y) − (x − y)·sign(x − y))/2.</summary>
    /// <inheritdoc cref="Max"/>
    public static T Min<T>(CircuitEvaluator<T> evaluator, T x, T y, SignApproximation sign, Scale? scale = null)
        where T : class, ICircuitValue => Extremum(evaluator, x, y, (sign, -0.5), scale);

    // (x + y)/2 ± |x − y|/2, the mean lifted to the scale of the product before its rescaling.
    private static T Extremum<T>(CircuitEvaluator<T> evaluator, T x, T y, (SignApproximation Sign, double Half) half, Scale? scale)
        where T : class, ICircuitValue
    {
        ArgumentNullException.ThrowIfNull(evaluator);
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(half.Sign);
        RequireDepth(x, half.Sign, "A maximum or minimum");
        using Temporaries<T> temporaries = new();
        T difference = temporaries.Add(evaluator.Subtract(x, y));
        T result = temporaries.Add(TimesSign(evaluator, difference, half.Half, half.Sign, scale));
        T sum = temporaries.Add(evaluator.Add(x, y));
        evaluator.DropLevelInto(sum, result.Level, sum);
        T lifted = temporaries.Add(evaluator.MultiplyConstant(sum, 0.5, result.Scale / sum.Scale.Value));
        evaluator.AddInto(lifted, result, result);
        evaluator.RescaleInto(result, result);
        return temporaries.Keep(result);
    }

    // factor·x·sign(x), not yet rescaled, at the scale that the rescaling brings to the one asked for.
    private static T TimesSign<T>(CircuitEvaluator<T> evaluator, T x, double factor, SignApproximation sign, Scale? scale)
        where T : class, ICircuitValue
    {
        using Temporaries<T> temporaries = new();
        int level = x.Level - sign.Depth;
        Scale raised = (scale ?? evaluator.Parameters.DefaultScale) * new Scale(evaluator.Parameters.BasisQ[level].Value);
        T result = temporaries.Add(sign.Evaluate(evaluator, x, (factor, 0), raised / x.Scale.Value));
        T dropped = temporaries.Add(evaluator.DropLevel(x, level));
        evaluator.MultiplyInto(result, dropped, result);
        return temporaries.Keep(result);
    }

    private static void RequireDepth(ICircuitValue x, SignApproximation sign, string operation)
    {
        if (x.Level < sign.Depth + 1)
        {
            Throw.LevelExhausted(operation, x.Level, sign.Depth + 1);
        }
    }
}
