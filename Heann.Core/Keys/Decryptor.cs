using System.Numerics;
using Heann.Core.Ciphertexts;
using Heann.Core.Encoders;
using Heann.Core.Parameters;
using Heann.Core.Rings;

namespace Heann.Core.Keys;

/// <summary>Dec of arXiv 2502.16176: ciphertext → values, for the owner of the key.</summary>
/// <remarks>
/// <b>Security:</b> decrypted CKKS values contain the error of the ciphertext, and who sees enough of them recovers the key (Li, Micciancio,
/// eprint 2020/1533). Keep them, or release a decision only. Thread-safe.
/// </remarks>
public sealed class Decryptor
{
    private readonly CkksParameters _parameters;
    private readonly RingBackend _backend;
    private readonly SlotEncoder _encoder;

    /// <summary>Creates a decryptor.</summary>
    public Decryptor(CkksParameters parameters, RingBackend backend, SlotEncoder encoder)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(encoder);
        _parameters = parameters;
        _backend = backend;
        _encoder = encoder;
    }

    /// <summary>The N/2 complex slots: decode(c_0 + c_1·s [+ c_2·s²]).</summary>
    /// <exception cref="ForeignOperandException">The ciphertext belongs to another key or other parameters.</exception>
    public Complex[] Decrypt(SecretKey secret, Ciphertext ciphertext)
    {
        using RnsPolynomial message = DecryptPolynomial(secret, ciphertext);
        _backend.InverseNtt([message.Block]);
        message.Domain = Domain.Coefficient;
        return _encoder.DecodeCoefficients(message, ciphertext.Scale);
    }

    /// <summary>c_0 + c_1·s [+ c_2·s²] in Evaluation form: decryption without decoding. Its storage is wiped on dispose.</summary>
    internal RnsPolynomial DecryptPolynomial(SecretKey secret, Ciphertext ciphertext)
    {
        ArgumentNullException.ThrowIfNull(secret);
        ArgumentNullException.ThrowIfNull(ciphertext);
        foreach (CkksParameters other in (CkksParameters[])[secret.Parameters, ciphertext.Parameters])
        {
            if (other.Id != _parameters.Id)
            {
                Throw.ForeignParameters(other.Id, _parameters.Id);
            }
        }

        if (secret.Id != ciphertext.KeyId)
        {
            Throw.ForeignKey(secret.Id, ciphertext.KeyId);
        }

        RnsPolynomial message = new(_backend, _parameters.BasisAt(ciphertext.Level), Domain.Evaluation) { IsSecret = true };
        LimbBlock s = secret.AtLevel(ciphertext.Level);

        // Horner: ((c_2·s) + c_1)·s + c_0.
        _backend.Copy([ciphertext.Part(ciphertext.PartCount - 1)], [message.Block]);
        for (int part = ciphertext.PartCount - 2; part >= 0; part--)
        {
            _backend.Multiply([message.Block], [s], [message.Block]);
            _backend.Add([message.Block], [ciphertext.Part(part)], [message.Block]);
        }

        return message;
    }
}
