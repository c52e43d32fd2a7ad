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

    /// <summary>W·x + m·b, row after row; see <see cref="Forward{T}(CircuitEvaluator{T}, ReadOnlySpan{T}, T, Scale?)"/>.</summary>
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
        RequireColumns(x.Length);
        using T lowered = evaluator.DropLevel(mask, x[0].Level);
        ModularMatrixProduct product = Product(evaluator, (x[0].Level, x[0].Scale), lowered.Scale, scale ?? x[0].Scale);
        product.Stream(evaluator, [.. x, lowered], Declaring(evaluator, receive));
    }

    /// <summary>All rows at once of columns that wait: one pass over them.</summary>
    /// <param name="evaluator">The evaluator.</param>
    /// <param name="x">Columns.</param>
    /// <param name="mask">m.</param>
    internal ColumnSet<T> Forward<T>(CircuitEvaluator<T> evaluator, WaitingColumns<T> x, T mask)
        where T : class, ICircuitValue
    {
        ColumnSet<T> results = new(Out);
        try
        {
            Stream(evaluator, x, mask, (x.Scale, Out), (row, value) => results[row] = value);
            return results;
        }
        catch
        {
            results.Dispose();
            throw;
        }
    }

    /// <summary>Row after row of columns that wait.</summary>
    /// <param name="evaluator">The evaluator.</param>
    /// <param name="x">Columns.</param>
    /// <param name="mask">m.</param>
    /// <param name="wanted">Scale of the result, and rows that one pass over the columns makes.</param>
    /// <param name="receive">Takes row and value, and owns the value.</param>
    internal void Stream<T>(
        CircuitEvaluator<T> evaluator, WaitingColumns<T> x, T mask, (Scale Scale, int RowCount) wanted, Action<int, T> receive)
        where T : class, ICircuitValue
    {
        RequireColumns(x.Count);
        using T lowered = evaluator.DropLevel(mask, x.Level);
        ModularMatrixProduct product = Product(evaluator, (x.Level, x.Scale), lowered.Scale, wanted.Scale);
        x.Multiply(evaluator, product, lowered, wanted.RowCount, Declaring(evaluator, receive));
    }

    /// <summary>sums ← sums + W·x + m·b, not rescaled: a map over many columns, a few of them at a time.</summary>
    /// <param name="evaluator">The evaluator.</param>
    /// <param name="x">Columns.</param>
    /// <param name="mask">m; null where all biases are zero.</param>
    /// <param name="scale">Scale of the sums after their rescaling.</param>
    /// <param name="sums">One for each row; an empty place is filled.</param>
    internal void AddTo<T>(CircuitEvaluator<T> evaluator, ReadOnlySpan<T> x, T? mask, Scale scale, WaitingColumns<T> sums)
        where T : class, ICircuitValue
    {
        RequireColumns(x.Length);
        using T? lowered = mask is null ? null : evaluator.DropLevel(mask, x[0].Level);
        ModularMatrixProduct product = Product(evaluator, (x[0].Level, x[0].Scale), lowered?.Scale, scale);
        T[] columns = lowered is null ? [.. x] : [.. x, lowered];
        for (int first = 0; first < Out; first += ModularMatrixProduct.DefaultGroupSize)
        {
            Range rows = first..Math.Min(first + ModularMatrixProduct.DefaultGroupSize, Out);
            using ColumnSet<T> group = new(rows.End.Value - first);
            for (int i = 0; i < group.Count && sums.Has(first + i); i++)
            {
                group[i] = sums.Take(first + i);
            }

            product.Block(rows, ..).AddTo(evaluator, columns, group.Places);
            for (int i = 0; i < group.Count; i++)
            {
                sums.Put(first + i, group.Take(i));
            }
        }
    }

    private static Action<int, T> Declaring<T>(CircuitEvaluator<T> evaluator, Action<int, T> receive)
        where T : class, ICircuitValue => (row, value) =>
        {
            evaluator.DeclareMagnitude(value, Linear.TypicalMagnitude);
            receive(row, value);
        };

    private void RequireColumns(int count)
    {
        if (count != _weights.In)
        {
            throw new ArgumentException($"A map of {_weights.In} features takes as many columns; got {count}.", "x");
        }
    }

    // The matrix of integers for columns of a level and scale, and for the mask after them, if there is one.
    private ModularMatrixProduct Product<T>(CircuitEvaluator<T> evaluator, (int Level, Scale Scale) x, Scale? mask, Scale wanted)
        where T : class, ICircuitValue
    {
        Scale raised = wanted * new Scale(evaluator.Parameters.BasisQ[x.Level].Value);
        Scale[] scales = new Scale[_weights.In + (mask is null ? 0 : 1)];
        Array.Fill(scales, raised / x.Scale.Value);
        double[,] weights = new double[Out, scales.Length];
        for (int o = 0; o < Out; o++)
        {
            for (int i = 0; i < _weights.In; i++)
            {
                weights[o, i] = _weights[o, i];
            }

            if (mask is not null)
            {
                weights[o, _weights.In] = _weights.Bias[o];
            }
        }

        if (mask is { } maskScale)
        {
            scales[^1] = raised / maskScale.Value;
        }

        return new(weights, scales);
    }
}
