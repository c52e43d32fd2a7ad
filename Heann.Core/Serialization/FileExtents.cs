namespace Heann.Core.Serialization;

/// <summary>Which bytes of a file are taken: room for something is the first gap that it fits into, else the end.</summary>
/// <remarks>Deterministic, so that a dry run knows how long the file gets. Not thread-safe.</remarks>
internal sealed class FileExtents
{
    // Ordered, none empty, no two adjacent, none at the end.
    private readonly List<(long Start, long Length)> _gaps = [];

    /// <summary>End of the last byte that is taken.</summary>
    public long End { get; private set; }

    /// <summary>The largest <see cref="End"/> so far: what the file's length has grown to.</summary>
    public long PeakEnd { get; private set; }

    /// <summary>Takes room.</summary>
    /// <param name="length">Bytes, at least 1.</param>
    /// <returns>Its first byte.</returns>
    public long Take(long length)
    {
        int index = _gaps.FindIndex(gap => gap.Length >= length);
        if (index < 0)
        {
            End += length;
            PeakEnd = Math.Max(PeakEnd, End);
            return End - length;
        }

        (long start, long room) = _gaps[index];
        if (room == length)
        {
            _gaps.RemoveAt(index);
        }
        else
        {
            _gaps[index] = (start + length, room - length);
        }

        return start;
    }

    /// <summary>Gives room back.</summary>
    public void Release(long start, long length)
    {
        int next = _gaps.FindIndex(gap => gap.Start > start);
        next = next < 0 ? _gaps.Count : next;
        if (next < _gaps.Count && start + length == _gaps[next].Start)
        {
            length += _gaps[next].Length;
            _gaps.RemoveAt(next);
        }

        if (next > 0 && _gaps[next - 1].Start + _gaps[next - 1].Length == start)
        {
            next--;
            (start, length) = (_gaps[next].Start, length + _gaps[next].Length);
            _gaps.RemoveAt(next);
        }

        if (start + length == End)
        {
            End = start;
        }
        else
        {
            _gaps.Insert(next, (start, length));
        }
    }
}
