using Heann.Core.Rings;

namespace Heann.Gpu;

/// <summary>A key's polynomials on a device: rows, digits, limbs, values, one after another.</summary>
internal sealed class GpuSwitchingMatrix : SwitchingMatrix
{
    private readonly RingBackend _backend;
    private readonly GpuBuffer _values;

    public GpuSwitchingMatrix(GpuBackend backend, RnsBasis kept, RnsBasis special, int digitCount)
        : base(kept, special, digitCount)
    {
        _backend = backend;
        _values = new(backend, kept.RingDegree, RowCount * digitCount * Basis.Count);
    }

    /// <inheritdoc/>
    public override long ByteCount => (long)_values.LimbCount * _values.RingDegree * sizeof(double);

    /// <summary>The backend whose memory it is in.</summary>
    public RingBackend Backend => _backend;

    /// <summary>The first word.</summary>
    public ulong First => _values.Limb(0);

    /// <inheritdoc/>
    protected override void WriteCore(int row, int digit, LimbBlock source) => _backend.Copy([source], [Entry(row, digit)]);

    /// <inheritdoc/>
    protected override void ReadCore(int row, int digit, LimbBlock destination) => _backend.Copy([Entry(row, digit)], [destination]);

    /// <inheritdoc/>
    protected override void Dispose(bool isDisposing) => _values.Dispose();

    private LimbBlock Entry(int row, int digit) => new(_values, (row * DigitCount + digit) * Basis.Count, Basis);
}
