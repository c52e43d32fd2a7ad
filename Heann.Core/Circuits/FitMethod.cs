namespace Heann.Core.Circuits;

/// <summary>Where the coefficients of an <see cref="ApproximationPolynomial"/> come from.</summary>
public enum FitMethod
{
    /// <summary>The caller gave them.</summary>
    Given,

    /// <summary>Truncated Chebyshev series (interpolation in many Chebyshev nodes): near-best. Used where the Remez exchange did
    /// not converge, usually because the error had reached rounding.</summary>
    ChebyshevSeries,

    /// <summary>Remez exchange, converged: the maximal error is within 0.1 % of the least any polynomial of this degree can have.</summary>
    Minimax,
}
