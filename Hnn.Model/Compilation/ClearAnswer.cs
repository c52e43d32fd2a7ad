using Heann.Core.Circuits;
using Hnn.Model.Approximations;
using Hnn.Model.Layers;

namespace Hnn.Model.Compilation;

/// <summary>From the arguments of a soft-argmax to what is released, in double precision: by the exact functions and by the polynomials.</summary>
internal static class ClearAnswer
{
    /// <summary>The answer in the clear, with what the twin released beside it.</summary>
    /// <param name="softArgmax">The last layer.</param>
    /// <param name="arguments">One for two classes, else n; of any size.</param>
    /// <param name="twin">What the twin released; null to evaluate the polynomials here.</param>
    public static ClearResult Create(SoftArgmax softArgmax, double[] arguments, ReleasedValue? twin = null)
    {
        ApproximationPolynomial polynomial = softArgmax.Polynomial;
        return new(
            Exact(arguments, softArgmax.Release), twin ?? Twin(softArgmax, arguments), arguments, arguments.All(polynomial.Covers));
    }

    /// <summary>The arguments from what they are mapped to for the polynomial: t = α·a + β.</summary>
    public static double[] Unmap(SoftArgmax softArgmax, IEnumerable<double> mapped)
    {
        ApproximationPolynomial polynomial = softArgmax.Polynomial;
        return [.. mapped.Select(t => (t - polynomial.InputOffset) / polynomial.InputScale)];
    }

    private static ReleasedValue Twin(SoftArgmax softArgmax, double[] arguments)
    {
        if (softArgmax.Softmax is not { } softmax) return new(softArgmax.Polynomial.Evaluate(arguments[0]));
        double[] probabilities = softmax.Evaluate(arguments);
        return softArgmax.Release == Release.Probabilities
            ? new(probabilities)
            : new(probabilities.Select((p, i) => i * p).Sum(), arguments.Length);
    }

    // For arguments of any size, as e^1000 over its sum.
    private static ReleasedValue Exact(double[] arguments, Release release)
    {
        if (arguments is [double difference]) return new(SigmoidApproximation.Sigmoid(difference));
        SoftArgmaxResult result = new DifferentiableSoftArgmax(1).Forward(arguments);
        return release == Release.Probabilities ? new(result.Probabilities) : new(result.Value, arguments.Length);
    }
}
