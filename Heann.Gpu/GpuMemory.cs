using Heann.Gpu.Drivers;

namespace Heann.Gpu;

/// <summary>A device's memory, given out by the word and reused: best fit, neighbours joined again. Thread-safe.</summary>
/// <remarks>What is given back may be given out again at once although kernels that use it have not run: the queue works in order.</remarks>
internal sealed class GpuMemory(GpuDriver driver)
{
    // A line of 256 bytes: rows of residues start where loads are widest.
    private const long Unit = 32;

    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, long> _free = [];
    private readonly SortedSet<(long Words, ulong First)> _bySize = [];
    private readonly Dictionary<ulong, ulong> _endOfFree = [];
    private readonly SortedDictionary<ulong, long> _slabs = [];
    private bool _isDisposed;

    /// <summary>Words in use.</summary>
    public long UsedWords { get; private set; }

    /// <summary>Room for so many words.</summary>
    /// <exception cref="GpuOutOfMemoryException">There is none; everything that was rented is as before.</exception>
    public ulong Rent(long words)
    {
        long size = Rounded(words);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            (long Words, ulong First) fit = _bySize.GetViewBetween((size, 0), (long.MaxValue, ulong.MaxValue)).FirstOrDefault();
            if (fit.Words == 0)
            {
                (ulong first, long got) = driver.Allocate(size);
                ulong aligned = (first + Unit - 1) / Unit * Unit;
                fit = ((got - (long)(aligned - first)) / Unit * Unit, aligned);
                if (fit.Words < size)
                {
                    throw new GpuOutOfMemoryException($"{size * sizeof(double)} bytes were asked for and {got * sizeof(double)} allocated.");
                }

                _slabs.Add(aligned, fit.Words);
                Add(fit.First, fit.Words);
            }

            Remove(fit.First, fit.Words);
            if (fit.Words > size)
            {
                Add(fit.First + (ulong)size, fit.Words - size);
            }

            UsedWords += size;
            return fit.First;
        }
    }

    /// <summary>Takes back what <see cref="Rent"/> gave for so many words.</summary>
    public void Return(ulong first, long words)
    {
        long size = Rounded(words);
        lock (_lock)
        {
            UsedWords -= size;
            if (_isDisposed)
            {
                return;
            }

            // Slabs of the driver are not joined: nothing says that neighbouring ones are one piece.
            ulong end = first + (ulong)size;
            if (_free.TryGetValue(end, out long after) && !_slabs.ContainsKey(end))
            {
                Remove(end, after);
                size += after;
            }

            if (!_slabs.ContainsKey(first) && _endOfFree.TryGetValue(first, out ulong before))
            {
                long length = (long)(first - before);
                Remove(before, length);
                (first, size) = (before, size + length);
            }

            Add(first, size);
        }
    }

    /// <summary>What is rented, in pieces that touch none of the free ones.</summary>
    public IReadOnlyList<(ulong First, long Words)> Used()
    {
        lock (_lock)
        {
            List<(ulong, long)> used = [];
            foreach ((ulong first, long words) in _slabs)
            {
                ulong at = first, end = first + (ulong)words;
                foreach ((ulong free, long length) in _free.Where(piece => piece.Key >= first && piece.Key < end).OrderBy(piece => piece.Key))
                {
                    Add(at, free);
                    at = free + (ulong)length;
                }

                Add(at, end);
            }

            return used;

            void Add(ulong from, ulong to)
            {
                if (to > from)
                {
                    used.Add((from, (long)(to - from)));
                }
            }
        }
    }

    /// <summary>No more is given out.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isDisposed = true;
        }
    }

    private static long Rounded(long words) => Math.Max(1, (words + Unit - 1) / Unit) * Unit;

    private void Add(ulong first, long words)
    {
        _free.Add(first, words);
        _bySize.Add((words, first));
        _endOfFree.Add(first + (ulong)words, first);
    }

    private void Remove(ulong first, long words)
    {
        _free.Remove(first);
        _bySize.Remove((words, first));
        _endOfFree.Remove(first + (ulong)words);
    }
}
