using System.Security.Cryptography;
using Heann.Core.Ciphertexts;
using Heann.Core.Noise;
using Heann.Core.Parameters;
using Heann.Core.Rings;
using Heann.Core.Sampling;

namespace Heann.Core.Keys;

/// <summary>Enc of arXiv 2502.16176: plaintext → ciphertext, with the secret key (seeded, smaller, less noise) or the public key.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class Encryptor
{
    private readonly CkksParameters _parameters;
    private readonly RingBackend _backend;
    private readonly RlweSampler _sampler;
    private readonly NoiseEstimator _noise;

    /// <summary>Creates an encryptor.</summary>
    public Encryptor(CkksParameters parameters, RingBackend backend)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(backend);
        _parameters = parameters;
        _backend = backend;
        _sampler = new(backend);
        _noise = new(parameters);
    }

    /// <summary>Encrypts with the secret key: c_1 = a uniform from a seed, c_0 = −a·s − e + m. Level and scale of the plaintext.</summary>
    /// <param name="secret">The key.</param>
    /// <param name="plaintext">The message; may be compact.</param>
    /// <param name="magnitude">Declared root mean square of the slots: public, travels with the ciphertext, serves the noise estimate. Default 1.</param>
    /// <exception cref="ForeignOperandException">Key and plaintext belong to different parameters.</exception>
    public Ciphertext Encrypt(SecretKey secret, Plaintext plaintext, double magnitude = 1)
    {
        ArgumentNullException.ThrowIfNull(secret);
        RequireOwn(secret.Parameters, plaintext, magnitude);
        RnsBasis basis = _parameters.BasisAt(plaintext.Level);
        byte[] seed = RandomNumberGenerator.GetBytes(SeededStream.SeedByteCount);
        using RnsPolynomial a = _sampler.Uniform(basis, seed, 0);
        using SeededStream entropy = SeededStream.FromEntropy();
        using RnsPolynomial phase = _sampler.Gaussian(basis, entropy);

        // c_0 = m − (a·s + e), −e being as Gaussian as e. a·s, from which s follows, is never outside storage that is wiped.
        _backend.MultiplyAdd([a.Block], [secret.AtLevel(plaintext.Level)], [phase.Block]);
        Ciphertext result = new(_backend, _parameters, plaintext.Level, 2);
        LimbBlock c0 = result.Part(0);
        _backend.Negate([phase.Block], [c0]);
        _backend.Add([c0], [plaintext.Polynomial.Block], [c0]);
        _backend.Copy([a.Block], [result.Part(1)]);
        Label(result, plaintext.Scale, secret.Id, _noise.FreshSecretKey(magnitude));
        result.Seed = seed;
        return result;
    }

    /// <summary>Encrypts with the public key modulo Q_ℓ·p_0 and divides by p_0, which removes most of the fresh noise.</summary>
    /// <param name="publicKey">The key.</param>
    /// <param name="plaintext">The message; may be compact.</param>
    /// <param name="magnitude">Declared root mean square of the slots. Default 1.</param>
    /// <exception cref="ForeignOperandException">Key and plaintext belong to different parameters.</exception>
    public Ciphertext Encrypt(PublicKey publicKey, Plaintext plaintext, double magnitude = 1)
    {
        ArgumentNullException.ThrowIfNull(publicKey);
        RequireOwn(publicKey.Parameters, plaintext, magnitude);
        RnsBasis kept = _parameters.BasisAt(plaintext.Level);
        RnsBasis dropped = _parameters.BasisP.Take(1);
        RnsBasis basis = kept.Concat(dropped);
        using SeededStream entropy = SeededStream.FromEntropy();
        using RnsPolynomial v = _sampler.Ternary(basis, entropy);
        Ciphertext result = new(_backend, _parameters, plaintext.Level, 2);
        LimbDivision division = new(kept, dropped);
        RnsPolynomial[] halves = [publicKey.B, publicKey.A];
        for (int i = 0; i < halves.Length; i++)
        {
            // v·key + e, over q_0 … q_ℓ and p_0, which stand apart in the key when ℓ < L.
            using RnsPolynomial sum = _sampler.Gaussian(basis, entropy);
            _backend.MultiplyAdd([v.Prefix(kept)], [halves[i].Prefix(kept)], [sum.Prefix(kept)]);
            LimbBlock keyTail = halves[i].Slice(_parameters.BasisQ.Count, dropped);
            _backend.MultiplyAdd([v.Slice(kept.Count, dropped)], [keyTail], [sum.Slice(kept.Count, dropped)]);
            _backend.Divide(division, [sum.Block], [result.Part(i)]);
        }

        _backend.Add([result.Part(0)], [plaintext.Polynomial.Block], [result.Part(0)]);
        Label(result, plaintext.Scale, publicKey.KeyId, _noise.FreshPublicKey(magnitude));
        return result;
    }

    private static void Label(Ciphertext result, Scale scale, KeyId keyId, NoiseEstimate noise)
    {
        result.Scale = scale;
        result.KeyId = keyId;
        result.Noise = noise;
    }

    private void RequireOwn(CkksParameters keyParameters, Plaintext plaintext, double magnitude)
    {
        ArgumentNullException.ThrowIfNull(plaintext);
        if (!(magnitude > 0) || !double.IsFinite(magnitude))
        {
            throw new ArgumentOutOfRangeException(nameof(magnitude), magnitude, $"A magnitude is a positive finite number; got {magnitude}.");
        }

        foreach (CkksParameters other in (CkksParameters[])[keyParameters, plaintext.Parameters])
        {
            if (other.Id != _parameters.Id)
            {
                Throw.ForeignParameters(other.Id, _parameters.Id);
            }
        }
    }
}
