using Heann.Core;
using Heann.Core.Ciphertexts;
using Heann.Core.Circuits;
using Heann.Core.Evaluation;
using Hnn.Model.Weights;

namespace Hnn.Model.Layers;

/// <summary>y = W·x + m·b for a batch, one ciphertext for each feature: a product of integer weights with the columns, the mask one column
/// more. One plaintext level, no key, no rotation, nothing encoded.</summary>
/// <remarks>
/// A weight is rounded to a multiple of s/(q_ℓ·Δ'), Δ' being the scale wanted and s that of x, so that the rescaling by q_ℓ gives Δ'; the
/// mask's weights are rounded for its own scale, so that both meet in one product. Immutable, thread-safe.
/// </remarks>
public sealed class BatchLinear
{
    private readonly LinearWeights _weights;

    /// <summary>Prepares the layer.</summary>
    /// <param name="weights">W and b.</param>
    public BatchLinear(LinearWeights weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        _weights = weights;
    }

    /// <summary>Output features.</summary>
    public int Out => _weights.Out;

    /// <summary>W·x + m·b, all rows.</summary>
    /// <param name="evaluator">The evaluator.</param>
    /// <param name="x">One column for each input feature, of one level ℓ ≥ 1 and one scale.</param>
    /// <param name="mask">m, at level ℓ or above.</param>
    /// <param name="scale">Scale of the result: that of the residual it will meet; null for x's.</param>
    /// <returns>One column for each output feature, at level ℓ − 1.</returns>
    /// <exception cref="ArgumentException">Another number of columns, or the mask is below x.</exception>
    /// <exception cref="LevelExhaustedException">ℓ = 0.</exception>
    public T[] Forward<T>(CircuitEvaluator<T> evaluator, ReadOnlySpan<T> x, T mask, Scale? scale = null)
        where T : class, ICircuitValue
    {
        using ColumnSet<T> results = new(Out);
        Stream(evaluator, x, mask, scale, (row, value) => results[row] = value);
        return [.. Enumerable.Range(0, Out).Select(results.Take)];
    }

    /// <summary>W·x + m·b, row after row; see <see cref="Forward"/>.</summary>
    /// <param name="evaluator">The evaluator.</param>
    /// <param name="x">Columns.</param>
    /// <param name="mask">m.</param>
    /// <param name="scale">Scale of the result; null for x's.</param>
    /// <param name="receive">Takes row and value, and owns the value.</param>
    public void Stream<T>(CircuitEvaluator<T> evaluator, ReadOnlySpan<T> x, T mask, Scale? scale, Action<int, T> receive)
        where T : class, ICircuitValue
    {
        ArgumentNullException.ThrowIfNull(evaluator);
        ArgumentNullException.ThrowIfNull(mask);
        ArgumentNullException.ThrowIfNull(receive);
        using Operands<T> operands = new(this, evaluator, x, mask, scale);
        operands.Product.Stream(evaluator, operands.Columns, (row, value) =>
        {
            evaluator.DeclareMagnitude(value, Linear.TypicalMagnitude);
            receive(row, value);
        });
    }

    /// <summary>sums ← sums + W·x + m·b, not rescaled: a map over many columns, a few of them at a time.</summary>
    /// <param name="evaluator">The evaluator.</param>
    /// <param name="x">Columns.</param>
    /// <param name="mask">m; null where all biases are zero.</param>
    /// <param name="scale">Scale of the sums after their rescaling.</param>
    /// <param name="sums">One for each row; an empty place is filled.</param>
    internal void AddTo<T>(CircuitEvaluator<T> evaluator, ReadOnlySpan<T> x, T? mask, Scale scale, Span<T?> sums)
        where T : class, ICircuitValue
    {
        using Operands<T> operands = new(this, evaluator, x, mask, scale);
        operands.Product.AddTo(evaluator, operands.Columns, sums);
    }

    // The matrix of integers for the columns' level and scales, and the columns, the mask dropped to their level after them.
    private sealed class Operands<T> : IDisposable
        where T : class, ICircuitValue
    {
        private readonly T[] _columns;
        private readonly T? _mask;

        public Operands(BatchLinear layer, CircuitEvaluator<T> evaluator, ReadOnlySpan<T> x, T? mask, Scale? scale)
        {
            LinearWeights map = layer._weights;
            if (x.Length != map.In)
            {
                throw new ArgumentException($"A map of {map.In} features takes as many columns; got {x.Length}.", nameof(x));
            }

            Scale raised = (scale ?? x[0].Scale) * new Scale(evaluator.Parameters.BasisQ[x[0].Level].Value);
            Scale[] scales = new Scale[x.Length + (mask is null ? 0 : 1)];
            Array.Fill(scales, raised / x[0].Scale.Value);
            double[,] weights = new double[map.Out, scales.Length];
            for (int o = 0; o < map.Out; o++)
            {
                for (int i = 0; i < map.In; i++)
                {
                    weights[o, i] = map[o, i];
                }

                if (mask is not null)
                {
                    weights[o, map.In] = map.Bias[o];
                }
            }

            if (mask is not null)
            {
                scales[^1] = raised / mask.Scale.Value;
                _mask = evaluator.DropLevel(mask, x[0].Level);
            }

            _columns = _mask is null ? [.. x] : [.. x, _mask];
            Product = new(weights, scales);
        }

        public ModularMatrixProduct Product { get; }

        public ReadOnlySpan<T> Columns => _columns;

        public void Dispose() => _mask?.Dispose();
    }
}
