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
        Complex[] slots = new Complex[_parameters.SlotCount];
        DecryptInto(secret, ciphertext, slots);
        return slots;
    }

    /// <summary>destination ← the N/2 complex slots. Allocates nothing; what it works on is pooled, and wiped before it goes back.</summary>
    /// <param name="secret">The key.</param>
    /// <param name="ciphertext">Two or three parts.</param>
    /// <param name="destination">N/2 values.</param>
    /// <exception cref="ForeignOperandException">The ciphertext belongs to another key or other parameters.</exception>
    /// <exception cref="ArgumentException">The destination has another length.</exception>
    public void DecryptInto(SecretKey secret, Ciphertext ciphertext, Span<Complex> destination)
    {
        RequireOwn(secret, ciphertext);
        _encoder.RequireSlots(destination);
        using ScratchPool.Scratch message = _backend.Scratch.Rent(_parameters.BasisAt(ciphertext.Level), isSecret: true);
        Decrypt(secret, ciphertext, message.Block);
        _backend.InverseNtt([message.Block]);
        _encoder.DecodeCoefficients(message.Block, ciphertext.Scale, destination);
    }

    /// <summary>c_0 + c_1·s [+ c_2·s²] in Evaluation form: decryption without decoding. Its storage is wiped on dispose.</summary>
    internal RnsPolynomial DecryptPolynomial(SecretKey secret, Ciphertext ciphertext)
    {
        RequireOwn(secret, ciphertext);
        RnsPolynomial message = new(_backend, _parameters.BasisAt(ciphertext.Level), Domain.Evaluation) { IsSecret = true };
        Decrypt(secret, ciphertext, message.Block);
        return message;
    }

    // message ← c_0 + c_1·s [+ c_2·s²], Evaluation form. Horner: ((c_2·s) + c_1)·s + c_0.
    private void Decrypt(SecretKey secret, Ciphertext ciphertext, LimbBlock message)
    {
        LimbBlock s = secret.AtLevel(ciphertext.Level);
        _backend.Copy([ciphertext.Part(ciphertext.PartCount - 1)], [message]);
        for (int part = ciphertext.PartCount - 2; part >= 0; part--)
        {
            _backend.Multiply([message], [s], [message]);
            _backend.Add([message], [ciphertext.Part(part)], [message]);
        }
    }

    private void RequireOwn(SecretKey secret, Ciphertext ciphertext)
    {
        ArgumentNullException.ThrowIfNull(secret);
        ArgumentNullException.ThrowIfNull(ciphertext);
        foreach (CkksParameters other in (ReadOnlySpan<CkksParameters>)[secret.Parameters, ciphertext.Parameters])
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
    }
}
