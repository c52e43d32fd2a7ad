using Hnn.Model.Approximations;

namespace Hnn.Model.Compilation;

/// <summary>A sentence evaluated in the clear.</summary>
/// <param name="Released">What is released, with the exact sigmoid or softmax.</param>
/// <param name="TwinReleased">What is released, with the polynomials that ciphertexts see.</param>
/// <param name="Arguments">What the polynomials are taken of: see <see cref="DifferentiableSoftArgmax.Arguments"/>.</param>
/// <param name="IsInRange">Whether all of them lie in the polynomial's interval.</param>
public sealed record ClearResult(ReleasedValue Released, ReleasedValue TwinReleased, IReadOnlyList<double> Arguments, bool IsInRange)
{
    /// <summary>A sentence of a network of two classes.</summary>
    /// <param name="softArgmax">y with the exact sigmoid.</param>
    /// <param name="twinSoftArgmax">y with the polynomial.</param>
    /// <param name="argument">(logit_1 − logit_0)/T, what the sigmoid is taken of.</param>
    /// <param name="isInRange">Whether it lies in the polynomial's interval.</param>
    public ClearResult(double softArgmax, double twinSoftArgmax, double argument, bool isInRange)
        : this(new ReleasedValue(softArgmax), new ReleasedValue(twinSoftArgmax), [argument], isInRange)
    {
    }

    /// <summary>y with the exact functions.</summary>
    public double SoftArgmax => Released.Value;

    /// <summary>y with the polynomials.</summary>
    public double TwinSoftArgmax => TwinReleased.Value;

    /// <summary>The argument of the largest absolute value; for two classes the only one, (logit_1 − logit_0)/T.</summary>
    public double Argument => Arguments.MaxBy(Math.Abs);
}
