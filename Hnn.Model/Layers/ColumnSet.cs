using Heann.Core.Ciphertexts;

namespace Hnn.Model.Layers;

/// <summary>Columns of a batch that are in memory, owned: given back with the set, or as soon as another takes the place.</summary>
/// <remarks>A place may be empty until it is set. Not thread-safe.</remarks>
internal sealed class ColumnSet<T> : IDisposable
    where T : class, ICircuitValue
{
    private readonly T?[] _columns;

    /// <summary>Empty places.</summary>
    public ColumnSet(int count) => _columns = new T?[count];

    /// <summary>Takes the columns over.</summary>
    public ColumnSet(ReadOnlySpan<T> columns) => _columns = [.. columns];

    /// <summary>Number of places.</summary>
    public int Count => _columns.Length;

    /// <summary>A column; setting it gives back what was there.</summary>
    /// <exception cref="InvalidOperationException">The place is empty.</exception>
    public T this[int index]
    {
        get => _columns[index] ?? throw new InvalidOperationException($"Column {index} of {Count} is not there.");
        set
        {
            _columns[index]?.Dispose();
            _columns[index] = value;
        }
    }

    /// <summary>All columns.</summary>
    /// <exception cref="InvalidOperationException">A place is empty.</exception>
    public ReadOnlySpan<T> All
    {
        get
        {
            int missing = Array.IndexOf(_columns, null);
            return missing < 0
                ? (T[])(object)_columns // the same array, known to hold no null
                : throw new InvalidOperationException($"Column {missing} of {Count} is not there.");
        }
    }

    /// <summary>The places, to be filled: what is set here is owned from then on.</summary>
    public Span<T?> Places => _columns;

    /// <summary>Whether a place is filled.</summary>
    public bool Has(int index) => _columns[index] is not null;

    /// <summary>Takes a column out: it is the caller's, and the place empty.</summary>
    public T Take(int index)
    {
        T column = this[index];
        _columns[index] = null;
        return column;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        for (int i = 0; i < Count; i++)
        {
            _columns[i]?.Dispose();
            _columns[i] = null;
        }
    }
}
