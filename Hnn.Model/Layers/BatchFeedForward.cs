using Heann.Core;
using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;
using Hnn.Model.Weights;

namespace Hnn.Model.Layers;

/// <summary>y = W_2·act(W_1·x + m·b_1) + m·b_2 over a batch. Plaintext, product, plaintext: three levels.</summary>
/// <remarks>The wide side is never held: some of its features at a time are made, squared, and added to the sums of all outputs, which
/// are rescaled once. Immutable, thread-safe.</remarks>
public sealed class BatchFeedForward
{
    // Wide features at once. More of them are fewer additions to the sums; with this many the attention takes more memory still.
    private const int WideFeatures = 64;

    private readonly BatchLinear[] _expand;
    private readonly BatchLinear[] _contract;

    /// <summary>Prepares the layer.</summary>
    public BatchFeedForward(LayerWeights weights, QuadraticActivation activation)
    {
        ArgumentNullException.ThrowIfNull(weights);
        LinearWeights expand = activation.Before(weights.FeedForward1), contract = activation.After(weights.FeedForward2);
        int[][] chunks = [.. Enumerable.Range(0, expand.Out).Chunk(WideFeatures)];
        _expand = [.. chunks.Select(chunk => new BatchLinear(expand.Rows(chunk[0], chunk.Length)))];

        // The masked bias comes with the first of them.
        _contract = [.. chunks.Select((chunk, c) => new BatchLinear(c == 0
            ? new(contract.Columns(0, chunk.Length).Weight, contract.Bias, chunk.Length, contract.Out)
            : contract.Columns(chunk[0], chunk.Length)))];
    }

    /// <summary>The contribution to the residual stream at the scale of x, three levels below it.</summary>
    /// <param name="evaluator">The evaluator.</param>
    /// <param name="x">The residual stream.</param>
    /// <param name="mask">m.</param>
    /// <param name="name">Prefix of the stages reported, each by its first column.</param>
    internal ColumnSet<T> Forward<T>(CircuitEvaluator<T> evaluator, ColumnSet<T> x, T mask, string name)
        where T : class, ICircuitValue
    {
        ColumnSet<T> sums = new(_contract[0].Out);
        try
        {
            for (int c = 0; c < _expand.Length; c++)
            {
                using ColumnSet<T> wide = new(_expand[c].Forward(evaluator, x.All, mask));
                if (c == 0)
                {
                    evaluator.Report(name + ".1", wide[0]);
                }

                for (int i = 0; i < wide.Count; i++)
                {
                    QuadraticActivation.SquareInto(evaluator, wide[i]);
                }

                if (c == 0)
                {
                    evaluator.Report(name + ".activation", wide[0]);
                }

                _contract[c].AddTo(evaluator, wide.All, c == 0 ? mask : null, x[0].Scale, sums.Places);
            }

            for (int o = 0; o < sums.Count; o++)
            {
                evaluator.RescaleInto(sums[o], sums[o]);
                evaluator.DeclareMagnitude(sums[o], Linear.TypicalMagnitude);
            }

            evaluator.Report(name + ".2", sums[0]);
            return sums;
        }
        catch
        {
            sums.Dispose();
            throw;
        }
    }
}
