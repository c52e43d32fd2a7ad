using Heann.Core.Encoders;
using Heann.Core.Evaluation;
using Hnn.Model.Weights;

namespace Hnn.Model.Compilation;

/// <summary>The network in the clear, by the same circuit: with the exact sigmoid, and as the twin that uses the polynomials of the ciphertexts.</summary>
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
        _circuit = new(plan.Config, weights, plan.Bucket, plan.Parameters.SlotCount);
    }

    /// <summary>Evaluates an embedded sentence.</summary>
    /// <param name="tokens">(tokens, hidden).</param>
    public ClearResult Evaluate(double[,] tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        SlotVector packed = _circuit.Layout.PackTokens(tokens);
        SlotVector mask = _circuit.Layout.PackMask(tokens.GetLength(0));
        double argument = 0;
        double exact = Run(packed, mask, usesExactFunctions: true, value => argument = value);
        double twin = Run(packed, mask, usesExactFunctions: false, _ => { });
        double mapped = argument / _circuit.SoftArgmax.Polynomial.InputScale;
        return new(exact, twin, mapped, _circuit.SoftArgmax.Polynomial.Covers(mapped));
    }

    private double Run(SlotVector packed, SlotVector mask, bool usesExactFunctions, Action<double> mappedArgument)
    {
        ClearEvaluator evaluator = new(_plan.Parameters, usesExactFunctions)
        {
            StageReached = (name, value) =>
            {
                if (name == "head.classifier")
                {
                    mappedArgument(value[0].Real);
                }
            },
        };
        return _circuit.Forward(evaluator, evaluator.Create(packed), evaluator.Create(mask))[0].Real;
    }
}
