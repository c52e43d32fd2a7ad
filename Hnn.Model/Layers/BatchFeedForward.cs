using Heann.Core;
using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;
using Hnn.Model.Weights;

namespace Hnn.Model.Layers;

/// <summary>x ← x + W_2·act(W_1·x + m·b_1) + m·b_2 over a batch. Plaintext, product, plaintext: three levels.</summary>
/// <remarks>The wide side is never held: some of its features at a time are made, squared, and added to the sums of all outputs, which
/// are rescaled once. Immutable, thread-safe.</remarks>
public sealed class BatchFeedForward
{
    private readonly BatchLinear[] _expand;
    private readonly BatchLinear[] _contract;

    /// <summary>Prepares the layer.</summary>
    /// <param name="weights">W_1, b_1, W_2, b_2.</param>
    /// <param name="activation">act.</param>
    /// <param name="schedule">Which columns are in memory at once; null for all but the wide side's.</param>
    public BatchFeedForward(LayerWeights weights, QuadraticActivation activation, ColumnSchedule? schedule = null)
    {
        ArgumentNullException.ThrowIfNull(weights);
        LinearWeights expand = activation.Before(weights.FeedForward1), contract = activation.After(weights.FeedForward2);
        int[][] chunks = [.. Enumerable.Range(0, expand.Out).Chunk((schedule ?? ColumnSchedule.InMemory).WideFeatures)];
        _expand = [.. chunks.Select(chunk => new BatchLinear(expand.Rows(chunk[0], chunk.Length)))];

        // The masked bias comes with the first of them.
        _contract = [.. chunks.Select((chunk, c) => new BatchLinear(c == 0
            ? new(contract.Columns(0, chunk.Length).Weight, contract.Bias, chunk.Length, contract.Out)
            : contract.Columns(chunk[0], chunk.Length)))];
    }

    /// <summary>Adds the layer's outputs to the residual stream, which ends three levels lower at its scale.</summary>
    /// <param name="evaluator">The evaluator.</param>
    /// <param name="x">The residual stream.</param>
    /// <param name="mask">m.</param>
    /// <param name="name">Prefix of the stages reported, each by its first column.</param>
    internal void AddOutputs<T>(CircuitEvaluator<T> evaluator, WaitingColumns<T> x, T mask, string name)
        where T : class, ICircuitValue
    {
        using WaitingColumns<T> sums = x.Beside(_contract[0].Out);
        for (int c = 0; c < _expand.Length; c++)
        {
            using ColumnSet<T> wide = _expand[c].Forward(evaluator, x, mask);
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

            _contract[c].AddTo(evaluator, wide.All, c == 0 ? mask : null, x.Scale, sums);
        }

        for (int o = 0; o < sums.Count; o++)
        {
            using T output = sums.Take(o);
            evaluator.RescaleInto(output, output);
            evaluator.DeclareMagnitude(output, Linear.TypicalMagnitude);
            if (o == 0)
            {
                evaluator.Report(name + ".2", output);
            }

            x.Add(evaluator, o, output);
        }
    }
}
