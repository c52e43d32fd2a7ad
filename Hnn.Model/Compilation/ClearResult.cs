using Hnn.Model.Approximations;

namespace Hnn.Model.Compilation;

/// <summary>A sentence evaluated in the clear.</summary>
/// <param name="Released">What is released, with the exact sigmoid or softmax.</param>
/// <param name="TwinReleased">What is released, with the polynomials that ciphertexts see.</param>
/// <param name="Arguments">What the polynomials are taken of: see <see cref="DifferentiableSoftArgmax.Arguments"/>.</param>
/// <param name="IsInRange">Whether all of them lie in the polynomial's interval.</param>
public sealed record ClearResult(ReleasedValue Released, ReleasedValue TwinReleased, IReadOnlyList<double> Arguments, bool IsInRange)
{
    /// <summary>y with the exact functions.</summary>
    public double SoftArgmax => Released.Value;

    /// <summary>y with the polynomials.</summary>
    public double TwinSoftArgmax => TwinReleased.Value;

    /// <summary>The argument of the largest absolute value; for two classes the only one, (logit_1 − logit_0)/T.</summary>
    public double Argument => Arguments.MaxBy(Math.Abs);
}
