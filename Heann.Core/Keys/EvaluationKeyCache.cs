using Heann.Core.Parameters;

namespace Heann.Core.Keys;

/// <summary>Keys that are read when an operation needs them, and kept as far as a number of bytes allows.</summary>
/// <remarks>
/// <para>A key is held from before an operation reads it until after. One that nobody holds and nobody was handed makes room for others,
/// the one that was asked for longest ago first. What is in memory exceeds the capacity only while what running operations hold at once
/// does: one key each, or all keys of a sum of rotations.</para>
/// <para>One key is read at a time; keys that are in memory are held and released meanwhile. A read that fails changes nothing but the room
/// that was made for it, and may be tried again. Thread-safe.</para>
/// </remarks>
internal sealed class EvaluationKeyCache : IDisposable
{
    private readonly long _capacity;
    private readonly Func<EvaluationKey, KeySwitchingKey> _read;
    private readonly IDisposable? _source;
    private readonly Lock _reading = new(); // taken before _state, never after
    private readonly Lock _state = new();   // of what follows, and of the keys
    private readonly List<EvaluationKey> _inMemory = [];
    private long _byteCount;
    private long _peakByteCount;
    private long _requestCount;
    private long _readCount;
    private bool _isDisposed;

    /// <summary>Begins with no key in memory.</summary>
    /// <param name="capacity">Bytes.</param>
    /// <param name="read">Gives a key, from then on the cache's.</param>
    /// <param name="source">What it is read from; disposed with the cache. Null for a source that stays its owner's.</param>
    public EvaluationKeyCache(long capacity, Func<EvaluationKey, KeySwitchingKey> read, IDisposable? source) =>
        (_capacity, _read, _source) = (capacity, read, source);

    /// <summary>Bytes of the keys in memory.</summary>
    public long ByteCount => Volatile.Read(ref _byteCount);

    /// <summary>Most bytes of keys that were in memory at once.</summary>
    public long PeakByteCount => Volatile.Read(ref _peakByteCount);

    /// <summary>How many times a key was read.</summary>
    public long ReadCount => Volatile.Read(ref _readCount);

    /// <summary>Holds a key, and reads it where it is not in memory.</summary>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public void Hold(EvaluationKey key) => TryHold(key, mustFit: false);

    /// <summary>Holds keys of one layout: those in memory, then, while there is room beside what is held, others; at least one.</summary>
    /// <param name="wanted">Keys; null and those of other layouts are passed over.</param>
    /// <param name="layout">Theirs.</param>
    /// <param name="isAll">Holds all of them, whatever they take.</param>
    /// <param name="held">Takes each key that is held, at its place in <paramref name="wanted"/>, and null elsewhere. All null where it
    /// throws.</param>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public void Hold(ReadOnlySpan<EvaluationKey?> wanted, KeySwitchLayout layout, bool isAll, Span<EvaluationKey?> held)
    {
        held.Clear();
        try
        {
            // Those in memory first: reading others must not drive them out. Whoever asks for the same keys again and again, more than
            // there is room for, so reads only the ones that are missing.
            bool isAny = HoldInMemory(wanted, layout, held);
            for (int i = 0; i < wanted.Length; i++)
            {
                if (held[i] is null && wanted[i] is { } key && key.Layout.Level == layout.Level && TryHold(key, mustFit: isAny && !isAll))
                {
                    held[i] = key;
                    isAny = true;
                }
            }
        }
        catch
        {
            Release(held);
            held.Clear();
            throw;
        }
    }

    /// <summary>An operation is done with a key.</summary>
    public void Release(EvaluationKey key)
    {
        lock (_state)
        {
            key.HolderCount--;
            if (_isDisposed && key.HolderCount == 0)
            {
                Free(key);
            }

            MakeRoom(0);
        }
    }

    /// <summary>An operation is done with keys.</summary>
    public void Release(ReadOnlySpan<EvaluationKey?> keys)
    {
        foreach (EvaluationKey? key in keys)
        {
            if (key is not null)
            {
                Release(key);
            }
        }
    }

    /// <summary>A key that stays in memory until the cache is disposed.</summary>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public KeySwitchingKey Keep(EvaluationKey key)
    {
        Hold(key);
        lock (_state)
        {
            key.IsKept = true;
            key.HolderCount--;
            return key.Value!;
        }
    }

    /// <summary>Frees what no running operation holds, and what one does when it is done. Waits for a key that is being read.</summary>
    public void Dispose()
    {
        lock (_reading)
        {
            lock (_state)
            {
                _isDisposed = true;
                foreach (EvaluationKey key in _inMemory.Where(key => key.HolderCount == 0).ToArray())
                {
                    Free(key);
                }
            }

            _source?.Dispose();
        }
    }

    // False only where it must fit and does not.
    private bool TryHold(EvaluationKey key, bool mustFit)
    {
        if (TryHoldInMemory(key))
        {
            return true;
        }

        lock (_reading)
        {
            // Another thread may have read it while this one waited.
            return TryHoldInMemory(key) || TryRead(key, mustFit);
        }
    }

    private bool TryRead(EvaluationKey key, bool mustFit)
    {
        lock (_state)
        {
            long needed = key.Layout.KeyByteCount;
            if (mustFit && _inMemory.Where(IsFixed).Sum(other => other.Value!.ByteCount) + needed > _capacity)
            {
                return false;
            }

            MakeRoom(needed);
        }

        KeySwitchingKey value = _read(key);
        lock (_state)
        {
            key.Value = value;
            _inMemory.Add(key);
            Touch(key);
            _byteCount += value.ByteCount;
            _readCount++;
            MakeRoom(0); // where a key takes more than its layout says
            _peakByteCount = Math.Max(_peakByteCount, _byteCount);
            return true;
        }
    }

    private bool HoldInMemory(ReadOnlySpan<EvaluationKey?> wanted, KeySwitchLayout layout, Span<EvaluationKey?> held)
    {
        bool isAny = false;
        for (int i = 0; i < wanted.Length; i++)
        {
            if (wanted[i] is { } key && key.Layout.Level == layout.Level && TryHoldInMemory(key))
            {
                held[i] = key;
                isAny = true;
            }
        }

        return isAny;
    }

    private bool TryHoldInMemory(EvaluationKey key)
    {
        lock (_state)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(EvaluationKeys));
            if (key.Value is null)
            {
                return false;
            }

            Touch(key);
            return true;
        }
    }

    private void Touch(EvaluationKey key)
    {
        key.HolderCount++;
        key.LastUse = ++_requestCount;
    }

    private static bool IsFixed(EvaluationKey key) => key.HolderCount > 0 || key.IsKept;

    // For so many bytes more, as far as keys can go.
    private void MakeRoom(long byteCount)
    {
        while (_byteCount + byteCount > _capacity && LeastRecent() is { } key)
        {
            Free(key);
        }
    }

    private EvaluationKey? LeastRecent()
    {
        EvaluationKey? least = null;
        foreach (EvaluationKey key in _inMemory)
        {
            if (!IsFixed(key) && (least is null || key.LastUse < least.LastUse))
            {
                least = key;
            }
        }

        return least;
    }

    private void Free(EvaluationKey key)
    {
        KeySwitchingKey value = key.Value!;
        key.Value = null;
        _inMemory.Remove(key);
        _byteCount -= value.ByteCount;
        value.Dispose();
    }
}
