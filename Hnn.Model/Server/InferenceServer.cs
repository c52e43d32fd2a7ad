using System.Collections.Concurrent;
using Heann.Core;
using Heann.Core.Ciphertexts;
using Heann.Core.Encoders;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Rings;
using Hnn.Model.Compilation;
using Hnn.Model.Weights;

namespace Hnn.Model.Server;

/// <summary>The server's half: weights in the clear, ciphertexts and public keys; nothing that could decrypt.</summary>
/// <remarks>Keeps one prepared circuit for each bucket and kind of answer that was asked for. Thread-safe; borrows the backend.</remarks>
public sealed class InferenceServer
{
    private readonly Func<int, Release, LevelPlan> _createPlan;
    private readonly NetworkWeights _weights;
    private readonly RingBackend _backend;
    private readonly string _modelId;
    private readonly ConcurrentDictionary<(int Bucket, Release Release), (LevelPlan Plan, SentimentCircuit Circuit)> _circuits = new();

    /// <summary>Serves a network.</summary>
    /// <param name="config">Its shape.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="modelId">SHA-256 of the model's files, in hexadecimal.</param>
    /// <param name="backend">Where to compute.</param>
    public InferenceServer(HnnConfig config, NetworkWeights weights, string modelId, RingBackend backend)
        : this(PlansOf(config), weights, modelId, backend)
    {
    }

    // For tests: plans with insecure parameters.
    internal InferenceServer(Func<int, Release, LevelPlan> createPlan, NetworkWeights weights, string modelId, RingBackend backend)
    {
        ArgumentNullException.ThrowIfNull(createPlan);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentException.ThrowIfNullOrEmpty(modelId);
        ArgumentNullException.ThrowIfNull(backend);
        (_createPlan, _weights, _modelId, _backend) = (createPlan, weights, modelId, backend);
    }

    /// <summary>What evaluating a bucket takes. Every bucket has the same parameters for one kind of answer.</summary>
    /// <param name="bucket">B.</param>
    /// <param name="release">What is asked for.</param>
    /// <exception cref="ArgumentException">The model has no such bucket, or nothing of the kind to release.</exception>
    public LevelPlan PlanFor(int bucket, Release release) => _circuits.GetOrAdd((bucket, release), Prepare).Plan;

    /// <summary>Classifies one sentence that it does not see.</summary>
    /// <param name="request">The encrypted sentence.</param>
    /// <param name="keys">The client's public evaluation keys; borrowed.</param>
    /// <param name="progress">Told of every step.</param>
    /// <param name="cancellation">Stops between steps.</param>
    /// <exception cref="ArgumentException">The request is for another model, an unknown bucket or an answer that the model has not, or its ciphertexts are not fresh.</exception>
    /// <exception cref="ForeignOperandException">Request, keys and plan do not belong together.</exception>
    /// <exception cref="MissingKeyException">A key that the plan names is missing.</exception>
    public InferenceResponse Infer(
        InferenceRequest request, EvaluationKeys keys, IProgress<StageProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(keys);
        if (request.ModelId != _modelId)
        {
            throw new ArgumentException($"The request is for model {request.ModelId} and this server has {_modelId}; use the same model directory.", nameof(request));
        }

        (LevelPlan plan, SentimentCircuit circuit) = _circuits.GetOrAdd((request.Bucket, request.Release), Prepare);
        CkksEvaluator evaluator = new(plan.Parameters, _backend, new SlotEncoder(plan.Parameters, _backend), keys);
        RequestChecks.RequireFresh(plan.Parameters, keys, request.Tokens);
        RequestChecks.RequireFresh(plan.Parameters, keys, request.Mask);
        RequestChecks.RequireKeys(plan.Keys, keys);
        cancellation.ThrowIfCancellationRequested();
        int done = 0;
        evaluator.StageReached = (name, value) =>
        {
            _backend.Synchronize(); // a step that is told of is done
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(new(name, ++done, plan.Steps.Count, value.Level));
        };
        Ciphertext result = circuit.Forward(evaluator, request.Tokens, request.Mask);
        return new(_modelId, request.Bucket, request.Release, result);
    }

    // The parameters of the answer that the model's own config names are chosen at once: what no plan fits is refused before any request.
    private static Func<int, Release, LevelPlan> PlansOf(HnnConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        ConcurrentDictionary<Release, CkksParameters> parameters = new();
        CkksParameters For(Release release) => parameters.GetOrAdd(release, r => LevelPlan.ParametersFor(config.WithRelease(r)));
        For(config.Release);
        return (bucket, release) => LevelPlan.Create(config.WithRelease(release), bucket, For(release));
    }

    private (LevelPlan Plan, SentimentCircuit Circuit) Prepare((int Bucket, Release Release) kind)
    {
        LevelPlan plan = _createPlan(kind.Bucket, kind.Release);
        return (plan, new(plan.Config, _weights, plan.Layout));
    }
}
