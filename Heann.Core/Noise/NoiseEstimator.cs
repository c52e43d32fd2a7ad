using Heann.Core.Parameters;

namespace Heann.Core.Noise;

/// <summary>Predicts the error after every operation. Coefficients of errors are taken as independent, with the variances below.</summary>
/// <remarks>
/// h = 2N/3 is the expected number of non-zero coefficients of the secret. In the canonical embedding an error of coefficient variance σ²
/// has slot variance N·σ², so a product with a message of slot magnitude M at scale Δ multiplies σ by Δ·M.
/// Sources: Costache, Curtis, Hales, Murphy, Ogilvie, Player, "On the precision loss in approximate homomorphic encryption", eprint
/// 2022/162 (average case); for key switching: Han, Ki, eprint 2019/688. Immutable and thread-safe.
/// </remarks>
public sealed class NoiseEstimator(CkksParameters parameters)
{
    private const double RoundingVariance = 1.0 / 12;

    private double RingDegree => parameters.RingDegree;

    // ‖s‖² of a dense uniform ternary secret, and ‖s²‖²: a coefficient of s² sums N/2 pairs ±2·s_i·s_j (i ≠ j, each pair occurs twice), of
    // variance 4·(2/3)² each; all N coefficients together 2·N²·4/9. In slots: s(ζ) is a complex Gaussian, and E|s(ζ)|⁴ = 2·(E|s(ζ)|²)².
    private double SecretNorm => RingDegree * 2 / 3;

    private double SquaredSecretNorm => RingDegree * RingDegree * 8 / 9;

    /// <summary>Fresh encryption with the secret key: σ = 3.2, and the rounding of the encoding.</summary>
    public NoiseEstimate FreshSecretKey(double magnitude) =>
        new(Math.Sqrt((CkksParameters.ErrorSigma * CkksParameters.ErrorSigma) + RoundingVariance), magnitude);

    /// <summary>Fresh encryption with the public key modulo Q·p_0, divided by p_0: (v·e + e_0 + e_1·s)/p_0, the rounding of two parts, the encoding.</summary>
    public NoiseEstimate FreshPublicKey(double magnitude)
    {
        double sigma = CkksParameters.ErrorSigma / parameters.BasisP[0].Value;
        double sampled = sigma * sigma * ((2 * SecretNorm) + 1);
        return new(Math.Sqrt(sampled + DivisionVariance(2) + RoundingVariance), magnitude);
    }

    /// <summary>Sum or difference: independent errors, σ² = σ_x² + σ_y²; for x + x the errors are the same and σ = 2·σ_x.</summary>
    /// <param name="x">First operand.</param>
    /// <param name="y">Second operand.</param>
    /// <param name="isSame">Whether both are one ciphertext.</param>
    /// <param name="scale">Δ of the sum.</param>
    /// <param name="scaleDifference">|Δ_x − Δ_y| / Δ_x: the recorded scale is x's, the difference is error.</param>
    public NoiseEstimate Add(NoiseEstimate x, NoiseEstimate y, bool isSame, Scale scale, double scaleDifference)
    {
        if (isSame)
        {
            return new(2 * x.Sigma, 2 * x.Magnitude);
        }

        double mismatch = scale.Value * scaleDifference * y.Magnitude / Math.Sqrt(RingDegree);
        return new(Math.Sqrt(Square(x.Sigma) + Square(y.Sigma) + Square(mismatch)), Math.Sqrt(Square(x.Magnitude) + Square(y.Magnitude)));
    }

    /// <summary>Error of an encoding whose M | N coefficients are rounded: variance M/N/12 a coefficient, on average.</summary>
    public NoiseEstimate Plaintext(double magnitude, int compactDegree) =>
        new(Math.Sqrt(RoundingVariance * compactDegree / RingDegree), magnitude);

    /// <summary>Product: σ² = (Δ_x·M_x·σ_y)² + (Δ_y·M_y·σ_x)² + N·σ_x²·σ_y².</summary>
    public NoiseEstimate Multiply(NoiseEstimate x, Scale xScale, NoiseEstimate y, Scale yScale, bool isSame = false)
    {
        double left = xScale.Value * x.Magnitude * y.Sigma;
        double right = yScale.Value * y.Magnitude * x.Sigma;
        double linear = isSame ? Square(left + right) : Square(left) + Square(right);
        return new(Math.Sqrt(linear + (RingDegree * Square(x.Sigma * y.Sigma))), x.Magnitude * y.Magnitude);
    }

    /// <summary>Product with an integer w: everything grows by |w|.</summary>
    public NoiseEstimate MultiplyInteger(NoiseEstimate x, double weight) => new(x.Sigma * Math.Abs(weight), x.Magnitude * Math.Abs(weight));

    /// <summary>Rescale by q: σ² = (σ/q)² + (1 + ‖s‖² [+ ‖s²‖²])/12.</summary>
    public NoiseEstimate Rescale(NoiseEstimate x, double prime, int partCount) =>
        x with { Sigma = Math.Sqrt(Square(x.Sigma / prime) + DivisionVariance(partCount)) };

    /// <summary>Sum of <paramref name="count"/> key switches that share one division by P (hoisting), at a level.</summary>
    public NoiseEstimate KeySwitch(NoiseEstimate x, KeySwitchLayout layout, int level, int count = 1) =>
        x with { Sigma = Math.Sqrt(Square(x.Sigma) + (count * InnerProductVariance(layout, level)) + DivisionVariance(2)) };

    // Σ_d digit_d·e_d: N terms of variance D_d²/12·σ², divided by P.
    private double InnerProductVariance(KeySwitchLayout layout, int level)
    {
        double log2P = layout.BasisP.Log2;
        double variance = 0;
        foreach (Range digit in layout.CutAt(level))
        {
            double log2Digit = 0;
            for (int i = digit.Start.Value; i < digit.End.Value; i++)
            {
                log2Digit += parameters.BasisQ[i].Log2;
            }

            variance += RingDegree / 12 * Square(CkksParameters.ErrorSigma * Math.Pow(2, log2Digit - log2P));
        }

        return variance;
    }

    private double DivisionVariance(int partCount) =>
        RoundingVariance * (1 + SecretNorm + (partCount > 2 ? SquaredSecretNorm : 0));

    private static double Square(double x) => x * x;
}
