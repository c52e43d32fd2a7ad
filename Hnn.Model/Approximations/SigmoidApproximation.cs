using Heann.Core.Circuits;

namespace Hnn.Model.Approximations;

/// <summary>σ(x) = 1/(1 + e^−x) on a symmetric interval as ½ plus an odd polynomial.</summary>
/// <remarks>
/// Errors and levels: degree 15 on [−8, 8] 8.8e-4 in 4 levels; degree 15 on [−4, 4] 3.9e-6; degree 7 on [−4, 4] 1.3e-3 in 3 levels.
/// The interval belongs to the polynomial: outside it grows as x^d, so what leaves it must be reported (<see cref="ReleasedValue"/>).
/// </remarks>
public static class SigmoidApproximation
{
    /// <summary>σ(x), stable for every x: 1/(1 + e^−x) for x ≥ 0, e^x/(1 + e^x) below.</summary>
    /// <returns>In [0, 1], to about 2^−53 relative; σ(x) + σ(−x) = 1 to rounding.</returns>
    public static double Sigmoid(double x)
    {
        double small = Math.Exp(-Math.Abs(x));
        return (x >= 0 ? 1 : small) / (1 + small);
    }

    /// <summary>The best ½ + odd polynomial for σ on [−w, w], in the Chebyshev basis.</summary>
    /// <param name="degree">d, 1 to 1023; an even d gives the polynomial of degree d − 1.</param>
    /// <param name="halfWidth">w, positive and finite; beyond 8 the error falls slowly with the degree.</param>
    /// <returns>c_0 = ½, other even coefficients exactly zero, and the measured maximal error.</returns>
    /// <exception cref="ArgumentOutOfRangeException">d or w is out of range.</exception>
    /// <remarks>Under encryption the variable is x/w: fold 1/w (and the temperature) into the linear map before it.</remarks>
    public static ApproximationPolynomial Fit(int degree, double halfWidth)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(degree, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(degree, ApproximationPolynomial.MaxDegree);
        if (!double.IsFinite(halfWidth) || halfWidth <= 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(halfWidth), halfWidth, $"The interval [-w, w] needs a positive finite w; got {halfWidth}.");
        }

        // ½ + ½ tanh(x/2) is σ written so that oddness about ½ holds to the bit.
        return ApproximationPolynomial.FitChebyshev(x => 0.5 + 0.5 * Math.Tanh(x / 2), -halfWidth, halfWidth, degree);
    }
}
