using System.Diagnostics;
using Heann.Core.Keys;
using Heann.Core.Rings;
using Hnn.Model.Client;
using Hnn.Model.Compilation;
using Hnn.Model.Server;
using Hnn.Model.Text;

namespace Hnn.Model.Sessions;

/// <summary>Client and server in one process, for one bucket: keys once, then any number of sentences, each of them also evaluated in the clear.</summary>
/// <remarks>
/// What passes between the two halves is a request and a response, nothing else: the server is given no text and no secret key.
/// Borrows the backend. Not thread-safe.
/// </remarks>
public sealed class LocalSession : IDisposable
{
    private readonly InferenceClient _client;
    private readonly InferenceServer _server;
    private readonly SentenceEmbedder _embedder;
    private readonly ClearNetwork _clear;
    private readonly KeyMemory? _keyMemory;
    private readonly RingBackend _backend;
    private EvaluationKeys? _keys;

    /// <summary>Plans the network for a bucket and draws a secret key.</summary>
    /// <param name="model">The model.</param>
    /// <param name="bucket">B, one of the model's.</param>
    /// <param name="backend">Where to compute.</param>
    /// <param name="release">What the client asks for; null for what the model says.</param>
    /// <param name="keyMemory">What the evaluation keys may take in memory, for keys that are larger: they are then made into a temporary
    /// file. Null for keys in memory.</param>
    /// <exception cref="ArgumentException">The model has no such bucket or nothing of the kind to release, or cannot be planned.</exception>
    public LocalSession(LoadedModel model, int bucket, RingBackend backend, Release? release = null, KeyMemory? keyMemory = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(backend);
        (_backend, _keyMemory) = (backend, keyMemory);
        _client = new(model.Config.WithRelease(release), model.Weights.Embeddings, model.ModelId, bucket, backend);
        _server = new(model.Config, model.Weights.Network, model.ModelId, backend);

        // A server lays its weights out once, before any request.
        _ = _server.PlanFor(bucket, _client.Plan.Release);
        _embedder = new(model.Weights.Embeddings);
        _clear = new(_client.Plan, model.Weights.Network);
    }

    /// <summary>The plan that both halves follow.</summary>
    public LevelPlan Plan => _client.Plan;

    /// <summary>What <see cref="CreateKeys"/> took; zero before.</summary>
    public TimeSpan KeyGenerationTime { get; private set; }

    /// <summary>Bytes of the evaluation keys as they are sent, uniform halves as seeds; zero before <see cref="CreateKeys"/>.</summary>
    public long KeyBytes => _keys?.SeededByteCount ?? 0;

    /// <summary>Most bytes of evaluation keys that were in the server's memory at once; zero before <see cref="CreateKeys"/>.</summary>
    public long KeyMemoryBytes => _keys?.PeakByteCount ?? 0;

    /// <summary>The client makes the server's evaluation keys. Does nothing the second time.</summary>
    /// <param name="progress">Told the part done, 0 … 1.</param>
    /// <param name="cancellation">Stops between keys.</param>
    /// <exception cref="IOException">The temporary file cannot be made, or the keys do not fit on the disk.</exception>
    public void CreateKeys(IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        if (_keys is not null)
        {
            return;
        }

        Stopwatch watch = Stopwatch.StartNew();
        _keys = _keyMemory is null
            ? _client.CreateEvaluationKeys(progress, cancellation)
            : _client.CreateEvaluationKeys(_keyMemory, progress, cancellation);
        _backend.Synchronize();
        KeyGenerationTime = watch.Elapsed;
    }

    /// <summary>Encrypts a sentence, has it classified, and decrypts the answer; evaluates it in the clear beside that, on a thread of its
    /// own where the backend has several: the server does not keep all of them busy all the time.</summary>
    /// <param name="tokens">At most B tokens.</param>
    /// <param name="progress">Told of the encryption, of every step of the evaluation, and of the decryption, each when it is done.</param>
    /// <param name="cancellation">Stops between steps.</param>
    /// <returns>The released value beside the clear ones, and what it took.</returns>
    public LocalResult Classify(TokenizedText tokens, IProgress<StageProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        CreateKeys(null, cancellation);
        Lazy<ClearResult> clear = new(() => _clear.Evaluate(_embedder.Embed(tokens.Ids)));
        Task beside = _backend.ThreadCount > 1 ? Task.Run(() => clear.Value, CancellationToken.None) : Task.CompletedTask;
        try
        {
            return Classify(tokens, clear, progress, cancellation);
        }
        finally
        {
            Task.WaitAny([beside], CancellationToken.None); // what it throws is thrown where its value is asked for
        }
    }

    /// <summary>Wipes the secret key and frees the evaluation keys, with the file that they may be in.</summary>
    public void Dispose()
    {
        _client.Dispose();
        _keys?.Dispose();
    }

    private LocalResult Classify(
        TokenizedText tokens, Lazy<ClearResult> clear, IProgress<StageProgress>? progress, CancellationToken cancellation)
    {
        int total = Plan.Steps.Count;
        Stopwatch watch = Stopwatch.StartNew();
        using InferenceRequest request = _client.Encrypt(tokens);
        _backend.Synchronize();
        TimeSpan encryptTime = watch.Elapsed;
        progress?.Report(new("encrypt", 0, total, Plan.Parameters.MaxLevel));

        watch.Restart();
        using InferenceResponse response = _server.Infer(request, _keys!, progress, cancellation);
        TimeSpan evaluateTime = watch.Elapsed;

        watch.Restart();
        var released = _client.Decrypt(response);
        TimeSpan decryptTime = watch.Elapsed;
        progress?.Report(new("decrypt", total, total, 0));

        return new(released, clear.Value, encryptTime, evaluateTime, decryptTime, request.ByteCount, response.ByteCount);
    }
}
