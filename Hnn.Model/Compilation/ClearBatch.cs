using Heann.Core;
using Heann.Core.Evaluation;
using Hnn.Model.Packing;
using Hnn.Model.Weights;

namespace Hnn.Model.Compilation;

/// <summary>A batch in the clear, by the same circuit that its ciphertexts pass through: what decrypted stages are compared with.</summary>
/// <remarks>For whoever has both text and weights. Rounded weights and polynomials are the ciphertexts'; only the errors of encryption are
/// missing. Immutable, thread-safe.</remarks>
public sealed class ClearBatch
{
    private readonly BatchCircuit _circuit;
    private readonly ThroughputPlan _plan;

    /// <summary>Prepares the network for a plan.</summary>
    public ClearBatch(ThroughputPlan plan, NetworkWeights weights)
    {
        ArgumentNullException.ThrowIfNull(plan);
        _plan = plan;
        _circuit = new(plan.Config, weights, plan.Layout);
    }

    /// <summary>Evaluates embedded sentences.</summary>
    /// <param name="sentences">At most <see cref="ThroughputPlan.SentenceCount"/>, each (tokens, hidden).</param>
    /// <param name="watch">Told the slots of every stage that the circuit reports; null for nobody.</param>
    /// <param name="cancellation">Stops between operations.</param>
    /// <returns>One result for each sentence; the exact values are those of the twin's arguments.</returns>
    /// <exception cref="ArgumentException">The sentences do not fit.</exception>
    public ClearResult[] Evaluate(
        IReadOnlyList<double[,]> sentences, Action<string, double[]>? watch = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(sentences);
        ClearEvaluator evaluator = new(_plan.Parameters)
        {
            Cancellation = cancellation,
            StageReached = (name, value) => watch?.Invoke(name, value.ToReal()),
        };
        ClearValue mask = evaluator.Create(_plan.Layout.PackMask([.. sentences.Select(tokens => tokens.GetLength(0))]));
        ClearValue[] features = [.. Enumerable.Range(0, _plan.Config.HiddenSize)
            .Select(i => evaluator.Create(_plan.Layout.PackFeature(sentences, i)))];
        Scale scale = features[0].Scale;
        ClearValue[] mapped = _circuit.Arguments(evaluator, features, mask);
        double[][] arguments = [.. mapped.Select(value => _plan.Layout.Unpack(value.ToReal(), sentences.Count))];
        double[][] values = [.. _circuit.SoftArgmax.Forward(evaluator, mapped, scale)
            .Select(value => _plan.Layout.Unpack(value.ToReal(), sentences.Count))];
        return [.. sentences.Select((_, s) => ClearAnswer.Create(
            _circuit.SoftArgmax,
            ClearAnswer.Unmap(_circuit.SoftArgmax, arguments.Select(column => column[s])),
            ReleasedSlots.Read(i => values[i][s], _circuit.SoftArgmax.ClassCount, _circuit.SoftArgmax.Release)))];
    }
}
