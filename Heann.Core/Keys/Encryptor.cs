using System.Collections.Concurrent;
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
    private readonly ConcurrentDictionary<int, (RnsBasis Basis, LimbDivision Division)> _extended = new();

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
        Ciphertext result = new(_backend, _parameters, plaintext.Level, 2);
        try
        {
            EncryptInto(secret, plaintext, result, magnitude);
            return result;
        }
        catch
        {
            result.Dispose();
            throw;
        }
    }

    /// <summary>destination ← what <see cref="Encrypt(SecretKey, Plaintext, double)"/> gives.</summary>
    /// <remarks>
    /// On a backend of one thread it allocates the AES objects of two streams and the seed of c_1, 1.3 kB that do not
    /// depend on N or the level; everything else is pooled, and wiped before it goes back where it is secret.
    /// </remarks>
    /// <param name="secret">The key.</param>
    /// <param name="plaintext">The message; may be compact.</param>
    /// <param name="destination">Any ciphertext of the parameters, of whatever level, parts and key: it is written over.</param>
    /// <param name="magnitude">Declared root mean square of the slots. Default 1.</param>
    /// <exception cref="ForeignOperandException">Key, plaintext or destination belong to different parameters.</exception>
    public void EncryptInto(SecretKey secret, Plaintext plaintext, Ciphertext destination, double magnitude = 1)
    {
        ArgumentNullException.ThrowIfNull(secret);
        RequireOwn(secret.Parameters, plaintext, magnitude);
        RequireDestination(destination);
        LimbBlock s = secret.AtLevel(plaintext.Level);
        byte[] seed = RandomNumberGenerator.GetBytes(SeededStream.SeedByteCount);
        using SeededStream entropy = SeededStream.FromEntropy();
        using ScratchPool.Scratch phase = _backend.Scratch.Rent(_parameters.BasisAt(plaintext.Level), isSecret: true);
        destination.Resize(plaintext.Level, 2);
        (LimbBlock c0, LimbBlock a) = (destination.Part(0), destination.Part(1));
        _sampler.UniformInto(seed, 0, a);
        _sampler.GaussianInto(entropy, phase.Block);

        // c_0 = m − (a·s + e), −e being as Gaussian as e. a·s, from which s follows, is never outside storage that is wiped.
        _backend.MultiplyAdd([a], [s], [phase.Block]);
        _backend.Negate([phase.Block], [c0]);
        _backend.Add([c0], [plaintext.Polynomial.Block], [c0]);
        Label(destination, plaintext.Scale, secret.Id, _noise.FreshSecretKey(magnitude));
        destination.Seed = seed;
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
        Ciphertext result = new(_backend, _parameters, plaintext.Level, 2);
        try
        {
            EncryptInto(publicKey, plaintext, result, magnitude);
            return result;
        }
        catch
        {
            result.Dispose();
            throw;
        }
    }

    /// <summary>destination ← what <see cref="Encrypt(PublicKey, Plaintext, double)"/> gives.</summary>
    /// <remarks>It allocates the AES objects of one stream, 600 bytes that do not depend on N or the level.</remarks>
    /// <param name="publicKey">The key.</param>
    /// <param name="plaintext">The message; may be compact.</param>
    /// <param name="destination">Any ciphertext of the parameters, of whatever level, parts and key: it is written over.</param>
    /// <param name="magnitude">Declared root mean square of the slots. Default 1.</param>
    /// <exception cref="ForeignOperandException">Key, plaintext or destination belong to different parameters.</exception>
    public void EncryptInto(PublicKey publicKey, Plaintext plaintext, Ciphertext destination, double magnitude = 1)
    {
        ArgumentNullException.ThrowIfNull(publicKey);
        RequireOwn(publicKey.Parameters, plaintext, magnitude);
        RequireDestination(destination);
        (RnsBasis basis, LimbDivision division) = ExtendedAt(plaintext.Level);
        (RnsBasis kept, RnsBasis dropped) = (division.Kept, division.Dropped);
        using SeededStream entropy = SeededStream.FromEntropy();
        using ScratchPool.Scratch v = _backend.Scratch.Rent(basis, isSecret: true);
        using ScratchPool.Scratch sum = _backend.Scratch.Rent(basis, isSecret: true);
        _sampler.TernaryInto(entropy, v.Block);
        destination.Resize(plaintext.Level, 2);
        for (int i = 0; i < 2; i++)
        {
            // v·key + e, over q_0 … q_ℓ and p_0, which stand apart in the key when ℓ < L.
            RnsPolynomial half = i == 0 ? publicKey.B : publicKey.A;
            _sampler.GaussianInto(entropy, sum.Block);
            _backend.MultiplyAdd([v.Slice(0, kept)], [half.Prefix(kept)], [sum.Slice(0, kept)]);
            LimbBlock keyTail = half.Slice(_parameters.BasisQ.Count, dropped);
            _backend.MultiplyAdd([v.Slice(kept.Count, dropped)], [keyTail], [sum.Slice(kept.Count, dropped)]);
            _backend.Divide(division, [sum.Block], [destination.Part(i)]);
        }

        _backend.Add([destination.Part(0)], [plaintext.Polynomial.Block], [destination.Part(0)]);
        Label(destination, plaintext.Scale, publicKey.KeyId, _noise.FreshPublicKey(magnitude));
    }

    // q_0 … q_ℓ·p_0 and the division by p_0, the same objects for the same level.
    private (RnsBasis Basis, LimbDivision Division) ExtendedAt(int level) => _extended.GetOrAdd(level, static (l, parameters) =>
    {
        RnsBasis kept = parameters.BasisAt(l), dropped = parameters.BasisP.Take(1);
        return (kept.Concat(dropped), new LimbDivision(kept, dropped));
    }, _parameters);

    private void RequireDestination(Ciphertext destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (destination.Parameters.Id != _parameters.Id)
        {
            Throw.ForeignParameters(destination.Parameters.Id, _parameters.Id);
        }
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

        foreach (CkksParameters other in (ReadOnlySpan<CkksParameters>)[keyParameters, plaintext.Parameters])
        {
            if (other.Id != _parameters.Id)
            {
                Throw.ForeignParameters(other.Id, _parameters.Id);
            }
        }
    }
}
