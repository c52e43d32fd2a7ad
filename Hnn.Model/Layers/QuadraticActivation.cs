using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;
using Hnn.Model.Weights;

namespace Hnn.Model.Layers;

/// <summary>act(u) = c_2·u² + c_1·u, c_2 &gt; 0, as one plain square: s = √c_2·(u + c_1/(2c_2)), act(u) = s² − c_1²/(4c_2).</summary>
/// <remarks>The affine map goes into the layer before, the constant into the bias of the layer after. One product level.</remarks>
/// <param name="Quadratic">c_2.</param>
/// <param name="Linear">c_1.</param>
public readonly record struct QuadraticActivation(double Quadratic, double Linear)
{
    /// <summary>From the coefficients [0, c_1, c_2] of a model's config.</summary>
    /// <exception cref="InvalidDataException">c_2 is not positive, or c_0 is not 0.</exception>
    public static QuadraticActivation FromCoefficients(IReadOnlyList<double> coefficients)
    {
        ArgumentNullException.ThrowIfNull(coefficients);
        return coefficients is [0, _, > 0]
            ? new(coefficients[2], coefficients[1])
            : throw new InvalidDataException(
                $"The activation is [{string.Join(", ", coefficients)}]; this network takes [0, c1, c2] with c2 > 0.");
    }

    private double Root => Math.Sqrt(Quadratic);

    private double Constant => Linear * Linear / (4 * Quadratic);

    /// <summary>The layer before: W ← √c_2·W, b ← √c_2·(b + c_1/(2c_2)).</summary>
    public LinearWeights Before(LinearWeights weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        (double root, double shift) = (Root, Linear / (2 * Quadratic));
        return new([.. weights.Weight.Select(w => root * w)], [.. weights.Bias.Select(b => root * (b + shift))], weights.In, weights.Out);
    }

    /// <summary>The layer after: b ← b − W·1·c_1²/(4c_2).</summary>
    public LinearWeights After(LinearWeights weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        double[] bias = [.. weights.Bias];
        for (int o = 0; o < weights.Out; o++)
        {
            for (int i = 0; i < weights.In; i++)
            {
                bias[o] -= weights[o, i] * Constant;
            }
        }

        return new(weights.Weight, bias, weights.In, weights.Out);
    }

    /// <summary>√c_2, the factor of everything that enters the square.</summary>
    public double InputFactor => Root;

    /// <summary>u + i·u' ← u² − i·u'², one level, by one conjugation; the scale becomes 4Δ.</summary>
    /// <remarks>The sign is that with which a complex weight W + i·W' gives W·u² + W'·u'² as a real part.</remarks>
    internal static void SquarePartsInto<T>(CircuitEvaluator<T> evaluator, T x)
        where T : class, ICircuitValue
    {
        using T imaginary = evaluator.Allocate(x.Level);
        evaluator.SplitInto(x, x, imaginary);
        SquareDifferenceInto(evaluator, x, imaginary);
    }

    /// <summary>x ← x² − i·y², one relinearisation for both, one level; y is used up.</summary>
    internal static void SquareDifferenceInto<T>(CircuitEvaluator<T> evaluator, T x, T y)
        where T : class, ICircuitValue
    {
        evaluator.TensorProductInto(x, x, x);
        evaluator.TensorProductInto(y, y, y);
        evaluator.MultiplyImaginaryUnitInto(y, y);
        evaluator.SubtractInto(x, y, x);
        evaluator.RelinearizeInto(x, x);
        evaluator.RescaleInto(x, x);
    }

    /// <summary>x ← x², one level.</summary>
    public static void SquareInto<T>(CircuitEvaluator<T> evaluator, T x)
        where T : class, ICircuitValue
    {
        ArgumentNullException.ThrowIfNull(evaluator);
        evaluator.MultiplyInto(x, x, x);
        evaluator.RescaleInto(x, x);
    }
}
