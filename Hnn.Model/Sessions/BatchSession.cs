using System.Diagnostics;
using Heann.Core.Ciphertexts;
using Heann.Core.Keys;
using Heann.Core.Rings;
using Hnn.Model.Approximations;
using Hnn.Model.Client;
using Hnn.Model.Compilation;
using Hnn.Model.Plain;
using Hnn.Model.Server;
using Hnn.Model.Text;

namespace Hnn.Model.Sessions;

/// <summary>Client and server in one process for batches of sentences of one bucket (the throughput packing): keys once, then any number
/// of batches, every sentence also evaluated in the clear.</summary>
/// <remarks>
/// What passes between the two halves is a request and a response, nothing else: the server is given no text and no secret key. A batch
/// takes the same time however many sentences it holds. Values in the clear are those of <see cref="PolynomialNetwork"/>, which knows no
/// packing; the twin's is the soft-argmax's polynomial at its argument. Borrows the backend. Not thread-safe.
/// </remarks>
public sealed class BatchSession : IDisposable
{
    private readonly BatchClient _client;
    private readonly BatchServer _server;
    private readonly SentenceEmbedder _embedder;
    private readonly PolynomialNetwork _network;
    private readonly RingBackend _backend;
    private EvaluationKeys? _keys;

    /// <summary>Plans the network for a bucket and draws a secret key.</summary>
    /// <param name="model">The model.</param>
    /// <param name="bucket">B, one of the model's.</param>
    /// <param name="backend">Where to compute.</param>
    /// <param name="memory">What it may take; null for <see cref="ThroughputPlan.DefaultMemoryBytes"/>. Where that does not do, columns
    /// wait
    /// on disk.</param>
    /// <exception cref="ArgumentException">The model has no such bucket, cannot be planned, or the memory does not do.</exception>
    public BatchSession(LoadedModel model, int bucket, RingBackend backend, SessionMemory? memory = null)
        : this(
            (model ?? throw new ArgumentNullException(nameof(model))).Weights, model.ModelId,
            ThroughputPlan.Create(model.Config, bucket, (memory ?? new()).Bytes), backend, memory?.DiskFolder)
    {
    }

    // For tests: a plan with insecure parameters.
    internal BatchSession(Weights.HnnWeights weights, string modelId, ThroughputPlan plan, RingBackend backend, string? diskFolder = null)
    {
        ArgumentNullException.ThrowIfNull(backend);
        _backend = backend;
        _client = new(plan, weights.Embeddings, modelId, backend);
        _server = new(plan, weights.Network, modelId, backend) { StageReached = Watch, DiskFolder = diskFolder };
        _embedder = new(weights.Embeddings);
        _network = new(plan.Config, weights.Network);
    }

    /// <summary>The plan that both halves follow.</summary>
    public ThroughputPlan Plan => _client.Plan;

    /// <summary>Sentences that a batch holds.</summary>
    public int BatchSize => Plan.SentenceCount;

    /// <summary>Told the decrypted slots of every stage of the evaluation, and the ciphertext, borrowed for the call, for errors by layer: slot t·S + s is token t of sentence s, see
    /// <see cref="Packing.BatchLayout"/>; which column stands for a stage, <see cref="BatchCircuit"/>. <see cref="ClearBatch"/> gives the
    /// same in the clear. Null for nobody: nothing but the answer is decrypted.</summary>
    public Action<string, double[], Ciphertext>? StageDecrypted { get; set; }

    /// <summary>What <see cref="CreateKeys"/> took; zero before.</summary>
    public TimeSpan KeyGenerationTime { get; private set; }

    /// <summary>Bytes of the evaluation keys as they are sent, uniform halves as seeds; zero before <see cref="CreateKeys"/>.</summary>
    public long KeyBytes => _keys?.SeededByteCount ?? 0;

    /// <summary>Bytes of the evaluation keys in the server's memory; zero before <see cref="CreateKeys"/>.</summary>
    public long KeyMemoryBytes => _keys?.ByteCount ?? 0;

    /// <summary>The client makes the server's evaluation keys. Does nothing the second time.</summary>
    /// <param name="progress">Told the part done, 0 … 1.</param>
    /// <param name="cancellation">Stops between keys.</param>
    public void CreateKeys(IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        if (_keys is not null)
        {
            return;
        }

        Stopwatch watch = Stopwatch.StartNew();
        _keys = _client.CreateEvaluationKeys(progress, cancellation);
        _backend.Synchronize();
        KeyGenerationTime = watch.Elapsed;
    }

    /// <summary>Encrypts sentences, has them classified at once, and decrypts the answer; evaluates each of them in the clear.</summary>
    /// <param name="sentences">1 to <see cref="BatchSize"/>, all of the bucket.</param>
    /// <param name="progress">Told of the encryption, of the operations of the evaluation, and of the decryption.</param>
    /// <param name="cancellation">Stops between operations.</param>
    /// <exception cref="ArgumentException">No sentences or too many, or one that belongs to another bucket.</exception>
    public BatchResult Classify(
        IReadOnlyList<TokenizedText> sentences, IProgress<StageProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(sentences);
        CreateKeys(null, cancellation);

        Stopwatch watch = Stopwatch.StartNew();
        using BatchHeader header = _client.EncryptHeader(sentences);
        using BatchIntake intake = _server.Receive(header, _keys!);
        long requestBytes = header.Mask.SeededByteCount;
        foreach (Ciphertext feature in _client.EncryptFeatures(sentences, cancellation))
        {
            requestBytes += feature.SeededByteCount;
            Give(intake, feature);
        }

        _backend.Synchronize();
        TimeSpan encryptTime = watch.Elapsed;
        int total = (int)Plan.OperationCount;
        progress?.Report(new("encrypt", 0, total, Plan.Parameters.MaxLevel));

        watch.Restart();
        using BatchResponse response = intake.Infer(progress, cancellation);
        TimeSpan evaluateTime = watch.Elapsed;

        watch.Restart();
        ReleasedValue[] released = _client.Decrypt(response, sentences.Count);
        TimeSpan decryptTime = watch.Elapsed;
        progress?.Report(new("decrypt", total, total, 0));

        int count = sentences.Count;
        LocalResult[] results = [.. sentences.Select((sentence, s) => new LocalResult(
            released[s], Clear(sentence), encryptTime / count, evaluateTime / count, decryptTime / count,
            requestBytes / count, response.ByteCount / count))];
        return new(results, encryptTime, evaluateTime, decryptTime, requestBytes, response.ByteCount);
    }

    /// <summary>Wipes the secret key and frees the evaluation keys.</summary>
    public void Dispose()
    {
        _client.Dispose();
        _keys?.Dispose();
    }

    // From one half to the other.
    private static void Give(BatchIntake intake, Ciphertext feature)
    {
        try
        {
            intake.Add(feature);
        }
        catch
        {
            feature.Dispose();
            throw;
        }
    }

    private ClearResult Clear(TokenizedText sentence)
    {
        double[] logits = _network.Logits(_embedder.Embed(sentence.Ids), Plan.Bucket);
        return ClearAnswer.Create(Plan.SoftArgmax, new DifferentiableSoftArgmax(Plan.SoftArgmax.Temperature).Arguments(logits));
    }

    private void Watch(string stage, Ciphertext value) => StageDecrypted?.Invoke(stage, _client.Decrypt(value), value);
}
