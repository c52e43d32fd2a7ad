using System.Numerics;

namespace Heann.Core.Backends;

/// <summary>Native memory aligned to cache lines, kept for reuse by size up to a bound, or up to so many of the largest blocks where that is
/// more. Thread-safe.</summary>
/// <remarks>
/// Blocks come from slabs of whole large pages (<see cref="SimdPages"/>), all of one size class, a power of two. Limbs are powers of two
/// long, and operands that lie a power of two apart compete for the same few lines of every cache: within a slab blocks therefore stand
/// <see cref="Gap"/> further apart than their size. Idle blocks are reused last in, first out, while they are in cache; a slab whose blocks
/// are all idle is freed while more than the bound is. Memory touched for the first time costs more than most kernels: hence the bound
/// that grows with the ring, so that the ciphertexts between two maps do not come and go with their pages.
/// </remarks>
internal sealed unsafe class SimdMemory(long maxIdleBytes) : IDisposable
{
    // A line for the header and eight lines more: what a kernel reads of one operand before it turns to the next.
    private const int Gap = 9 * SimdPages.Line;
    private const long SlabBytes = 8 << 20;

    // Some fifty ciphertexts: the rotations of one linear map, and what comes of them.
    private const int MaxIdleLargest = 96;

    private readonly Lock _lock = new();
    private readonly Dictionary<long, SizeClass> _classes = [];
    private readonly List<Slab> _slabs = [];
    private long _maxIdleBytes = maxIdleBytes;
    private long _idleBytes;
    private bool _isDisposed;

    /// <summary>Bytes that are kept for reuse.</summary>
    public long IdleBytes => Volatile.Read(ref _idleBytes);

    /// <summary>Room for <paramref name="count"/> doubles, uninitialised.</summary>
    public double* Rent(long count)
    {
        long bytes = Rounded(count);
        lock (_lock)
        {
            if (!_classes.TryGetValue(bytes, out SizeClass? size))
            {
                _classes.Add(bytes, size = new());
                _maxIdleBytes = Math.Max(_maxIdleBytes, MaxIdleLargest * bytes);
            }

            if (size.Idle.TryPop(out nint block))
            {
                _idleBytes -= bytes;
            }
            else
            {
                block = Carve(size, bytes);
            }

            SlabOf(block).LiveCount++;
            return (double*)block;
        }
    }

    /// <summary>Takes back what <see cref="Rent"/> gave.</summary>
    public void Return(double* block, long count)
    {
        long bytes = Rounded(count);
        lock (_lock)
        {
            Slab slab = SlabOf((nint)block);
            SizeClass size = _classes[bytes];
            slab.LiveCount--;
            if (!_isDisposed)
            {
                size.Idle.Push((nint)block);
                _idleBytes += bytes;
            }

            if (slab.LiveCount == 0 && (_isDisposed || _idleBytes > _maxIdleBytes))
            {
                Free(slab);
            }
        }
    }

    /// <summary>Frees the slabs that are idle; those with rented blocks are freed when the last of them comes back.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            (_isDisposed, _idleBytes) = (true, 0);
            foreach (SizeClass size in _classes.Values)
            {
                size.Idle.Clear();
            }

            foreach (Slab slab in _slabs.Where(slab => slab.Memory != null && slab.LiveCount == 0))
            {
                Free(slab);
            }
        }
    }

    // Powers of two, so that few sizes serve all: what lies beyond the count is never touched, and memory that is not costs nothing.
    private static long Rounded(long count) => Math.Max(SimdPages.Line, (long)BitOperations.RoundUpToPowerOf2((ulong)checked(count * sizeof(double))));

    // The line before a block holds the index of its slab.
    private Slab SlabOf(nint block) => _slabs[((int*)block)[-1]];

    private nint Carve(SizeClass size, long bytes)
    {
        if (size.Current is not { } slab || slab.CarvedCount == slab.BlockCount)
        {
            // Small ones grow with their number, so that a few polynomials of a small ring do not occupy megabytes.
            int blocks = (int)Math.Clamp(SlabBytes / bytes, 1, 4L << Math.Min(20, size.SlabCount));
            int index = _slabs.FindIndex(s => s.Memory == null);
            slab = new(size, (byte*)SimdPages.Allocate(blocks * (bytes + Gap)), bytes, blocks, index < 0 ? _slabs.Count : index);
            if (index < 0)
            {
                _slabs.Add(slab);
            }
            else
            {
                _slabs[index] = slab;
            }

            size.Current = slab;
            size.SlabCount++;
        }

        byte* block = slab.Memory + slab.CarvedCount++ * (bytes + Gap) + SimdPages.Line;
        ((int*)block)[-1] = slab.Index;
        return (nint)block;
    }

    // The idle blocks it holds go with it.
    private void Free(Slab slab)
    {
        SizeClass size = slab.Owner;
        List<nint> kept = [.. size.Idle.Where(block => SlabOf(block) != slab).Reverse()];
        _idleBytes -= (size.Idle.Count - kept.Count) * slab.BlockBytes;
        size.Idle = new(kept);
        SimdPages.Free(slab.Memory);
        slab.Memory = null;
        size.SlabCount--;
        size.Current = size.Current == slab ? null : size.Current;
    }

    private sealed class SizeClass
    {
        public Stack<nint> Idle { get; set; } = [];

        public Slab? Current { get; set; }

        public int SlabCount { get; set; }
    }

    private sealed class Slab(SizeClass owner, byte* memory, long blockBytes, int blockCount, int index)
    {
        public SizeClass Owner => owner;

        public byte* Memory { get; set; } = memory;

        public long BlockBytes => blockBytes;

        public int BlockCount => blockCount;

        public int Index => index;

        public int CarvedCount { get; set; }

        public int LiveCount { get; set; }
    }
}
