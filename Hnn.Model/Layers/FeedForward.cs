using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;
using Hnn.Model.Packing;
using Hnn.Model.Weights;

namespace Hnn.Model.Layers;

/// <summary>y = W_2·act(W_1·x + m·b_1) + m·b_2. Plaintext, product, plaintext: three levels.</summary>
/// <remarks>x, y: (tokens, hidden); between them (tokens, intermediate), cut into chunks of 2·hidden features. Two of them share a ciphertext,
/// u + i·u', are parted by a conjugation for their squares s and s', and go on as s² − i·s'²: see <see cref="Linear"/>.</remarks>
public sealed class FeedForward
{
    private readonly Linear _expand;
    private readonly Linear _contract;
    private readonly bool _hasPairs;

    /// <summary>Prepares the layer.</summary>
    public FeedForward(TokenLayout layout, LayerWeights weights, QuadraticActivation activation)
    {
        ArgumentNullException.ThrowIfNull(weights);
        SlotPlacement[] chunks = SlotPlacement.Pairs(FeaturePlacement.Chunks(layout, weights.FeedForward1.Out));
        _hasPairs = chunks[0].Imaginary is not null;
        _expand = new(layout, activation.Before(weights.FeedForward1), [new SlotPlacement(FeaturePlacement.Residual(layout))], chunks);
        _contract = new(layout, activation.After(weights.FeedForward2), chunks, [new SlotPlacement(FeaturePlacement.Single(layout))]);
    }

    /// <summary>The contribution to the residual stream, each feature once: (tokens, hidden), at the scale of x.</summary>
    public T Forward<T>(CircuitEvaluator<T> evaluator, T x, T mask, string name)
        where T : class, ICircuitValue
    {
        ArgumentNullException.ThrowIfNull(evaluator);
        T[] chunks = _expand.Forward(evaluator, [x], mask);
        evaluator.Report(name + ".1", chunks[0]);
        foreach (T chunk in chunks)
        {
            if (_hasPairs)
            {
                QuadraticActivation.SquarePartsInto(evaluator, chunk);
            }
            else
            {
                QuadraticActivation.SquareInto(evaluator, chunk);
            }
        }

        evaluator.Report(name + ".activation", chunks[0]);
        T result = _contract.Forward(evaluator, chunks, mask, x.Scale)[0];
        foreach (T chunk in chunks)
        {
            chunk.Dispose();
        }

        evaluator.Report(name + ".2", result);
        return result;
    }
}
