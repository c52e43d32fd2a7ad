namespace Heann.Core.Circuits;

/// <summary>What the coefficients c_0 … c_d of a polynomial multiply.</summary>
public enum PolynomialBasis
{
    /// <summary>p(x) = Σ c_k x^k.</summary>
    Power,

    /// <summary>p(x) = Σ c_k T_k(t) with T_k(cos θ) = cos kθ and t = (2x − a − b)/(b − a) the affine image of [a, b] in [−1, 1].</summary>
    Chebyshev,
}
