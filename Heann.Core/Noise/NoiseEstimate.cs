using System.Globalization;

namespace Heann.Core.Noise;

/// <summary>What is known of the error of a ciphertext (the paper's ν) without its key: a prediction, carried along by every operation.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
/// <param name="Sigma">Predicted standard deviation of a coefficient of the error, in units of the scaled integer message.</param>
/// <param name="Magnitude">Declared root mean square of the slots of the message. Public: declared at encryption, never computed from it.</param>
public readonly record struct NoiseEstimate(double Sigma, double Magnitude)
{
    /// <summary>Predicted standard deviation of the error of one real slot value: σ·√(N/2) / Δ.</summary>
    /// <remarks>A slot is m(ζ): the sum of N independent coefficient errors on the unit circle, half of whose variance is real. Rounding
    /// errors are multiplied by s(ζ), whose square is exponentially distributed, so their tail is that of Laplace's distribution: about
    /// n·exp(−√2·t) of n values are off by more than t standard deviations.</remarks>
    public double SlotError(int ringDegree, Scale scale) => Sigma * Math.Sqrt(ringDegree / 2.0) / scale.Value;

    /// <summary>The paper's budget: bits between the message with its error and the modulus. Below zero the ciphertext has wrapped.</summary>
    /// <param name="ringDegree">N.</param>
    /// <param name="scale">Δ.</param>
    /// <param name="log2Modulus">log2 Q_ℓ.</param>
    public double BudgetBits(int ringDegree, Scale scale, double log2Modulus)
    {
        // A coefficient of the message has variance Δ²·M²/N; six standard deviations of message and error must stay below Q/2.
        double deviation = Math.Sqrt((scale.Value * Magnitude * scale.Value * Magnitude / ringDegree) + (Sigma * Sigma));
        return log2Modulus - 1 - Math.Log2(6 * deviation);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"σ = 2^{Math.Log2(Sigma):F1}, magnitude {Magnitude:G3}");
}
