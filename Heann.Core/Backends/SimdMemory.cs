using System.Numerics;
using System.Runtime.InteropServices;

namespace Heann.Core.Backends;

/// <summary>Native memory aligned to cache lines, kept for reuse by size up to a bound. Thread-safe.</summary>
/// <remarks>
/// Limbs are powers of two long, and operands that lie a power of two apart compete for the same few lines of every cache. So blocks of
/// some size start at different offsets, <see cref="ColourStride"/> apart, in turn.
/// </remarks>
internal sealed unsafe class SimdMemory(long maxIdleBytes) : IDisposable
{
    private const int Alignment = 64;

    // Eight lines: what a kernel reads of one operand before it turns to the next.
    private const int ColourStride = 8 * Alignment;
    private const int ColourCount = 32;
    private const long ColouredBytes = 1 << 16;

    private readonly Lock _lock = new();
    private readonly Dictionary<long, Stack<nint>> _idle = [];
    private long _idleBytes;
    private uint _colour;
    private bool _isDisposed;

    /// <summary>Bytes that are kept for reuse.</summary>
    public long IdleBytes => Volatile.Read(ref _idleBytes);

    /// <summary>Room for <paramref name="count"/> doubles, uninitialised.</summary>
    public double* Rent(long count)
    {
        count = Rounded(count);
        lock (_lock)
        {
            if (_idle.TryGetValue(count, out Stack<nint>? blocks) && blocks.TryPop(out nint block))
            {
                _idleBytes -= count * sizeof(double);
                return (double*)block;
            }
        }

        return Allocate(count);
    }

    /// <summary>Takes back what <see cref="Rent"/> gave.</summary>
    public void Return(double* block, long count)
    {
        count = Rounded(count);
        lock (_lock)
        {
            if (!_isDisposed && _idleBytes + count * sizeof(double) <= maxIdleBytes)
            {
                if (!_idle.TryGetValue(count, out Stack<nint>? blocks))
                {
                    _idle.Add(count, blocks = []);
                }

                blocks.Push((nint)block);
                _idleBytes += count * sizeof(double);
                return;
            }
        }

        Free(block);
    }

    /// <summary>Frees what is idle; what is still rented is freed when it comes back.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            foreach (nint block in _idle.Values.SelectMany(blocks => blocks))
            {
                Free((double*)block);
            }

            _idle.Clear();
            _idleBytes = 0;
        }
    }

    // Powers of two, so that few sizes serve all: what lies beyond the count is never touched, and memory that is not costs nothing.
    private static long Rounded(long count) => (long)BitOperations.RoundUpToPowerOf2((ulong)count);

    // The line before a block holds the address of the allocation.
    private double* Allocate(long count)
    {
        long bytes = checked(count * sizeof(double));
        int offset = Alignment + (bytes < ColouredBytes ? 0 : (int)(Interlocked.Increment(ref _colour) % ColourCount) * ColourStride);
        byte* allocation = (byte*)NativeMemory.AlignedAlloc((nuint)(bytes + offset), Alignment);
        double* block = (double*)(allocation + offset);
        ((nint*)block)[-1] = (nint)allocation;
        return block;
    }

    private static void Free(double* block) => NativeMemory.AlignedFree((void*)((nint*)block)[-1]);
}
