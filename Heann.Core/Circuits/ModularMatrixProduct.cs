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
/// A group of eight reads each column once for eight rows. Immutable, thread-safe.</para>
/// Source: Bae, Cheon, Hanrot, Park, Stehlé, "Plaintext-Ciphertext Matrix Multiplication and FHE Bootstrapping: Fast and
/// Fused", eprint 2024/1284 (reduction to modular products of plain matrices).
/// </remarks>
public sealed class ModularMatrixProduct
{
    /// <summary>Rows of a group unless another number is given.</summary>
    public const int DefaultGroupSize = 8;

    private readonly long[] _weights;
    private readonly double[] _bias;

    /// <summary>Rounds weights to integers.</summary>
    /// <param name="weights">[rows, columns], finite.</param>
    /// <param name="weightScale">Δ_w: weights are rounded to multiples of 1/Δ_w. Near the prime that the next rescaling divides by, the
    /// scale stays.</param>
    /// <param name="bias">b_r, one per row; empty for none.</param>
    /// <exception cref="ArgumentException">No weights, a bias of another length, or a weight that is not finite or reaches 2^62 with its
    /// scale.</exception>
    public ModularMatrixProduct(double[,] weights, Scale weightScale, ReadOnlySpan<double> bias = default)
    {
        ArgumentNullException.ThrowIfNull(weights);
        (RowCount, ColumnCount, WeightScale) = (weights.GetLength(0), weights.GetLength(1), weightScale);
        if (weights.Length == 0 || (!bias.IsEmpty && bias.Length != RowCount))
        {
            throw new ArgumentException($"A matrix of {RowCount} × {ColumnCount} with {bias.Length} biases: it needs rows, columns, and one bias per row or none.", nameof(weights));
        }

        _weights = new long[RowCount * ColumnCount];
        _bias = bias.ToArray();
        for (int i = 0; i < _weights.Length; i++)
        {
            double weight = Math.Round(weights[i / ColumnCount, i % ColumnCount] * weightScale.Value, MidpointRounding.ToEven);
            if (!(Math.Abs(weight) < 1L << 62))
            {
                throw new ArgumentException(
                    $"Weight {weights[i / ColumnCount, i % ColumnCount]} of row {i / ColumnCount}, column {i % ColumnCount} is no integer below 2^62 at scale {weightScale}; lower the scale.",
                    nameof(weights));
            }

            _weights[i] = (long)weight;
        }
    }

    /// <summary>Number of outputs.</summary>
    public int RowCount { get; }

    /// <summary>Number of inputs.</summary>
    public int ColumnCount { get; }

    /// <summary>Δ_w.</summary>
    public Scale WeightScale { get; }

    /// <summary>The weight that is really used: round(W·Δ_w)/Δ_w.</summary>
    public double Weight(int row, int column) => _weights[(row * ColumnCount) + column] / WeightScale.Value;

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
        ArgumentNullException.ThrowIfNull(evaluator);
        ArgumentNullException.ThrowIfNull(receive);
        ArgumentOutOfRangeException.ThrowIfLessThan(groupSize, 1);
        if (x.Length != ColumnCount)
        {
            throw new ArgumentException($"A matrix of {ColumnCount} columns takes as many values; got {x.Length}.", nameof(x));
        }

        if (x[0].Level < 1)
        {
            Throw.LevelExhausted("A matrix product", x[0].Level, 1);
        }

        for (int first = 0; first < RowCount; first += groupSize)
        {
            using Temporaries<T> temporaries = new();
            T[] group = new T[Math.Min(groupSize, RowCount - first)];
            for (int i = 0; i < group.Length; i++)
            {
                group[i] = temporaries.Add(evaluator.Allocate(x[0].Level, x[0].PartCount));
            }

            evaluator.MultiplyRoundedMatrixInto(_weights.AsSpan(first * ColumnCount, group.Length * ColumnCount), x, WeightScale, group);
            for (int i = 0; i < group.Length; i++)
            {
                if (_bias.Length > 0)
                {
                    evaluator.AddConstantInto(group[i], _bias[first + i], group[i]);
                }

                evaluator.RescaleInto(group[i], group[i]);
                receive(first + i, temporaries.Keep(group[i]));
            }
        }
    }
}
