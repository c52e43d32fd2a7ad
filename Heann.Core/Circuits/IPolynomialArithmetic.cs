namespace Heann.Core.Circuits;

/// <summary>What a <see cref="PolynomialPlan"/> needs of the values it is evaluated on: ciphertexts, doubles, or a recorder of
/// levels and scales.</summary>
/// <remarks>Used from one thread at a time; an implementation need not be thread-safe.</remarks>
/// <typeparam name="TValue">A value at some level and scale.</typeparam>
/// <typeparam name="TScale">What is asked of a result: for ciphertexts its scale; for doubles anything.</typeparam>
public interface IPolynomialArithmetic<TValue, TScale>
{
    /// <summary>Makes a power: x^a·x^b, or 2·T_a·T_b − T_|a−b|, then one rescaling, to depth <see cref="PowerStep.Depth"/>.</summary>
    /// <param name="step">Which power, and of what.</param>
    /// <param name="left">x^a or T_a, at depth at most step.Depth − 1. Borrowed.</param>
    /// <param name="right">x^b or T_b, the same object as <paramref name="left"/> for a square. Borrowed.</param>
    /// <param name="difference">T_|a−b|, at depth at most step.Depth − 1, if step.Difference ≥ 1; default otherwise (0: subtract
    /// the constant 1; −1: nothing). Borrowed.</param>
    /// <returns>The power, at whatever scale the product has after rescaling; owned by the caller.</returns>
    TValue MakePower(PowerStep step, TValue left, TValue right, TValue? difference);

    /// <summary>The scale a quotient must have so that its product with <paramref name="power"/>, rescaled, has the scale asked of
    /// the node.</summary>
    /// <param name="depth">D of the node: quotient and power meet at depth D − 1 and the rescaling divides by the prime q of that
    /// level.</param>
    /// <param name="scale">Δ, asked of the node's result.</param>
    /// <param name="power">x^g or T_g, of scale s_g.</param>
    /// <returns>Δ·q/s_g.</returns>
    TScale QuotientScale(int depth, TScale scale, TValue power);

    /// <summary>Computes a node: c_0 + Σ c_k·T_k + Σ q_j·T_(g_j) at depth D − 1, one relinearisation if there are products, one
    /// rescaling.</summary>
    /// <param name="depth">D; every operand is at depth at most D − 1.</param>
    /// <param name="scale">Δ, asked of the result. The constant enters at scale Δ·q, a coefficient c_k at Δ·q/s_k: all terms meet
    /// at exactly Δ·q.</param>
    /// <param name="constant">c_0, may be 0.</param>
    /// <param name="terms">c_k ≠ 0 with x^k or T_k. Borrowed. Terms and products are never both empty.</param>
    /// <param name="products">q_j, at the scale <see cref="QuotientScale"/> gave, with x^g or T_g. Borrowed.</param>
    /// <returns>The sum at depth D and scale Δ; owned by the caller.</returns>
    TValue Combine(
        int depth,
        TScale scale,
        double constant,
        IReadOnlyList<(double Coefficient, TValue Power)> terms,
        IReadOnlyList<(TValue Quotient, TValue Power)> products);

    /// <summary>Gives back a value that <see cref="MakePower"/> or <see cref="Combine"/> returned and that is not needed any
    /// more.</summary>
    /// <param name="value">Not used again.</param>
    void Release(TValue value);
}
