using Heann.Core;
using Heann.Core.Ciphertexts;
using Heann.Core.Encoders;
using Heann.Core.Keys;
using Heann.Core.Rings;
using Hnn.Model.Approximations;
using Hnn.Model.Compilation;
using Hnn.Model.Packing;
using Hnn.Model.Text;
using Hnn.Model.Weights;

namespace Hnn.Model.Client;

/// <summary>The client's half of a batch: embeds and encrypts many sentences of one bucket at once; keeps the secret key; decrypts.</summary>
/// <remarks>Borrows the backend. Not thread-safe.</remarks>
public sealed class BatchClient : IDisposable
{
    private readonly string _modelId;
    private readonly SentenceEmbedder _embedder;
    private readonly CkksContext _context;
    private readonly SecretKey _secret;

    /// <summary>Creates a client with a fresh secret key.</summary>
    /// <param name="plan">The plan for the bucket.</param>
    /// <param name="embeddings">The model's embeddings.</param>
    /// <param name="modelId">SHA-256 of the model's files, in hexadecimal.</param>
    /// <param name="backend">Where to compute.</param>
    public BatchClient(ThroughputPlan plan, EmbeddingWeights embeddings, string modelId, RingBackend backend)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentException.ThrowIfNullOrEmpty(modelId);
        ArgumentNullException.ThrowIfNull(backend);
        (Plan, _modelId, _embedder) = (plan, modelId, new(embeddings));
        _context = CkksContext.Create(plan.Parameters, backend);
        _secret = _context.KeyGenerator.CreateSecretKey();
    }

    /// <summary>The plan that client and server share.</summary>
    public ThroughputPlan Plan { get; }

    /// <summary>The public keys that the server needs, once for any number of batches.</summary>
    public EvaluationKeys CreateEvaluationKeys(IProgress<double>? progress = null, CancellationToken cancellation = default) =>
        _context.KeyGenerator.CreateEvaluationKeys(_secret, Plan.Keys, progress, cancellation);

    /// <summary>Embeds and encrypts sentences.</summary>
    /// <param name="sentences">1 to <see cref="ThroughputPlan.SentenceCount"/>, each of at most B tokens, and of the bucket: B is part of what the
    /// network computes.</param>
    /// <param name="cancellation">Stops between features.</param>
    /// <exception cref="ArgumentException">No sentences or too many, or one that belongs to another bucket.</exception>
    public BatchRequest Encrypt(IReadOnlyList<TokenizedText> sentences, CancellationToken cancellation = default)
    {
        BatchHeader header = EncryptHeader(sentences);
        List<Ciphertext> features = [];
        BatchRequest request = new(header.ModelId, header.Bucket, header.Release, features, header.Mask);
        try
        {
            features.AddRange(EncryptFeatures(sentences, cancellation));
            return request;
        }
        catch
        {
            request.Dispose();
            throw;
        }
    }

    /// <summary>What a request begins with: the encrypted mask of the sentences. Their features follow by <see cref="EncryptFeatures"/>,
    /// for
    /// the same sentences.</summary>
    /// <param name="sentences">See <see cref="Encrypt(IReadOnlyList{TokenizedText}, CancellationToken)"/>.</param>
    /// <exception cref="ArgumentException">No sentences or too many, or one that belongs to another bucket.</exception>
    public BatchHeader EncryptHeader(IReadOnlyList<TokenizedText> sentences)
    {
        ArgumentNullException.ThrowIfNull(sentences);
        RequireBucket(sentences);
        Ciphertext mask = Encrypt(Plan.Layout.PackMask([.. sentences.Select(sentence => sentence.Ids.Count)]));
        return new(_modelId, Plan.Bucket, Plan.Release, mask);
    }

    /// <summary>The features of embedded sentences one after the other, each encrypted when it is asked for and then the caller's: they
    /// need
    /// never be in memory all at once.</summary>
    /// <param name="sentences">See <see cref="Encrypt(IReadOnlyList{TokenizedText}, CancellationToken)"/>.</param>
    /// <param name="cancellation">Stops between features.</param>
    /// <exception cref="ArgumentException">No sentences or too many, or one that belongs to another bucket.</exception>
    public IEnumerable<Ciphertext> EncryptFeatures(IReadOnlyList<TokenizedText> sentences, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(sentences);
        RequireBucket(sentences);
        double[][,] embedded = [.. sentences.Select(sentence => _embedder.Embed(sentence.Ids))];
        return Enumerable.Range(0, Plan.Config.HiddenSize).Select(i =>
        {
            cancellation.ThrowIfCancellationRequested();
            return Encrypt(Plan.Layout.PackFeature(embedded, i));
        });
    }

    /// <summary>Decrypts an answer and checks that it is one.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="sentenceCount">How many sentences the request had.</param>
    /// <returns>One value for each sentence, in their order.</returns>
    /// <remarks><b>Security:</b> the values are for the key's owner; show others the labels.</remarks>
    /// <exception cref="ArgumentException">The answer is of another model or bucket, or something else than was asked for, or the batch has not so many sentences.</exception>
    public ReleasedValue[] Decrypt(BatchResponse response, int sentenceCount)
    {
        ArgumentNullException.ThrowIfNull(response);
        if (response.ModelId != _modelId || response.Bucket != Plan.Bucket)
        {
            throw new ArgumentException(
                $"The response is of model {response.ModelId}, bucket {response.Bucket}, and this client's are {_modelId}, {Plan.Bucket}.", nameof(response));
        }

        if (response.Release != Plan.Release || response.Released.Count != Plan.ReleasedCount)
        {
            throw new ArgumentException(
                $"The response has released {ReleaseName.Of(response.Release)} in {response.Released.Count} ciphertext(s) and this client asks for "
                + $"{ReleaseName.Of(Plan.Release)} in {Plan.ReleasedCount}.",
                nameof(response));
        }

        double[][] values = [.. response.Released.Select(value => Plan.Layout.Unpack(Decrypt(value), sentenceCount))];
        return [.. Enumerable.Range(0, sentenceCount)
            .Select(s => ReleasedSlots.Read(i => values[i][s], Plan.Config.Labels.Count, Plan.Release))];
    }

    /// <summary>The slots of a ciphertext of this client, such as a stage of the evaluation in a program that plays both halves.</summary>
    /// <remarks><b>Security:</b> see <see cref="Decryptor"/>.</remarks>
    public double[] Decrypt(Ciphertext ciphertext) => _context.Decrypt(_secret, ciphertext);

    /// <summary>Wipes the secret key.</summary>
    public void Dispose()
    {
        _secret.Dispose();
        _context.Dispose();
    }

    private void RequireBucket(IReadOnlyList<TokenizedText> sentences)
    {
        for (int s = 0; s < sentences.Count; s++)
        {
            int tokens = sentences[s].Ids.Count;
            if (tokens <= Plan.Config.MaxTokenCount && tokens > 0 && Plan.Config.BucketFor(tokens) != Plan.Bucket)
            {
                throw new ArgumentException(
                    $"Sentence {s} has {tokens} tokens and belongs to bucket {Plan.Config.BucketFor(tokens)}, this batch is for bucket {Plan.Bucket}; "
                    + "the bucket is part of what the network computes, so put it into a batch of its own.",
                    nameof(sentences));
            }
        }
    }

    private Ciphertext Encrypt(SlotVector slots)
    {
        using Plaintext plaintext = _context.Encoder.Encode(slots);
        return _context.Encryptor.Encrypt(_secret, plaintext);
    }
}
