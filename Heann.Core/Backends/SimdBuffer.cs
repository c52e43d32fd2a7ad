using System.Security.Cryptography;
using Heann.Core.Rings;

namespace Heann.Core.Backends;

/// <summary>Limbs × N doubles in native memory.</summary>
/// <remarks>
/// Limbs of large rings are rented one by one, so that the pool serves buffers of every level with the same blocks: memory that is touched
/// for the first time costs a page fault every 4 KiB, more than the arithmetic on it. Small ones lie side by side.
/// <para>Invariant: every value is an integer of magnitude at most q/2 + 2 (and below q) for the prime q that wrote it.</para>
/// </remarks>
internal sealed unsafe class SimdBuffer : RingBuffer
{
    // 32 KiB: from here on a limb is worth a block of its own.
    private const int SmallestOwnBlock = 1 << 12;

    private readonly SimdMemory _memory;
    private readonly nint[] _limbs;
    private bool _isReleased;

    public SimdBuffer(RingBackend backend, SimdMemory memory, int ringDegree, int limbCount)
        : base(backend, ringDegree, limbCount)
    {
        _memory = memory;
        _limbs = new nint[limbCount];
        if (HasOwnBlocks)
        {
            for (int limb = 0; limb < limbCount; limb++)
            {
                _limbs[limb] = (nint)memory.Rent(ringDegree);
            }
        }
        else if (limbCount > 0)
        {
            double* block = memory.Rent((long)ringDegree * limbCount);
            for (int limb = 0; limb < limbCount; limb++)
            {
                _limbs[limb] = (nint)(block + ((long)limb * ringDegree));
            }
        }
    }

    private bool HasOwnBlocks => RingDegree >= SmallestOwnBlock;

    /// <summary>The values of a limb.</summary>
    /// <exception cref="ObjectDisposedException">The storage was given back.</exception>
    public double* Limb(int limb)
    {
        ObjectDisposedException.ThrowIf(_isReleased, this);
        return (double*)_limbs[limb];
    }

    protected override void WipeStorage()
    {
        foreach (nint limb in _limbs)
        {
            CryptographicOperations.ZeroMemory(new Span<byte>((void*)limb, RingDegree * sizeof(double)));
        }
    }

    protected override void ReleaseStorage()
    {
        _isReleased = true;
        if (HasOwnBlocks)
        {
            foreach (nint limb in _limbs)
            {
                _memory.Return((double*)limb, RingDegree);
            }
        }
        else if (_limbs.Length > 0)
        {
            _memory.Return((double*)_limbs[0], (long)RingDegree * LimbCount);
        }
    }
}
