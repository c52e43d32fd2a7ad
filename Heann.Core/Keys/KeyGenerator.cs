using System.Buffers.Binary;
using System.Security.Cryptography;
using Heann.Core.Ciphertexts;
using Heann.Core.Parameters;
using Heann.Core.Rings;
using Heann.Core.Sampling;

namespace Heann.Core.Keys;

/// <summary>KeyGen(λ; h, P, I) of arXiv 2502.16176: secrets from the operating system's entropy or a passphrase, and public material from a secret.</summary>
/// <remarks>
/// A passphrase yields the secret alone. Seeds of uniform halves and errors always come from the operating system: the same a with fresh
/// errors twice would average the noise away. Thread-safe.
/// </remarks>
public sealed class KeyGenerator
{
    /// <summary>Fewest PBKDF2 iterations that are accepted.</summary>
    public const int MinIterations = 100_000;

    private const int SaltLength = 16;

    private readonly CkksParameters _parameters;
    private readonly RingBackend _backend;
    private readonly RlweSampler _sampler;

    /// <summary>Creates a generator.</summary>
    public KeyGenerator(CkksParameters parameters, RingBackend backend)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(backend);
        _parameters = parameters;
        _backend = backend;
        _sampler = new(backend);
    }

    /// <summary>A random secret key: dense uniform ternary, from the operating system's entropy.</summary>
    public SecretKey CreateSecretKey()
    {
        using SeededStream entropy = SeededStream.FromEntropy();
        Span<byte> id = stackalloc byte[16];
        RandomNumberGenerator.Fill(id);
        return CreateSecretKey(entropy, BinaryPrimitives.ReadUInt128LittleEndian(id), salt: null);
    }

    /// <summary>The secret key of a passphrase: PBKDF2-HMAC-SHA512 over the passphrase, a salt and the identity of the parameters.</summary>
    /// <param name="passphrase">UTF-16 text, hashed as UTF-8; not empty.</param>
    /// <param name="salt">16 bytes from an earlier key's <see cref="SecretKey.Salt"/> to derive it again; null draws a random salt.</param>
    /// <param name="iterations">I ≥ 100,000. The same number is needed to derive the key again.</param>
    /// <remarks><b>Security:</b> a key is as hard to guess as its passphrase. The key id is derived with it, so it is the same each time.</remarks>
    /// <exception cref="ArgumentException">Empty passphrase, wrong salt length, or too few iterations.</exception>
    public SecretKey CreateSecretKey(string passphrase, ReadOnlyMemory<byte>? salt = null, int iterations = 600_000)
    {
        ArgumentException.ThrowIfNullOrEmpty(passphrase);
        if (iterations < MinIterations)
        {
            throw new ArgumentOutOfRangeException(nameof(iterations), iterations, $"PBKDF2 takes at least {MinIterations} iterations here; got {iterations}.");
        }

        byte[] saltBytes = salt?.ToArray() ?? RandomNumberGenerator.GetBytes(SaltLength);
        if (saltBytes.Length != SaltLength)
        {
            throw new ArgumentException($"A salt has {SaltLength} bytes; got {saltBytes.Length}.", nameof(salt));
        }

        byte[] domain = [.. "heann-secret-key/1"u8, .. _parameters.Id.ToBytes(), .. saltBytes];
        byte[] derived = Rfc2898DeriveBytes.Pbkdf2(passphrase, domain, iterations, HashAlgorithmName.SHA512, 48);
        try
        {
            using SeededStream stream = new(derived.AsSpan(0, 32), 0);
            return CreateSecretKey(stream, BinaryPrimitives.ReadUInt128LittleEndian(derived.AsSpan(32)), saltBytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(derived);
        }
    }

    /// <summary>A public key modulo Q·p_0.</summary>
    public PublicKey CreatePublicKey(SecretKey secret)
    {
        RequireOwn(secret);
        RnsBasis basis = _parameters.BasisQP.Take(_parameters.MaxLevel + 2);
        byte[] seed = RandomNumberGenerator.GetBytes(SeededStream.SeedByteCount);
        RnsPolynomial a = _sampler.Uniform(basis, seed, 0);
        using SeededStream entropy = SeededStream.FromEntropy();
        RnsPolynomial b = _sampler.Gaussian(basis, entropy, isSecret: false);
        SubtractProduct(b, a, secret.Polynomial.Prefix(basis));
        return new(b, a, seed, _parameters, secret.Id);
    }

    /// <summary>The key for s² → s, for level ℓ and below.</summary>
    public KeySwitchingKey CreateRelinearizationKey(SecretKey secret, int? level = null)
    {
        RequireOwn(secret);
        KeySwitchLayout layout = _parameters.KeySwitchLayoutAt(level ?? _parameters.MaxLevel);
        using RnsPolynomial square = new(_backend, layout.Basis.Take(layout.Level + 1), Domain.Evaluation) { IsSecret = true };
        LimbBlock s = secret.AtLevel(layout.Level);
        _backend.Multiply([s], [s], [square.Block]);
        return CreateSwitchingKey(secret, square, layout);
    }

    /// <summary>The key for an automorphism, for level ℓ and below.</summary>
    /// <remarks>
    /// It switches from s to σ^(−1)(s): the evaluator switches first and applies σ to the two resulting parts, so that rotations of one
    /// ciphertext share the decomposition without permuting it.
    /// </remarks>
    public KeySwitchingKey CreateGaloisKey(SecretKey secret, GaloisElement element, int? level = null)
    {
        RequireOwn(secret);
        KeySwitchLayout layout = _parameters.KeySwitchLayoutAt(level ?? _parameters.MaxLevel);
        GaloisElement inverse = element.Inverse;
        using RnsPolynomial target = new(_backend, secret.Polynomial.Basis, Domain.Evaluation) { IsSecret = true };
        _backend.Automorphism(Domain.Evaluation, inverse, [secret.Polynomial.Block], [target.Block]);
        using SecretKey permuted = new(target, _parameters, secret.Id, null);
        using RnsPolynomial source = new(_backend, _parameters.BasisAt(layout.Level), Domain.Evaluation) { IsSecret = true };
        _backend.Copy([secret.AtLevel(layout.Level)], [source.Block]);
        return CreateSwitchingKey(permuted, source, layout);
    }

    /// <summary>All keys that a circuit asked for, each truncated to the level it is used at.</summary>
    public EvaluationKeys CreateEvaluationKeys(SecretKey secret, KeyRequest request, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        RequireOwn(secret);
        ArgumentNullException.ThrowIfNull(request);
        EvaluationKeys keys = new(
            _parameters, secret.Id, request.RelinearizationLevel is { } level ? CreateRelinearizationKey(secret, level) : null);
        try
        {
            int done = 0;
            foreach (IGrouping<int, KeyValuePair<GaloisElement, int>> same in request.Galois.GroupBy(pair => pair.Key.Exponent(_parameters.RingDegree)))
            {
                cancellation.ThrowIfCancellationRequested();
                if (same.Key != 1)
                {
                    GaloisElement element = same.First().Key.Normalize(_parameters.RingDegree);
                    keys.Add(element, CreateGaloisKey(secret, element, same.Max(pair => pair.Value)));
                }

                done += same.Count();
                progress?.Report((double)done / request.Galois.Count);
            }

            return keys;
        }
        catch
        {
            keys.Dispose();
            throw;
        }
    }

    private SecretKey CreateSecretKey(SeededStream stream, UInt128 id, byte[]? salt) =>
        new(_sampler.Ternary(_parameters.BasisQP, stream), _parameters, new(id), salt);

    // b_d = −a_d·s + e_d + P'·g_d·s'; source is s' modulo q_0 … q_ℓ.
    private KeySwitchingKey CreateSwitchingKey(SecretKey secret, RnsPolynomial source, KeySwitchLayout layout)
    {
        byte[] seed = RandomNumberGenerator.GetBytes(SeededStream.SeedByteCount);
        using SeededStream entropy = SeededStream.FromEntropy();
        using RnsPolynomial s = new(_backend, layout.Basis, Domain.Evaluation) { IsSecret = true };
        RnsBasis basisQ = layout.Basis.Take(layout.Level + 1);
        _backend.Copy([secret.AtLevel(layout.Level)], [s.Prefix(basisQ)]);
        _backend.Copy([secret.Polynomial.Slice(_parameters.BasisQ.Count, layout.BasisP)], [s.Slice(basisQ.Count, layout.BasisP)]);
        SwitchingMatrix matrix = _backend.CreateSwitchingMatrix(basisQ, layout.BasisP, layout.Digits.Count);
        try
        {
            ulong[] factors = [.. basisQ.Moduli.Select(q => q.Reduce(layout.BasisP.Product))];
            for (int d = 0; d < layout.Digits.Count; d++)
            {
                using RnsPolynomial a = _sampler.Uniform(layout.Basis, seed, d);
                using RnsPolynomial b = _sampler.Gaussian(layout.Basis, entropy, isSecret: false);
                SubtractProduct(b, a, s.Block);
                (int start, int length) = layout.Digits[d].GetOffsetAndLength(basisQ.Count);
                RnsBasis digit = basisQ.Slice(start, length);
                _backend.MultiplyScalarAdd([source.Slice(start, digit)], factors.AsSpan(start, length), [b.Slice(start, digit)]);
                matrix.Write(0, d, b.Block);
                matrix.Write(1, d, a.Block);
            }

            return new(matrix, seed, layout, _parameters, secret.Id);
        }
        catch
        {
            matrix.Dispose();
            throw;
        }
    }

    // b ← b − a·s, all in Evaluation form over b's basis.
    private void SubtractProduct(RnsPolynomial b, RnsPolynomial a, LimbBlock s)
    {
        using RnsPolynomial product = new(_backend, b.Basis, Domain.Evaluation) { IsSecret = true };
        _backend.Multiply([a.Block], [s], [product.Block]);
        _backend.Subtract([b.Block], [product.Block], [b.Block]);
    }

    private void RequireOwn(SecretKey secret)
    {
        ArgumentNullException.ThrowIfNull(secret);
        if (secret.Parameters.Id != _parameters.Id)
        {
            Throw.ForeignParameters(secret.Parameters.Id, _parameters.Id);
        }
    }
}
