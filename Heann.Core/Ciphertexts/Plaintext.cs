using Heann.Core.Noise;
using Heann.Core.Parameters;
using Heann.Core.Rings;

namespace Heann.Core.Ciphertexts;

/// <summary>An encoded message: a polynomial in Evaluation form, its level and its scale.</summary>
/// <remarks>
/// A message that repeats with period F needs only M = 2F of the N values (a real constant one), and is stored so:
/// see <see cref="RingBackend"/> on compact operands. Owns its polynomial.
/// Never written once it is made, so thread-safe until it is disposed.
/// </remarks>
public sealed class Plaintext : IDisposable
{
    internal Plaintext(RnsPolynomial polynomial, CkksParameters parameters, Scale scale, NoiseEstimate noise)
    {
        Polynomial = polynomial;
        Parameters = parameters;
        Scale = scale;
        Noise = noise;
    }

    /// <summary>ℓ: the primes are q_0 … q_ℓ.</summary>
    public int Level => Polynomial.LimbCount - 1;

    /// <summary>Δ.</summary>
    public Scale Scale { get; }

    /// <summary>Rounding error of the encoding, and the magnitude of the message.</summary>
    public NoiseEstimate Noise { get; }

    /// <summary>M, the number of values stored per prime; N for a message without a period.</summary>
    public int CompactDegree => Polynomial.RingDegree;

    /// <summary>The parameters it was encoded for.</summary>
    public CkksParameters Parameters { get; }

    /// <summary>Bytes of the residues.</summary>
    public long ByteCount => Polynomial.ByteCount;

    internal RnsPolynomial Polynomial { get; }

    /// <inheritdoc/>
    public void Dispose() => Polynomial.Dispose();
}
