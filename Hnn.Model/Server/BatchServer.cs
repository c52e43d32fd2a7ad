using Heann.Core;
using Heann.Core.Ciphertexts;
using Heann.Core.Encoders;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Rings;
using Hnn.Model.Compilation;
using Hnn.Model.Weights;

namespace Hnn.Model.Server;

/// <summary>The server's half of a batch: weights in the clear, ciphertexts and public keys; nothing that could decrypt.</summary>
/// <remarks>For one bucket. Thread-safe; borrows the backend.</remarks>
public sealed class BatchServer
{
    private readonly RingBackend _backend;
    private readonly BatchCircuit _circuit;
    private readonly string _modelId;

    /// <summary>Serves a network.</summary>
    /// <param name="plan">The plan for the bucket, the client's.</param>
    /// <param name="weights">The network's weights.</param>
    /// <param name="modelId">SHA-256 of the model's files, in hexadecimal.</param>
    /// <param name="backend">Where to compute.</param>
    public BatchServer(ThroughputPlan plan, NetworkWeights weights, string modelId, RingBackend backend)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentException.ThrowIfNullOrEmpty(modelId);
        ArgumentNullException.ThrowIfNull(backend);
        (Plan, _modelId, _backend) = (plan, modelId, backend);
        _circuit = new(plan.Config, weights, plan.Layout);
    }

    /// <summary>What evaluating a batch takes.</summary>
    public ThroughputPlan Plan { get; }

    /// <summary>Told every stage of an evaluation with the column that stands for it, see <see cref="BatchCircuit"/>; the ciphertext is
    /// borrowed for the call. For programs that play both halves and measure errors. Null for nobody.</summary>
    public Action<string, Ciphertext>? StageReached { get; init; }

    /// <summary>Classifies sentences that it does not see.</summary>
    /// <param name="request">The encrypted batch. <b>Its features are used up</b>: each is disposed as soon as it is not needed, also when the
    /// evaluation fails; they are most of the memory. A request that is refused is left as it was.</param>
    /// <param name="keys">The client's public evaluation keys; borrowed.</param>
    /// <param name="progress">Told the stage last reached and the operations done, of <see cref="ThroughputPlan.OperationCount"/>: at every
    /// stage, and every hundredth of the whole.</param>
    /// <param name="cancellation">Stops between operations.</param>
    /// <exception cref="ArgumentException">The request is for another model or bucket, has another number of features, or its ciphertexts are not
    /// fresh.</exception>
    /// <exception cref="ForeignOperandException">Request, keys and plan do not belong together.</exception>
    /// <exception cref="MissingKeyException">A key that the plan names is missing.</exception>
    public BatchResponse Infer(
        BatchRequest request, EvaluationKeys keys, IProgress<StageProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(keys);
        RequireOwn(request, keys);
        cancellation.ThrowIfCancellationRequested();
        Hundredths hundredths = new(Plan, progress);
        CkksEvaluator evaluator = new(Plan.Parameters, _backend, new SlotEncoder(Plan.Parameters, _backend), keys)
        {
            Cancellation = cancellation,
            Progress = hundredths,
        };
        evaluator.StageReached = (name, value) =>
        {
            hundredths.Report(name, evaluator.OperationCount, value.Level);
            StageReached?.Invoke(name, value);
        };
        return new(_modelId, Plan.Bucket, Plan.Release, _circuit.Forward(evaluator, request.Features, request.Mask));
    }

    private void RequireOwn(BatchRequest request, EvaluationKeys keys)
    {
        if (request.ModelId != _modelId)
        {
            throw new ArgumentException($"The request is for model {request.ModelId} and this server has {_modelId}; use the same model directory.", nameof(request));
        }

        if (request.Bucket != Plan.Bucket || request.Features.Count != Plan.Config.HiddenSize)
        {
            throw new ArgumentException(
                $"The request is for bucket {request.Bucket} with {request.Features.Count} features and this server takes bucket {Plan.Bucket} with {Plan.Config.HiddenSize}.", nameof(request));
        }

        if (request.Release != Plan.Release)
        {
            throw new ArgumentException(
                $"The request asks for {ReleaseName.Of(request.Release)} and this server releases {ReleaseName.Of(Plan.Release)}; plan both halves alike.", nameof(request));
        }

        foreach (Ciphertext ciphertext in request.Features.Append(request.Mask))
        {
            RequestChecks.RequireFresh(Plan.Parameters, keys, ciphertext);
        }

        RequestChecks.RequireKeys(Plan.Keys, keys);
    }

    // Counts of operations as progress of the whole.
    private sealed class Hundredths(ThroughputPlan plan, IProgress<StageProgress>? progress) : IProgress<long>
    {
        private string _name = "request";
        private int _level = plan.Parameters.MaxLevel;
        private long _next;

        public void Report(string name, long done, int level)
        {
            (_name, _level) = (name, level);
            Tell(done);
        }

        public void Report(long value)
        {
            if (value >= _next)
            {
                Tell(value);
            }
        }

        private void Tell(long done)
        {
            _next = done + (plan.OperationCount / 100) + 1;
            progress?.Report(new(_name, (int)done, (int)plan.OperationCount, _level));
        }
    }
}
