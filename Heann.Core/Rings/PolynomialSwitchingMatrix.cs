namespace Heann.Core.Rings;

/// <summary>A switching matrix as ordinary polynomials: what a backend without a layout of its own uses.</summary>
internal sealed class PolynomialSwitchingMatrix : SwitchingMatrix
{
    private readonly RingBackend _backend;
    private readonly RnsPolynomial[] _entries;

    public PolynomialSwitchingMatrix(RingBackend backend, RnsBasis kept, RnsBasis special, int digitCount)
        : base(kept, special, digitCount)
    {
        _backend = backend;
        _entries = new RnsPolynomial[RowCount * digitCount];
        for (int i = 0; i < _entries.Length; i++)
        {
            _entries[i] = new(backend, Basis, Domain.Evaluation);
        }
    }

    public override long ByteCount => _entries.Sum(entry => entry.ByteCount);

    /// <summary>Limbs of an entry.</summary>
    public LimbBlock Entry(int row, int digit, int firstLimb, RnsBasis basis) => _entries[row * DigitCount + digit].Slice(firstLimb, basis);

    protected override void WriteCore(int row, int digit, LimbBlock source) => _backend.Copy([source], [Entry(row, digit, 0, Basis)]);

    protected override void ReadCore(int row, int digit, LimbBlock destination) => _backend.Copy([Entry(row, digit, 0, Basis)], [destination]);

    protected override void Dispose(bool isDisposing)
    {
        foreach (RnsPolynomial entry in _entries)
        {
            entry.Dispose();
        }
    }
}
