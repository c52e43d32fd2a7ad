using System.Diagnostics;
using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Rings;
using Hnn.Model.Compilation;
using Hnn.Model.Files;

namespace Hnn.Model.Server;

/// <summary>The server's work on files: a request and a client's evaluation keys in, a response out.</summary>
/// <remarks>Borrows server and backend. Loads the keys that the request's bucket needs, and no others: all before the evaluation, or, with
/// <see cref="KeyMemoryBytes"/>, each when it is first needed. The response is the same to the byte. Not thread-safe.</remarks>
public sealed class InferenceFiles
{
    private readonly InferenceServer _server;
    private readonly ModelIdentity _model;
    private readonly RingBackend _backend;

    /// <summary>Serves a model.</summary>
    /// <param name="server">The server.</param>
    /// <param name="model">Its model.</param>
    /// <param name="backend">The server's backend.</param>
    public InferenceFiles(InferenceServer server, ModelIdentity model, RingBackend backend)
    {
        ArgumentNullException.ThrowIfNull(server);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(backend);
        (_server, _model, _backend) = (server, model, backend);
    }

    /// <summary>Most bytes of keys in memory, ≥ 0, for keys that are larger than memory; null to load them all.</summary>
    public long? KeyMemoryBytes { get; init; }

    /// <summary>Answers a request. Everything that can be wrong with the files is told before the evaluation begins; with
    /// <see cref="KeyMemoryBytes"/>, damage of a key when it is first needed.</summary>
    /// <param name="paths">The request, the keys, and the response to be written, which is there whole or not at all; an older one is
    /// replaced.</param>
    /// <param name="keyProgress">Told the part of the keys that is loaded, 0 … 1; nothing with <see cref="KeyMemoryBytes"/>.</param>
    /// <param name="progress">Told of every step.</param>
    /// <param name="cancellation">Stops between steps.</param>
    /// <exception cref="InvalidDataException">A file is not what it should be, or of another client, model or version; the message names
    /// both.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public InferenceFileResult Infer(
        (string Request, string Keys, string Response) paths,
        IProgress<double>? keyProgress = null,
        IProgress<StageProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        CkksParameters parameters = _server.PlanFor(_model.Buckets[0], RequireRelease(paths.Request, paths.Keys)).Parameters;
        Stopwatch watch = Stopwatch.StartNew();
        using InferenceRequest request = HnnFileKinds.Explain(
            paths.Request, () => new InferenceRequestCodec(parameters, _backend).ReadFile(paths.Request, null, cancellation));
        _model.RequireSame(request.ModelId, "The request is");
        LevelPlan plan = PlanFor(request);
        using ServerKeysFile file = ServerKeysFile.Open(paths.Keys, parameters, _backend);
        RequireSame(request, file);
        using EvaluationKeys keys = KeyMemoryBytes is { } bytes
            ? file.LoadOnDemand(plan.Keys, bytes)
            : file.Load(plan.Keys, keyProgress, cancellation);
        TimeSpan loadTime = watch.Elapsed;
        watch.Restart();
        // All other bytes have been checked: what is found now is in the keys.
        using InferenceResponse response = HnnFileKinds.Explain(paths.Keys, () => _server.Infer(request, keys, progress, cancellation));
        TimeSpan evaluateTime = watch.Elapsed;
        InferenceResponseCodec codec = new(plan.Parameters, _backend);
        codec.WriteFile(response, paths.Response, overwrite: true, cancellation: cancellation);
        return new(request.Bucket, file.KeyId, plan, loadTime, evaluateTime)
        {
            LoadedKeyCount = keys.Count,
            KeyReadCount = KeyMemoryBytes is null ? keys.Count : keys.ReadCount,
            KeyMemoryBytes = keys.PeakByteCount,
            RequestBytes = new FileInfo(paths.Request).Length,
            ResponseBytes = new FileInfo(paths.Response).Length,
        };
    }

    // Another release has other parameters; to say so is clearer than to name two sets.
    private Release RequireRelease(string requestPath, string keysPath)
    {
        Release release = HnnFileKinds.RequireRelease(requestPath, HnnFileKinds.Request);
        Release keys = HnnFileKinds.RequireRelease(keysPath, HnnFileKinds.ServerKeys);
        if (release == Release.Probabilities && _model.Labels.Count == 2)
        {
            throw new InvalidDataException(
                $"'{requestPath}' asks for probabilities and model {_model} has 2 labels and releases the soft-argmax alone; encrypt it again.");
        }

        return release == keys
            ? release
            : throw new InvalidDataException(
                $"'{requestPath}' asks for {ReleaseName.Of(release)} and '{keysPath}' are keys for {ReleaseName.Of(keys)}; use the keys that were made with the secret key of the request.");
    }

    private LevelPlan PlanFor(InferenceRequest request) => _model.Buckets.Contains(request.Bucket)
        ? _server.PlanFor(request.Bucket, request.Release)
        : throw new InvalidDataException(
            $"The request is for a bucket of {request.Bucket} tokens and model {_model} has {string.Join(", ", _model.Buckets)}; encrypt it again.");

    private void RequireSame(InferenceRequest request, ServerKeysFile file)
    {
        _model.RequireSame(file.Model.ModelId, "The evaluation keys are");
        if (request.Tokens.KeyId != file.KeyId)
        {
            throw new InvalidDataException(
                $"The request is of client {request.Tokens.KeyId} and the evaluation keys are of client {file.KeyId}; use the keys that were made with the secret key of the request.");
        }
    }
}
