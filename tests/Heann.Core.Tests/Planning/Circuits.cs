using System.Numerics;
using Heann.Core.Ciphertexts;
using Heann.Core.Circuits;
using Heann.Core.Encoders;
using Heann.Core.Evaluation;

namespace Heann.Core.Tests.Planning;

/// <summary>Circuits to be planned and then run, each written once, with its naive meaning.</summary>
internal static class PlannedCircuits
{
    private static readonly DiagonalMatrix Matrix = new(8, -3, 4, (j, k) => Math.Cos(j + (3 * k)) / 3);

    private static readonly ApproximationPolynomial Sigmoid = ApproximationPolynomial.FitChebyshev(x => 1 / (1 + Math.Exp(-x)), -4, 4, 7);

    private static readonly InverseApproximation Inverse = InverseApproximation.Create(0.5, 2, 2);

    public static readonly string[] Names = ["sum", "cubic", "variance", "logistic", "transform", "complex", "inverse", "products"];

    /// <summary>x and y: real slots in [−1, 1].</summary>
    public static T[] Run<T>(string name, CircuitEvaluator<T> e, T x, T y)
        where T : class, ICircuitValue => name switch
        {
            "sum" => [e.Sum(x, y, x)],
            "cubic" => [Cubic(e, x)],
            "variance" => [Variance(e, x)],
            "logistic" => [Logistic(e, x, y)],
            "transform" => [e.Rescale(e.Square(e.Rescale(e.Transform(x, new(Matrix, 4))))), e.Rotate(y, 5)],
            "complex" => Complex(e, x, y),
            "inverse" => [Inverse.Evaluate(e, e.AddConstant(e.MultiplyConstantThenRescale(x, 0.5), 1))],
            "products" => [e.Rescale(e.SumOfProducts([x, y, x], [x, y, y]))],
            _ => throw new ArgumentException($"No such circuit: {name}."),
        };

    public static Complex Naive(string name, int output, double[] a, double[] b, int i)
    {
        double At(int k) => a[((i + k) % a.Length + a.Length) % a.Length];
        (double x, double y) = (a[i], b[i]);
        return (name, output) switch
        {
            ("sum", _) => (2 * x) + y,
            ("cubic", _) => (x * x * x) + x,
            ("variance", _) => Enumerable.Range(0, 16).Sum(k => At(k) * At(k)) / 16,
            ("logistic", _) => Sigmoid.Evaluate(Enumerable.Range(0, 4).Sum(k => At(k) * b[(i + k) % b.Length])),
            ("transform", 0) => Math.Pow(Enumerable.Range(-3, 8).Sum(k => Math.Cos((i % 8) + (3 * k)) / 3 * At(k)), 2),
            ("transform", _) => b[(i + 5) % b.Length],
            ("complex", 0) => x * x,
            ("complex", _) => y,
            ("inverse", _) => Goldschmidt(1 + (x / 2)),
            _ => (x * x) + (y * y) + (x * y),
        };
    }

    // A circuit as users write it, and the one of the documentation.
    public static T Cubic<T>(CircuitEvaluator<T> e, T x)
        where T : class, ICircuitValue
    {
        using T square = e.Rescale(e.Square(x));
        e.Report("square", square);
        using T dropped = e.DropLevel(x, square.Level);
        using T cube = e.Multiply(square, dropped);
        using T lifted = e.MultiplyConstant(dropped, 1, square.Scale);
        return e.Rescale(e.Add(cube, lifted));
    }

    private static T Variance<T>(CircuitEvaluator<T> e, T x)
        where T : class, ICircuitValue
    {
        using T square = e.Rescale(e.Square(x));
        e.Report("square", square);
        using T sum = InnerSum.Evaluate(e, square, 1, 16);
        e.Report("sum", sum);
        return e.MultiplyConstantThenRescale(sum, 1.0 / 16);
    }

    private static T Logistic<T>(CircuitEvaluator<T> e, T x, T y)
        where T : class, ICircuitValue
    {
        using T product = e.Rescale(e.Multiply(x, y));
        using T sum = InnerSum.Evaluate(e, product, 1, 4);
        e.Report("score", sum);
        return PolynomialEvaluator.Evaluate(e, sum, Sigmoid);
    }

    private static T[] Complex<T>(CircuitEvaluator<T> e, T x, T y)
        where T : class, ICircuitValue
    {
        using T joined = e.Join(e.Rescale(e.Square(x)), e.MultiplyConstantThenRescale(y, 1));
        (T real, T imaginary) = e.Split(joined);
        return [real, imaginary];
    }

    private static T MultiplyConstantThenRescale<T>(this CircuitEvaluator<T> e, T x, double value)
        where T : class, ICircuitValue
    {
        // To the scale that the product of two fresh values has, so that both can be added.
        using T product = e.MultiplyConstant(x, value, x.Scale);
        return e.Rescale(product);
    }

    private static double Goldschmidt(double x)
    {
        double e = 1 - (0.8 * x);
        return 0.8 * (1 + e) * (1 + (e * e)) * (1 + (e * e * e * e));
    }
}
