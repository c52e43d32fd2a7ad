namespace Heann.Gpu;

/// <summary>Constants on a device. Given back when disposed, or when nothing refers to them.</summary>
internal sealed class GpuTable : IDisposable
{
    private readonly GpuMemory _memory;
    private readonly long _words;
    private int _isDisposed;

    /// <summary>Writes constants to the device.</summary>
    public GpuTable(GpuBackend backend, ReadOnlySpan<double> words, bool isSecret = false)
    {
        _memory = backend.Memory;
        _words = words.Length;
        try
        {
            First = _memory.Rent(_words);
        }
        catch
        {
            GC.SuppressFinalize(this);
            throw;
        }

        if (_words > 0)
        {
            backend.WriteWords(First, words, isSecret);
        }
    }

    ~GpuTable() => Release();

    /// <summary>The first word.</summary>
    public ulong First { get; }

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    /// <summary>An index or another integer as a word.</summary>
    public static double Word(ulong value) => BitConverter.UInt64BitsToDouble(value);

    private void Release()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            _memory.Return(First, _words);
        }
    }
}
