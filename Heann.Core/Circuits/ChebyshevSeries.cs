namespace Heann.Core.Circuits;

/// <summary>Arithmetic of Σ c_k T_k(t) on [−1, 1], where T_k(cos θ) = cos kθ and T_m T_n = (T_(m+n) + T_|m−n|)/2.</summary>
/// <remarks>Source: Trefethen, "Approximation Theory and Approximation Practice", SIAM 2013, chapters 3 and 4; Clenshaw, MTAC 9
/// (1955) 118. Thread-safe.</remarks>
public static class ChebyshevSeries
{
    /// <summary>Σ c_k T_k(t) by Clenshaw's recurrence b_k = c_k + 2t·b_(k+1) − b_(k+2).</summary>
    /// <param name="coefficients">c_0 … c_d; none means zero.</param>
    /// <param name="t">Any real number; outside [−1, 1] the terms grow as (2|t|)^k.</param>
    /// <returns>The sum; for |t| ≤ 1 its rounding error is a small multiple of d·Σ|c_k|·2^−53. An odd or even series is odd or even
    /// to the bit.</returns>
    public static double Evaluate(ReadOnlySpan<double> coefficients, double t)
    {
        double next = 0;
        double afterNext = 0;
        for (int k = coefficients.Length - 1; k > 0; k--)
        {
            (next, afterNext) = (coefficients[k] + 2 * t * next - afterNext, next);
        }

        return coefficients.IsEmpty ? 0 : coefficients[0] + t * next - afterNext;
    }

    /// <summary>The first coefficients of the interpolant of f in n Chebyshev nodes t_i = cos(π(i + ½)/n): c_k = (2 − [k = 0])/n ·
    /// Σ_i f(t_i) cos(πk(i + ½)/n).</summary>
    /// <param name="function">f on [−1, 1].</param>
    /// <param name="degree">d ≥ 0: c_0 … c_d are returned.</param>
    /// <param name="nodeCount">n ≥ d + 1. With n = d + 1 it interpolates; the more nodes, the closer to the truncated Chebyshev
    /// series.</param>
    /// <returns>d + 1 coefficients.</returns>
    /// <exception cref="ArgumentOutOfRangeException">d is negative or n ≤ d.</exception>
    /// <exception cref="ArgumentException">f is not finite in some node.</exception>
    public static double[] Interpolate(Func<double, double> function, int degree, int nodeCount)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentOutOfRangeException.ThrowIfNegative(degree);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(nodeCount, degree);
        double[] values = new double[nodeCount];
        for (int i = 0; i < nodeCount; i++)
        {
            double t = Math.Cos(Math.PI * (i + 0.5) / nodeCount);
            values[i] = function(t);
            if (!double.IsFinite(values[i]))
            {
                throw new ArgumentException(
                    $"The function is {values[i]} at the node t = {t:R}; it must be finite on the whole interval.", nameof(function));
            }
        }

        double[] coefficients = new double[degree + 1];
        for (int k = 0; k <= degree; k++)
        {
            double sum = 0;
            for (int i = 0; i < nodeCount; i++)
            {
                // k(2i+1) reduced modulo the period 4n keeps the cosine's argument small and so its error at 2^-53.
                long turn = (long)k * (2 * i + 1) % (4L * nodeCount);
                sum += values[i] * Math.Cos(Math.PI * turn / (2.0 * nodeCount));
            }

            coefficients[k] = sum * (k == 0 ? 1 : 2) / nodeCount;
        }

        return coefficients;
    }

    /// <summary>Division with remainder by T_g: p = q·T_g + r with deg q = deg p − g and deg r &lt; g.</summary>
    /// <param name="coefficients">p, at least one coefficient.</param>
    /// <param name="divisor">g ≥ 1.</param>
    /// <returns>q (empty when the length of p is at most g) and r (min(g, length of p) coefficients). An exact zero stays one:
    /// parity carries over.</returns>
    /// <exception cref="ArgumentOutOfRangeException">g &lt; 1.</exception>
    /// <remarks>From the top down c_k T_k = 2c_k T_(k−g) T_g − c_k T_|k−2g| for k &gt; g; |k − 2g| &lt; k, so the correction lands
    /// on a coefficient not yet visited.</remarks>
    public static (double[] Quotient, double[] Remainder) Divide(ReadOnlySpan<double> coefficients, int divisor)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(divisor, 1);
        double[] rest = coefficients.ToArray();
        double[] quotient = new double[Math.Max(0, rest.Length - divisor)];
        for (int k = rest.Length - 1; k >= divisor; k--)
        {
            if (k == divisor)
            {
                quotient[0] = rest[k];
                continue;
            }

            quotient[k - divisor] = 2 * rest[k];
            rest[Math.Abs(k - 2 * divisor)] -= rest[k];
        }

        return (quotient, rest[..Math.Min(divisor, rest.Length)]);
    }
}
