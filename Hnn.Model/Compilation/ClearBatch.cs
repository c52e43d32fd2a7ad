using Heann.Core.Evaluation;
using Hnn.Model.Approximations;
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
    /// <returns>One result for each sentence; the exact value is the sigmoid of the twin's argument.</returns>
    /// <exception cref="ArgumentException">The sentences do not fit.</exception>
    public ClearResult[] Evaluate(
        IReadOnlyList<double[,]> sentences, Action<string, double[]>? watch = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(sentences);
        double[] arguments = [];
        ClearEvaluator evaluator = new(_plan.Parameters)
        {
            Cancellation = cancellation,
            StageReached = (name, value) =>
            {
                arguments = name == "head.classifier" ? _plan.Layout.Unpack(value.ToReal(), sentences.Count) : arguments;
                watch?.Invoke(name, value.ToReal());
            },
        };
        ClearValue mask = evaluator.Create(_plan.Layout.PackMask([.. sentences.Select(tokens => tokens.GetLength(0))]));
        ClearValue[] features = [.. Enumerable.Range(0, _plan.Config.HiddenSize)
            .Select(i => evaluator.Create(_plan.Layout.PackFeature(sentences, i)))];
        double[] values = _plan.Layout.Unpack(_circuit.Forward(evaluator, features, mask).ToReal(), sentences.Count);
        return [.. values.Select((value, s) =>
        {
            double argument = arguments[s] / _plan.SoftArgmax.Polynomial.InputScale;
            return new ClearResult(SigmoidApproximation.Sigmoid(argument), value, argument, _plan.SoftArgmax.Polynomial.Covers(argument));
        })];
    }
}
