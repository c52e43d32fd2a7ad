using Heann.Core.Encoders;
using Heann.Core.Evaluation;
using Hnn.Model.Approximations;
using Hnn.Model.Packing;
using Hnn.Model.Weights;

namespace Hnn.Model.Compilation;

/// <summary>The network in the clear, by the same circuit: with the exact sigmoid or softmax, and as the twin that uses the polynomials
/// of the ciphertexts.</summary>
/// <remarks>For whoever has both text and weights: demonstrations, tests, evaluation. Thread-safe.</remarks>
public sealed class ClearNetwork
{
    private readonly SentimentCircuit _circuit;
    private readonly LevelPlan _plan;

    /// <summary>Prepares the network for the plan's bucket.</summary>
    public ClearNetwork(LevelPlan plan, NetworkWeights weights)
    {
        ArgumentNullException.ThrowIfNull(plan);
        _plan = plan;
        _circuit = new(plan.Config, weights, plan.Layout);
    }

    /// <summary>Evaluates an embedded sentence.</summary>
    /// <param name="tokens">(tokens, hidden).</param>
    public ClearResult Evaluate(double[,] tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        SlotVector packed = _circuit.Layout.PackTokens(tokens);
        SlotVector mask = _circuit.Layout.PackMask(tokens.GetLength(0));
        double[] mapped = [];
        Layers.SoftArgmax softArgmax = _circuit.SoftArgmax;
        ClearEvaluator evaluator = new(_plan.Parameters)
        {
            StageReached = (name, value) =>
            {
                if (name == "head.classifier")
                {
                    mapped = [.. Enumerable.Range(0, softArgmax.ClassCount == 2 ? 1 : softArgmax.ClassCount).Select(i => value[i].Real)];
                }
            },
        };
        ClearValue twin = _circuit.Forward(evaluator, evaluator.Create(packed), evaluator.Create(mask));
        ReleasedValue released = ReleasedSlots.Read(slot => twin[slot].Real, softArgmax.ClassCount, softArgmax.Release);
        return ClearAnswer.Create(softArgmax, ClearAnswer.Unmap(softArgmax, mapped), released);
    }
}
