using Heann.Core;
using Heann.Core.Ciphertexts;
using Heann.Core.Circuits;
using Heann.Core.Evaluation;

namespace Hnn.Model.Layers;

/// <summary>Columns of a batch that wait in a store, one value for each feature, owned: put in, borrowed a few at a time, taken
/// out.</summary>
/// <remarks>A place may be empty. Of one level and scale, unless they are being replaced one after the other. Borrows the store. Not
/// thread-safe.</remarks>
internal sealed class WaitingColumns<T> : IDisposable
    where T : class, ICircuitValue
{
    private const int Empty = -1;

    private readonly ValueStore<T> _store;
    private readonly int[] _numbers;
    private readonly (int Level, Scale Scale)[] _labels;
    private readonly int _readCount;

    /// <summary>Empty places.</summary>
    /// <param name="store">Where the columns wait.</param>
    /// <param name="count">Number of places.</param>
    /// <param name="readCount">Columns that are borrowed at once at most.</param>
    public WaitingColumns(ValueStore<T> store, int count, int readCount)
    {
        _store = store;
        _numbers = new int[count];
        Array.Fill(_numbers, Empty);
        _labels = new (int, Scale)[count];
        _readCount = readCount;
    }

    /// <summary>Number of places.</summary>
    public int Count => _numbers.Length;

    /// <summary>ℓ of the first column.</summary>
    public int Level => _labels[0].Level;

    /// <summary>Δ of the first column.</summary>
    public Scale Scale => _labels[0].Scale;

    /// <summary>Empty places in the same store.</summary>
    public WaitingColumns<T> Beside(int count) => new(_store, count, _readCount);

    /// <summary>Whether a place is filled.</summary>
    public bool Has(int index) => _numbers[index] != Empty;

    /// <summary>Fills a place, which must be empty.</summary>
    /// <param name="index">Which.</param>
    /// <param name="column">Taken over, also when this throws.</param>
    /// <exception cref="InvalidOperationException">The place is filled.</exception>
    public void Put(int index, T column)
    {
        try
        {
            if (Has(index))
            {
                throw new InvalidOperationException($"Column {index} of {Count} is there already.");
            }

            (int, Scale) label = (column.Level, column.Scale);
            _numbers[index] = _store.Put(column);
            _labels[index] = label;
        }
        catch
        {
            column.Dispose();
            throw;
        }
    }

    /// <summary>Takes a column out: it is the caller's, and the place empty.</summary>
    /// <exception cref="InvalidOperationException">The place is empty.</exception>
    public T Take(int index)
    {
        T column = _store.Take(Number(index));
        _numbers[index] = Empty;
        return column;
    }

    /// <summary>column ← column + y, at the level of y, which is the lower one, and in storage of that size.</summary>
    public void Add(CircuitEvaluator<T> evaluator, int index, T y)
    {
        using T column = Take(index);
        T sum = evaluator.DropLevel(column, y.Level);
        try
        {
            evaluator.AddInto(sum, y, sum);
            evaluator.DeclareMagnitude(sum, Linear.TypicalMagnitude);
        }
        catch
        {
            sum.Dispose();
            throw;
        }

        Put(index, sum);
    }

    /// <summary>Lends one column.</summary>
    public void Lend(int index, Action<T> use) => Lend(index..(index + 1), columns => use(columns[0]));

    /// <summary>Lends all columns, in order, as many at once as may be in memory.</summary>
    /// <param name="use">Told the range and the columns, which it must not keep.</param>
    public void LendAll(Action<Range, T[]> use)
    {
        int step = Math.Min(_readCount, Count);
        for (int first = 0; first < Count; first += step)
        {
            Range range = first..Math.Min(first + step, Count);
            Lend(range, columns => use(range, columns));
        }
    }

    /// <summary>Multiplies by a matrix, row after row: as many rows at once as wanted, each in one pass over the columns.</summary>
    /// <param name="evaluator">The evaluator.</param>
    /// <param name="product">A column for each of these, and one more for the mask, if there is one.</param>
    /// <param name="mask">The last column, at the level of these; null where there is none.</param>
    /// <param name="rowCount">Rows in memory at once.</param>
    /// <param name="receive">Takes row and rescaled value, and owns the value.</param>
    public void Multiply(CircuitEvaluator<T> evaluator, ModularMatrixProduct product, T? mask, int rowCount, Action<int, T> receive)
    {
        for (int first = 0; first < product.RowCount; first += rowCount)
        {
            Range rows = first..Math.Min(first + rowCount, product.RowCount);
            using ColumnSet<T> sums = new(rows.End.Value - first);
            LendAll((range, columns) =>
            {
                bool isLast = range.End.Value == Count;
                T[] factors = isLast && mask is not null ? [.. columns, mask] : columns;
                product.Block(rows, isLast ? range.Start.. : range).AddTo(evaluator, factors, sums.Places);
            });
            for (int i = 0; i < sums.Count; i++)
            {
                evaluator.RescaleInto(sums[i], sums[i]);
                receive(first + i, sums.Take(i));
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        for (int i = 0; i < Count; i++)
        {
            if (Has(i))
            {
                _store.Remove(_numbers[i]);
                _numbers[i] = Empty;
            }
        }
    }

    private void Lend(Range range, Action<T[]> use)
    {
        (int first, int count) = range.GetOffsetAndLength(Count);
        int[] numbers = [.. Enumerable.Range(first, count).Select(Number)];
        T[] columns = _store.Borrow(numbers);
        try
        {
            use(columns);
        }
        finally
        {
            _store.Return(columns);
        }
    }

    private int Number(int index) =>
        Has(index) ? _numbers[index] : throw new InvalidOperationException($"Column {index} of {Count} is not there.");
}
