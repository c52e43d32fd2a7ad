using Heann.Core;
using Heann.Core.Ciphertexts;
using Heann.Core.Encoders;
using Heann.Core.Keys;
using Heann.Core.Rings;
using Heann.Core.Serialization;
using Hnn.Model.Approximations;
using Hnn.Model.Compilation;
using Hnn.Model.Packing;
using Hnn.Model.Text;
using Hnn.Model.Weights;

namespace Hnn.Model.Client;

/// <summary>The client's half: tokenises, embeds and encrypts; keeps the secret key; decrypts. It needs the vocabulary and the embeddings, not the network.</summary>
/// <remarks>A client is for one bucket; the keys of <see cref="ClientKeys"/> serve all. Borrows the backend. Not thread-safe.</remarks>
public sealed class InferenceClient : IDisposable
{
    private readonly string _modelId;
    private readonly SentenceEmbedder _embedder;
    private readonly CkksContext _context;
    private readonly SecretKey _secret;
    private readonly bool _ownsSecret;

    /// <summary>Creates a client with a fresh secret key.</summary>
    /// <param name="config">The model's shape, and what is asked for: see <see cref="HnnConfig.WithRelease"/>.</param>
    /// <param name="embeddings">The model's embeddings.</param>
    /// <param name="modelId">SHA-256 of the model's files, in hexadecimal.</param>
    /// <param name="bucket">B.</param>
    /// <param name="backend">Where to compute.</param>
    public InferenceClient(HnnConfig config, EmbeddingWeights embeddings, string modelId, int bucket, RingBackend backend)
        : this(LevelPlan.Create(config, bucket), embeddings, modelId, backend)
    {
    }

    /// <summary>Creates a client with the secret key of an earlier one.</summary>
    /// <param name="plan">The plan for the bucket, with the key's parameters.</param>
    /// <param name="embeddings">The model's embeddings.</param>
    /// <param name="keys">The key and the model it is for; borrowed.</param>
    /// <param name="backend">Where to compute.</param>
    /// <exception cref="ForeignOperandException">Plan and key are of different parameters.</exception>
    public InferenceClient(LevelPlan plan, EmbeddingWeights embeddings, ClientKeys keys, RingBackend backend)
        : this(plan, embeddings, (keys ?? throw new ArgumentNullException(nameof(keys))).Model.ModelId, backend, keys.Secret)
    {
    }

    // For tests: a plan with insecure parameters.
    internal InferenceClient(LevelPlan plan, EmbeddingWeights embeddings, string modelId, RingBackend backend, SecretKey? secret = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentException.ThrowIfNullOrEmpty(modelId);
        ArgumentNullException.ThrowIfNull(backend);
        _modelId = modelId;
        _embedder = new(embeddings);
        Plan = plan;
        _context = CkksContext.Create(plan.Parameters, backend);
        if (secret is not null && secret.Parameters.Id != plan.Parameters.Id)
        {
            throw new ForeignOperandException(
                $"The key is of parameters {secret.Parameters.Id} and the plan of {plan.Parameters.Id}; make new keys, or use the version of the program that made these.");
        }

        _ownsSecret = secret is null;
        _secret = secret ?? _context.KeyGenerator.CreateSecretKey();
    }

    /// <summary>The plan that client and server share.</summary>
    public LevelPlan Plan { get; }

    /// <summary>The public keys that the server needs, once for any number of sentences.</summary>
    public EvaluationKeys CreateEvaluationKeys(IProgress<double>? progress = null, CancellationToken cancellation = default) =>
        _context.KeyGenerator.CreateEvaluationKeys(_secret, Plan.Keys, progress, cancellation);

    /// <summary>The same keys in a temporary file, read when an operation needs one: for keys that are larger than memory. See
    /// <see cref="EvaluationKeysCodec.CreateOnDisk"/>.</summary>
    /// <exception cref="IOException">The folder is not there, cannot be written to, or has no room for the keys.</exception>
    public EvaluationKeys CreateEvaluationKeys(
        KeyMemory memory, IProgress<double>? progress = null, CancellationToken cancellation = default) =>
        _context.Codecs.EvaluationKeys.CreateOnDisk(_secret, Plan.Keys, memory, progress, cancellation);

    /// <summary>Embeds and encrypts a sentence.</summary>
    /// <param name="tokens">Its ids, at most B.</param>
    /// <exception cref="ArgumentException">No tokens, or more than the bucket holds.</exception>
    public InferenceRequest Encrypt(TokenizedText tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        Ciphertext sentence = Encrypt(Plan.Layout.PackTokens(_embedder.Embed(tokens.Ids)));
        return new(_modelId, Plan.Layout.Bucket, Plan.Release, sentence, Encrypt(Plan.Layout.PackMask(tokens.Ids.Count)));
    }

    /// <summary>Decrypts an answer and checks that it is one.</summary>
    /// <remarks><b>Security:</b> the value is for the key's owner; show others the label.</remarks>
    /// <exception cref="ArgumentException">The answer is of another model, or something else than was asked for.</exception>
    public ReleasedValue Decrypt(InferenceResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        if (response.ModelId != _modelId)
        {
            throw new ArgumentException($"The response is of model {response.ModelId} and this client's is {_modelId}.", nameof(response));
        }

        if (response.Release != Plan.Release)
        {
            throw new ArgumentException(
                $"The response has released {ReleaseName.Of(response.Release)} and this client asks for {ReleaseName.Of(Plan.Release)}.", nameof(response));
        }

        var slots = _context.Decryptor.Decrypt(_secret, response.Released);
        return ReleasedSlots.Read(slot => slots[slot].Real, Plan.Config.Labels.Count, Plan.Release);
    }

    /// <summary>Wipes the secret key, unless it was given.</summary>
    public void Dispose()
    {
        if (_ownsSecret)
        {
            _secret.Dispose();
        }

        _context.Dispose();
    }

    private Ciphertext Encrypt(SlotVector slots)
    {
        using Plaintext plaintext = _context.Encoder.Encode(slots);
        return _context.Encryptor.Encrypt(_secret, plaintext);
    }
}
