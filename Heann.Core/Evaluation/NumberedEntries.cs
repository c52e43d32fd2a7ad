namespace Heann.Core.Evaluation;

/// <summary>Entries known by small numbers, which are used again.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class NumberedEntries<TEntry>
    where TEntry : class
{
    private readonly List<TEntry?> _entries = [];
    private readonly Stack<int> _free = [];

    /// <summary>The entries that are there.</summary>
    public IEnumerable<TEntry> All => _entries.OfType<TEntry>();

    /// <summary>An entry.</summary>
    /// <exception cref="ArgumentException">There is none of that number.</exception>
    public TEntry this[int number] => number >= 0 && number < _entries.Count && _entries[number] is { } entry
        ? entry
        : throw new ArgumentException($"No value waits under number {number}; {_entries.Count - _free.Count} wait. It was taken out or removed.", nameof(number));

    /// <summary>Adds an entry.</summary>
    public int Add(TEntry entry)
    {
        if (_free.TryPop(out int number))
        {
            _entries[number] = entry;
            return number;
        }

        _entries.Add(entry);
        return _entries.Count - 1;
    }

    /// <summary>Removes an entry and returns it.</summary>
    /// <exception cref="ArgumentException">There is none of that number.</exception>
    public TEntry Remove(int number)
    {
        TEntry entry = this[number];
        _entries[number] = null;
        _free.Push(number);
        return entry;
    }

    /// <summary>Removes all.</summary>
    public void Clear()
    {
        _entries.Clear();
        _free.Clear();
    }
}
