using Heann.Core.Noise;
using Heann.Core.Parameters;
using Heann.Core.Rings;

namespace Heann.Core.Ciphertexts;

/// <summary>An encoded message: a polynomial in Evaluation form, its level and its scale.</summary>
/// <remarks>
/// A message that repeats with period F needs only M = 2F of the N values (a real constant one), and is stored so:
/// see <see cref="RingBackend"/> on compact operands. As the destination of an encoding it takes on level, scale and number of values of
/// the result, in the storage that it has where that is large enough. Owns its polynomial.
/// Thread-safe until it is disposed or becomes a destination.
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
    public Scale Scale { get; internal set; }

    /// <summary>Rounding error of the encoding, and the magnitude of the message.</summary>
    public NoiseEstimate Noise { get; internal set; }

    /// <summary>M, the number of values stored per prime; N for a message without a period.</summary>
    public int CompactDegree => Polynomial.RingDegree;

    /// <summary>The parameters it was encoded for.</summary>
    public CkksParameters Parameters { get; }

    /// <summary>Bytes of the residues.</summary>
    public long ByteCount => Polynomial.ByteCount;

    internal RnsPolynomial Polynomial { get; private set; }

    /// <inheritdoc/>
    public void Dispose() => Polynomial.Dispose();

    // Makes room for a polynomial over a basis; the contents are undefined afterwards.
    internal void Resize(RnsBasis basis)
    {
        if (!Polynomial.TryReshape(basis, Domain.Evaluation))
        {
            RnsPolynomial grown = new(Polynomial.Backend, basis, Domain.Evaluation);
            Polynomial.Dispose();
            Polynomial = grown;
        }
    }
}
