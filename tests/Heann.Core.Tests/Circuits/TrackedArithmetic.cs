using Heann.Core.Circuits;

namespace Heann.Core.Tests.Circuits;

/// <summary>A double with the depth and scale a ciphertext would have.</summary>
internal sealed record Tracked(double Value, int Depth, double Scale);

/// <summary>Doubles under the rules of ciphertexts: operands stand at most one level above the result, terms meet at exactly one
/// scale, every made value is released once.</summary>
internal sealed class TrackedArithmetic(PolynomialBasis basis, double[] primes) : IPolynomialArithmetic<Tracked, double>
{
    private readonly HashSet<Tracked> _alive = new(ReferenceEqualityComparer.Instance);

    public int Products { get; private set; }

    public int ConstantProducts { get; private set; }

    public int Relinearizations { get; private set; }

    public int Rescalings { get; private set; }

    public int Alive => _alive.Count;

    public Tracked MakePower(PowerStep step, Tracked left, Tracked right, Tracked? difference)
    {
        Assert.True(left.Depth < step.Depth && right.Depth < step.Depth && (difference?.Depth ?? 0) < step.Depth);
        Assert.Equal(step.IsSquare, ReferenceEquals(left, right));
        Assert.Equal(step.Difference >= 1, difference is not null);
        double subtracted = difference?.Value ?? (step.Difference == 0 ? 1 : 0);
        double value = basis == PolynomialBasis.Chebyshev ? 2 * left.Value * right.Value - subtracted : left.Value * right.Value;
        (Products, Relinearizations) = (Products + 1, Relinearizations + 1);
        return Rescale(value, step.Depth, left.Scale * right.Scale / primes[step.Depth - 1]);
    }

    public double QuotientScale(int depth, double scale, Tracked power) => scale * primes[depth - 1] / power.Scale;

    public Tracked Combine(
        int depth,
        double scale,
        double constant,
        IReadOnlyList<(double Coefficient, Tracked Power)> terms,
        IReadOnlyList<(Tracked Quotient, Tracked Power)> products)
    {
        Assert.True(terms.Count + products.Count > 0);
        double sum = constant;
        foreach ((double coefficient, Tracked power) in terms)
        {
            Assert.True(power.Depth < depth && coefficient != 0);
            sum += coefficient * power.Value;
        }

        foreach ((Tracked quotient, Tracked power) in products)
        {
            Assert.True(power.Depth < depth);
            Assert.Equal(depth - 1, quotient.Depth);
            Assert.Equal(1, quotient.Scale * power.Scale / (scale * primes[depth - 1]), 1e-13);
            sum += quotient.Value * power.Value;
        }

        Products += products.Count;
        ConstantProducts += terms.Count;
        Relinearizations += products.Count > 0 ? 1 : 0;
        return Rescale(sum, depth, scale);
    }

    public void Release(Tracked value) => Assert.True(_alive.Remove(value), "Released twice, or never made.");

    private Tracked Rescale(double value, int depth, double scale)
    {
        Rescalings++;
        Tracked result = new(value, depth, scale);
        _alive.Add(result);
        return result;
    }
}
