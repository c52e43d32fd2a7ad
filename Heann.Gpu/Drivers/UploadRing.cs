using System.Security.Cryptography;

namespace Heann.Gpu.Drivers;

/// <summary>Uploads that do not wait: a copy in memory that the device reads by itself, chunk after chunk. A chunk is written again when the
/// event behind its copies has happened.</summary>
/// <remarks>Not thread-safe, as the driver.</remarks>
internal sealed unsafe class UploadRing(GpuDriver driver)
{
    private const int ChunkCount = 4;
    private const long ChunkWords = 1 << 19;

    private readonly nint[] _marks = new nint[ChunkCount];
    private double* _memory;
    private int _chunk;
    private long _used;

    /// <summary>Queues a copy to the device; the source may be overwritten when this returns.</summary>
    public void Write(ulong destination, void* source, long words)
    {
        if (_memory is null)
        {
            _memory = (double*)driver.AllocateHost(ChunkCount * ChunkWords);
        }

        double* from = (double*)source;
        while (words > 0)
        {
            if (_used == ChunkWords)
            {
                Advance();
            }

            long count = Math.Min(words, ChunkWords - _used);
            double* staged = _memory + (_chunk * ChunkWords) + _used;
            Buffer.MemoryCopy(from, staged, count * sizeof(double), count * sizeof(double));
            _used += count;
            driver.Write(destination, staged, count);
            from += count;
            destination += (ulong)count;
            words -= count;
        }
    }

    /// <summary>Waits, and overwrites what was copied with zeros.</summary>
    public void Wipe()
    {
        try
        {
            driver.Synchronize();
        }
        finally
        {
            Clear();
        }

        for (int i = 0; i < ChunkCount; i++)
        {
            Forget(i);
        }

        (_chunk, _used) = (0, 0);
    }

    /// <summary>Overwrites everything and frees the events. The driver frees the memory; nothing may be queued any more.</summary>
    public void Close()
    {
        Clear();
        _memory = null;
        for (int i = 0; i < ChunkCount; i++)
        {
            Forget(i);
        }
    }

    // Chunks behind which there is an event are full; the present one is in part.
    private void Clear()
    {
        for (int i = 0; i < ChunkCount && _memory is not null; i++)
        {
            long words = _marks[i] != 0 ? ChunkWords : i == _chunk ? _used : 0;
            CryptographicOperations.ZeroMemory(new Span<byte>(_memory + (i * ChunkWords), (int)(words * sizeof(double))));
        }
    }

    private void Advance()
    {
        Forget(_chunk);
        _marks[_chunk] = driver.Mark();
        _chunk = (_chunk + 1) % ChunkCount;
        _used = 0;
        if (_marks[_chunk] != 0)
        {
            driver.Await(_marks[_chunk]);
        }
    }

    private void Forget(int chunk)
    {
        if (_marks[chunk] is not 0 and nint mark)
        {
            _marks[chunk] = 0;
            driver.Release(mark);
        }
    }
}
