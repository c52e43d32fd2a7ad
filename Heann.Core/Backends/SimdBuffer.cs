using Heann.Core.Rings;

namespace Heann.Core.Backends;

/// <summary>Limbs × N doubles in native memory.</summary>
/// <remarks>Invariant: every value is an integer of magnitude at most q/2 + 2 (and below q) for the prime q that wrote it.</remarks>
internal sealed unsafe class SimdBuffer : RingBuffer
{
    private readonly SimdMemory _memory;
    private double* _values;

    public SimdBuffer(RingBackend backend, SimdMemory memory, int ringDegree, int limbCount)
        : base(backend, ringDegree, limbCount)
    {
        _memory = memory;
        _values = memory.Rent((long)ringDegree * limbCount);
    }

    /// <summary>The values of a limb.</summary>
    /// <exception cref="ObjectDisposedException">The storage was given back.</exception>
    public double* Limb(int limb)
    {
        ObjectDisposedException.ThrowIf(_values is null, this);
        return _values + (long)limb * RingDegree;
    }

    protected override void WipeStorage() =>
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(new Span<byte>(_values, checked((int)(8L * RingDegree * LimbCount))));

    protected override void ReleaseStorage()
    {
        double* values = _values;
        _values = null;
        if (values is not null)
        {
            _memory.Return(values, (long)RingDegree * LimbCount);
        }
    }
}
