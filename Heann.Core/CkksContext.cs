using System.Numerics;
using Heann.Core.Backends;
using Heann.Core.Ciphertexts;
using Heann.Core.Encoders;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Rings;
using Heann.Core.Serialization;

namespace Heann.Core;

/// <summary>The composition root: parameters and a backend, and everything made of them.</summary>
/// <remarks>Owns the backend it created itself; a backend that was passed in stays its giver's. Thread-safe.</remarks>
public sealed class CkksContext : IDisposable
{
    private readonly bool _ownsBackend;

    private CkksContext(CkksParameters parameters, RingBackend backend, bool ownsBackend)
    {
        Parameters = parameters;
        Backend = backend;
        _ownsBackend = ownsBackend;
        Encoder = new(parameters, backend);
        KeyGenerator = new(parameters, backend);
        Encryptor = new(parameters, backend);
        Decryptor = new(parameters, backend, Encoder);
        Codecs = new(parameters, backend);
    }

    /// <summary>The parameters.</summary>
    public CkksParameters Parameters { get; }

    /// <summary>The backend.</summary>
    public RingBackend Backend { get; }

    /// <summary>Vectors ⇄ plaintexts.</summary>
    public SlotEncoder Encoder { get; }

    /// <summary>Makes keys.</summary>
    public KeyGenerator KeyGenerator { get; }

    /// <summary>Plaintexts → ciphertexts.</summary>
    public Encryptor Encryptor { get; }

    /// <summary>Ciphertexts → values.</summary>
    public Decryptor Decryptor { get; }

    /// <summary>Keys, plaintexts and ciphertexts ⇄ bytes.</summary>
    public CkksCodecs Codecs { get; }

    /// <summary>Puts a context together.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="backend">Where to compute; null for the processor's vector units and all cores.</param>
    public static CkksContext Create(CkksParameters parameters, RingBackend? backend = null)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        return new(parameters, backend ?? new SimdBackend(), backend is null);
    }

    /// <summary>An evaluator with public keys, which it borrows.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="progress">Told after every operation how many are done.</param>
    /// <param name="cancellation">Ends what the evaluator runs.</param>
    public CkksEvaluator CreateEvaluator(EvaluationKeys keys, IProgress<long>? progress = null, CancellationToken cancellation = default) =>
        new(Parameters, Backend, Encoder, keys) { Progress = progress, Cancellation = cancellation };

    /// <summary>Encodes real values at the top level and encrypts them with the secret key.</summary>
    public Ciphertext Encrypt(SecretKey secret, ReadOnlySpan<double> values, double magnitude = 1)
    {
        using Plaintext plaintext = Encoder.Encode(values);
        return Encryptor.Encrypt(secret, plaintext, magnitude);
    }

    /// <summary>Encodes real values at the top level and encrypts them with the public key.</summary>
    public Ciphertext Encrypt(PublicKey publicKey, ReadOnlySpan<double> values, double magnitude = 1)
    {
        using Plaintext plaintext = Encoder.Encode(values);
        return Encryptor.Encrypt(publicKey, plaintext, magnitude);
    }

    /// <summary>The real parts of the slots. <b>Security:</b> see <see cref="Keys.Decryptor"/>.</summary>
    public double[] Decrypt(SecretKey secret, Ciphertext ciphertext) => [.. Decryptor.Decrypt(secret, ciphertext).Select(z => z.Real)];

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_ownsBackend)
        {
            Backend.Dispose();
        }
    }
}
