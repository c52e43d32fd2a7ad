using Heann.Core.Rings;

namespace Heann.Gpu;

/// <summary>Limbs x N residues on a device, limb after limb, as the kernels keep them: doubles nearest to zero.</summary>
internal sealed class GpuBuffer : RingBuffer
{
    private readonly GpuBackend _backend;
    private readonly ulong _first;
    private bool _isReleased;

    public GpuBuffer(GpuBackend backend, int ringDegree, int limbCount)
        : base(backend, ringDegree, limbCount)
    {
        _backend = backend;
        try
        {
            _first = backend.Memory.Rent(WordCount);
        }
        catch
        {
            GC.SuppressFinalize(this); // nothing is held
            throw;
        }
    }

    private long WordCount => (long)RingDegree * LimbCount;

    /// <summary>The first word of a limb.</summary>
    /// <exception cref="ObjectDisposedException">The storage was given back.</exception>
    public ulong Limb(int limb)
    {
        ObjectDisposedException.ThrowIf(_isReleased, this);
        return _first + (ulong)((long)limb * RingDegree);
    }

    protected override void WipeStorage() => _backend.Wipe(_first, RingDegree, LimbCount);

    protected override void ReleaseStorage()
    {
        _isReleased = true;
        _backend.Memory.Return(_first, WordCount);
    }
}
