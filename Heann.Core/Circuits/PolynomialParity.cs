namespace Heann.Core.Circuits;

/// <summary>Which coefficients of a polynomial are exactly zero: the symmetry p(−t) = ±p(t) in the variable of its basis.</summary>
public enum PolynomialParity
{
    /// <summary>Neither: coefficients of even and of odd index occur.</summary>
    None,

    /// <summary>Every coefficient of odd index is zero: p(−t) = p(t). The zero polynomial counts as even.</summary>
    Even,

    /// <summary>Every coefficient of even index is zero: p(−t) = −p(t).</summary>
    Odd,
}
