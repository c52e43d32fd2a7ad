using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;

namespace Heann.Core.Circuits;

/// <summary>W · C: a matrix of real weights, held as integers, times columns that are ciphertexts. One ciphertext per feature, the slots
/// hold the batch.</summary>
/// <remarks>
/// <para>y_r = Σ_c W_(r,c)·x_c + b_r. No encoding, no rotation, no key: per prime it is a matrix product of integers modulo q. A weight is
/// rounded to a multiple of 1/Δ_w; its rounding, uniform in ±1/2, counts as noise. One level, for the rescaling by which the scale comes
/// back.</para>
/// <para>Outputs come in groups of rows, so that not all of them need be held: <see cref="Stream"/> hands each over as soon as it is there.
/// The rows of a group share the reading of the columns. <see cref="AddTo"/> leaves the rescaling out, for sums over several
/// products. Immutable, thread-safe.</para>
/// Source: Bae, Cheon, Hanrot, Park, Stehlé, "Plaintext-Ciphertext Matrix Multiplication and FHE Bootstrapping: Fast and
/// Fused", eprint 2024/1284 (reduction to modular products of plain matrices).
/// </remarks>
public sealed class ModularMatrixProduct
{
    /// <summary>Rows of a group unless another number is given.</summary>
    public const int DefaultGroupSize = 32;

    private readonly long[] _weights;
    private readonly double[] _bias;
    private readonly Scale[] _scales;

    /// <summary>Rounds weights to integers.</summary>
    /// <param name="weights">[rows, columns], finite.</param>
    /// <param name="weightScale">Δ_w: weights are rounded to multiples of 1/Δ_w. Near the prime that the next rescaling divides by, the
    /// scale stays.</param>
    /// <param name="bias">b_r, one per row; empty for none.</param>
    /// <exception cref="ArgumentException">No weights, a bias of another length, or a weight that is not finite or reaches 2^62 with its
    /// scale.</exception>
    public ModularMatrixProduct(double[,] weights, Scale weightScale, ReadOnlySpan<double> bias = default)
        : this(weights, SameForAll(weights, weightScale), bias)
    {
    }

    /// <summary>Rounds weights to integers, for columns of different scales: Δ_x·Δ_w is to be the same for every column.</summary>
    /// <param name="weights">[rows, columns], finite.</param>
    /// <param name="weightScales">Δ_w of each column.</param>
    /// <param name="bias">b_r, one per row; empty for none.</param>
    /// <exception cref="ArgumentException">No weights, scales or biases of another number, or a weight that is not finite or reaches 2^62
    /// with its scale.</exception>
    public ModularMatrixProduct(double[,] weights, ReadOnlySpan<Scale> weightScales, ReadOnlySpan<double> bias = default)
    {
        ArgumentNullException.ThrowIfNull(weights);
        (RowCount, ColumnCount) = (weights.GetLength(0), weights.GetLength(1));
        if (weights.Length == 0 || (!bias.IsEmpty && bias.Length != RowCount) || weightScales.Length != ColumnCount)
        {
            throw new ArgumentException($"A matrix of {RowCount} × {ColumnCount} with {bias.Length} biases and {weightScales.Length} scales: it needs rows, columns with a scale each, and one bias per row or none.", nameof(weights));
        }

        _weights = new long[RowCount * ColumnCount];
        _bias = bias.ToArray();
        _scales = weightScales.ToArray();
        for (int i = 0; i < _weights.Length; i++)
        {
            (int row, int column) = Math.DivRem(i, ColumnCount);
            double weight = Math.Round(weights[row, column] * _scales[column].Value, MidpointRounding.ToEven);
            if (!(Math.Abs(weight) < 1L << 62))
            {
                throw new ArgumentException(
                    $"Weight {weights[row, column]} of row {row}, column {column} is no integer below 2^62 at scale {_scales[column]}; lower the scale.",
                    nameof(weights));
            }

            _weights[i] = (long)weight;
        }
    }

    private ModularMatrixProduct(ModularMatrixProduct whole, (int First, int Count) rows, (int First, int Count) columns)
    {
        (RowCount, ColumnCount) = (rows.Count, columns.Count);
        _weights = new long[RowCount * ColumnCount];
        for (int r = 0; r < RowCount; r++)
        {
            ReadOnlySpan<long> row = whole._weights.AsSpan((rows.First + r) * whole.ColumnCount, whole.ColumnCount);
            row.Slice(columns.First, ColumnCount).CopyTo(_weights.AsSpan(r * ColumnCount));
        }

        _bias = columns.First == 0 && whole._bias.Length > 0 ? whole._bias[rows.First..(rows.First + rows.Count)] : [];
        _scales = whole._scales[columns.First..(columns.First + columns.Count)];
    }

    /// <summary>Number of outputs.</summary>
    public int RowCount { get; }

    /// <summary>Number of inputs.</summary>
    public int ColumnCount { get; }

    /// <summary>Δ_w, of the first column where they differ.</summary>
    public Scale WeightScale => _scales[0];

    /// <summary>The weight that is really used: round(W·Δ_w)/Δ_w.</summary>
    public double Weight(int row, int column) => _weights[(row * ColumnCount) + column] / _scales[column].Value;

    /// <summary>A block of the matrix, for columns of which only some are in memory: the sum of the blocks' products over all columns, by
    /// <see cref="AddTo"/>, is the whole one's. The biases go with the block that has column 0.</summary>
    /// <param name="rows">Rows, at least one.</param>
    /// <param name="columns">Columns, at least one.</param>
    /// <exception cref="ArgumentException">No rows or columns, or some that the matrix does not have.</exception>
    public ModularMatrixProduct Block(Range rows, Range columns)
    {
        (int First, int Count) r = rows.GetOffsetAndLength(RowCount), c = columns.GetOffsetAndLength(ColumnCount);
        if (r.Count == 0 || c.Count == 0)
        {
            throw new ArgumentException($"A block has rows and columns; rows {rows} are {r.Count} of {RowCount}, columns {columns} are {c.Count} of {ColumnCount}.", nameof(rows));
        }

        return new(this, r, c);
    }

    /// <summary>All rows.</summary>
    /// <param name="evaluator">The evaluator.</param>
    /// <param name="x">One value per column, of one level ≥ 1, scale and number of parts.</param>
    /// <returns>One value per row: level ℓ − 1, scale Δ_x·Δ_w/q_ℓ.</returns>
    /// <exception cref="LevelExhaustedException">x is at level 0.</exception>
    public T[] Evaluate<T>(CircuitEvaluator<T> evaluator, ReadOnlySpan<T> x)
        where T : class, ICircuitValue
    {
        using Temporaries<T> temporaries = new();
        T[] results = new T[RowCount];
        Stream(evaluator, x, (row, value) => results[row] = temporaries.Add(value));
        foreach (T result in results)
        {
            temporaries.Keep(result);
        }

        return results;
    }

    /// <summary>Row after row, in order.</summary>
    /// <param name="evaluator">The evaluator.</param>
    /// <param name="x">One value per column, of one level ≥ 1, scale and number of parts.</param>
    /// <param name="receive">Takes row index and value, and owns the value.</param>
    /// <param name="groupSize">Rows that are computed, and held, at once.</param>
    /// <exception cref="LevelExhaustedException">x is at level 0.</exception>
    public void Stream<T>(CircuitEvaluator<T> evaluator, ReadOnlySpan<T> x, Action<int, T> receive, int groupSize = DefaultGroupSize)
        where T : class, ICircuitValue
    {
        ArgumentNullException.ThrowIfNull(receive);
        RequireColumns(evaluator, x, groupSize);
        for (int first = 0; first < RowCount; first += groupSize)
        {
            using Temporaries<T> temporaries = new();
            T[] group = Rows(evaluator, x, first..Math.Min(first + groupSize, RowCount), temporaries);
            for (int i = 0; i < group.Length; i++)
            {
                evaluator.RescaleInto(group[i], group[i]);
                receive(first + i, temporaries.Keep(group[i]));
            }
        }
    }

    /// <summary>sums_r ← sums_r + Σ_c W_(r,c)·x_c + b_r, not rescaled: a product over very many columns is a sum over a few at a
    /// time, and is rescaled once.</summary>
    /// <param name="evaluator">The evaluator.</param>
    /// <param name="x">One value per column, of one level ≥ 1 and number of parts.</param>
    /// <param name="sums">One per row, at the level of x and scale Δ_x·Δ_w; null counts as zero and is set to a new value, which the caller
    /// owns.</param>
    /// <param name="groupSize">Rows that are computed, and held, at once.</param>
    /// <exception cref="LevelExhaustedException">x is at level 0.</exception>
    /// <exception cref="ScaleMismatchException">A sum has another scale.</exception>
    public void AddTo<T>(CircuitEvaluator<T> evaluator, ReadOnlySpan<T> x, Span<T?> sums, int groupSize = DefaultGroupSize)
        where T : class, ICircuitValue
    {
        RequireColumns(evaluator, x, groupSize);
        if (sums.Length != RowCount)
        {
            throw new ArgumentException($"A matrix of {RowCount} rows adds to as many sums; got {sums.Length}.", nameof(sums));
        }

        for (int first = 0; first < RowCount; first += groupSize)
        {
            using Temporaries<T> temporaries = new();
            T[] group = Rows(evaluator, x, first..Math.Min(first + groupSize, RowCount), temporaries);
            for (int i = 0; i < group.Length; i++)
            {
                if (sums[first + i] is { } sum)
                {
                    evaluator.AddInto(sum, group[i], sum);
                }
                else
                {
                    sums[first + i] = temporaries.Keep(group[i]);
                }
            }
        }
    }

    private static Scale[] SameForAll(double[,] weights, Scale weightScale)
    {
        ArgumentNullException.ThrowIfNull(weights);
        Scale[] scales = new Scale[weights.GetLength(1)];
        Array.Fill(scales, weightScale);
        return scales;
    }

    private void RequireColumns<T>(CircuitEvaluator<T> evaluator, ReadOnlySpan<T> x, int groupSize)
        where T : class, ICircuitValue
    {
        ArgumentNullException.ThrowIfNull(evaluator);
        ArgumentOutOfRangeException.ThrowIfLessThan(groupSize, 1);
        if (x.Length != ColumnCount)
        {
            throw new ArgumentException($"A matrix of {ColumnCount} columns takes as many values; got {x.Length}.", nameof(x));
        }

        if (x[0].Level < 1)
        {
            Throw.LevelExhausted("A matrix product", x[0].Level, 1);
        }
    }

    // Rows with their biases, not rescaled.
    private T[] Rows<T>(CircuitEvaluator<T> evaluator, ReadOnlySpan<T> x, Range rows, Temporaries<T> temporaries)
        where T : class, ICircuitValue
    {
        (int first, int count) = rows.GetOffsetAndLength(RowCount);
        T[] group = new T[count];
        for (int i = 0; i < count; i++)
        {
            group[i] = temporaries.Add(evaluator.Allocate(x[0].Level, x[0].PartCount));
        }

        evaluator.MultiplyRoundedMatrixInto(_weights.AsSpan(first * ColumnCount, count * ColumnCount), x, _scales, group);
        for (int i = 0; i < count && _bias.Length > 0; i++)
        {
            evaluator.AddConstantInto(group[i], _bias[first + i], group[i]);
        }

        return group;
    }
}
