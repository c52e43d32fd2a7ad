using Heann.Core;
using Heann.Core.Ciphertexts;
using Heann.Core.Encoders;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Rings;
using Heann.Core.Serialization;
using Hnn.Model.Compilation;
using Hnn.Model.Layers;
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
        _circuit = new(plan.Config, weights, plan.Layout, plan.Schedule);
    }

    /// <summary>What evaluating a batch takes.</summary>
    public ThroughputPlan Plan { get; }

    /// <summary>Told every stage of an evaluation with the column that stands for it, see <see cref="BatchCircuit"/>; the ciphertext is
    /// borrowed for the call. For programs that play both halves and measure errors. Null for nobody.</summary>
    public Action<string, Ciphertext>? StageReached { get; init; }

    /// <summary>Where columns wait that the plan has on disk; null for the system's folder for temporary files. Ciphertexts hold nothing
    /// secret, see <see cref="CiphertextStore"/>.</summary>
    public string? DiskFolder { get; init; }

    /// <summary>Takes a batch in feature by feature.</summary>
    /// <param name="header">What comes before them; borrowed until the intake is disposed.</param>
    /// <param name="keys">The client's public evaluation keys; borrowed as long.</param>
    /// <exception cref="ArgumentException">The header is for another model, bucket or release, or its mask is not fresh.</exception>
    /// <exception cref="ForeignOperandException">Header, keys and plan do not belong together.</exception>
    /// <exception cref="MissingKeyException">A key that the plan names is missing.</exception>
    /// <exception cref="IOException">The disk has not the room that the plan takes, or cannot be written to.</exception>
    public BatchIntake Receive(BatchHeader header, EvaluationKeys keys)
    {
        ArgumentNullException.ThrowIfNull(header);
        ArgumentNullException.ThrowIfNull(keys);
        RequireOwn(header, Plan.Config.HiddenSize, keys);
        ValueStore<Ciphertext> store = Plan.Schedule.OnDisk
            ? new CiphertextStore(Plan.Parameters, _backend, DiskFolder, Plan.DiskPeakBytes)
            : new MemoryStore<Ciphertext>();
        return new(this, header, keys, (store, _circuit));
    }

    /// <summary>Classifies sentences that it does not see.</summary>
    /// <param name="request">The encrypted batch. <b>Its features are used up</b>: each is disposed as soon as it is not needed, also when the
    /// evaluation fails; they are most of the memory. A request that is refused is left as it was.</param>
    /// <param name="keys">The client's public evaluation keys; borrowed.</param>
    /// <param name="progress">Told the stage last reached and the operations done, of <see cref="ThroughputPlan.OperationCount"/>: at every
    /// stage, and every hundredth of the whole.</param>
    /// <param name="cancellation">Stops between operations.</param>
    /// <exception cref="IOException">Columns wait on disk, which has not the room that the plan takes, is full, or fails
    /// otherwise.</exception>
    /// <exception cref="ArgumentException">The request is for another model or bucket, has another number of features, or its ciphertexts are not
    /// fresh.</exception>
    /// <exception cref="ForeignOperandException">Request, keys and plan do not belong together.</exception>
    /// <exception cref="MissingKeyException">A key that the plan names is missing.</exception>
    public BatchResponse Infer(
        BatchRequest request, EvaluationKeys keys, IProgress<StageProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(keys);
        BatchHeader header = new(request.ModelId, request.Bucket, request.Release, request.Mask);
        RequireOwn(header, request.Features.Count, keys);
        foreach (Ciphertext feature in request.Features)
        {
            RequestChecks.RequireFresh(Plan.Parameters, keys, feature);
        }

        cancellation.ThrowIfCancellationRequested();
        using BatchIntake intake = Receive(header, keys);
        try
        {
            foreach (Ciphertext feature in request.Features)
            {
                intake.Add(feature);
            }

            return intake.Infer(progress, cancellation);
        }
        catch
        {
            // What the intake does not have yet; disposing twice is nothing.
            foreach (Ciphertext feature in request.Features)
            {
                feature.Dispose();
            }

            throw;
        }
    }

    internal BatchResponse Infer(
        BatchHeader header, WaitingColumns<Ciphertext> features, EvaluationKeys keys, IProgress<StageProgress>? progress,
        CancellationToken cancellation)
    {
        Hundredths hundredths = new(Plan, progress);
        CkksEvaluator evaluator = new(Plan.Parameters, _backend, new SlotEncoder(Plan.Parameters, _backend), keys)
        {
            Cancellation = cancellation,
            Progress = hundredths,
        };
        evaluator.StageReached = (name, value) =>
        {
            _backend.Synchronize(); // a stage that is told of is done
            hundredths.Report(name, evaluator.OperationCount, value.Level);
            StageReached?.Invoke(name, value);
        };
        return new(_modelId, Plan.Bucket, Plan.Release, _circuit.Forward(evaluator, features, header.Mask));
    }

    private void RequireOwn(BatchHeader header, int featureCount, EvaluationKeys keys)
    {
        if (header.ModelId != _modelId)
        {
            throw new ArgumentException($"The request is for model {header.ModelId} and this server has {_modelId}; use the same model directory.", nameof(header));
        }

        if (header.Bucket != Plan.Bucket || featureCount != Plan.Config.HiddenSize)
        {
            throw new ArgumentException(
                $"The request is for bucket {header.Bucket} with {featureCount} features and this server takes bucket {Plan.Bucket} with {Plan.Config.HiddenSize}.", nameof(header));
        }

        if (header.Release != Plan.Release)
        {
            throw new ArgumentException(
                $"The request asks for {ReleaseName.Of(header.Release)} and this server releases {ReleaseName.Of(Plan.Release)}; plan both halves alike.", nameof(header));
        }

        RequestChecks.RequireFresh(Plan.Parameters, keys, header.Mask);
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
