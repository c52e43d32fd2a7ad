using Heann.Core.Rings;

namespace Heann.Core.Backends;

/// <summary>A key-switching key in the order in which the inner product reads it: one stream from the first byte to the last.</summary>
/// <remarks>
/// For each limb, for each chunk of <see cref="Chunk"/> values, for each digit: a chunk of b, a chunk of a. A key is read once per switch and
/// is larger than any cache; in one stream it comes from memory at twice the rate of 2·dnum streams side by side.
/// </remarks>
internal sealed unsafe class SimdSwitchingMatrix : SwitchingMatrix
{
    /// <summary>Values of a chunk in rings that have as many: two vectors of the widest kind.</summary>
    public const int Chunk = 16;

    private readonly SimdBackend _backend;
    private readonly int _chunk;
    private double* _values;

    public SimdSwitchingMatrix(SimdBackend backend, RnsBasis kept, RnsBasis special, int digitCount)
        : base(kept, special, digitCount)
    {
        _backend = backend;
        _chunk = ChunkOf(kept.RingDegree);
        Sums = new SimdSum[Basis.Count];
        for (int limb = 0; limb < Sums.Length; limb++)
        {
            double bound = Basis[limb].Value / 2 + 2; // the invariant of storage
            Sums[limb] = new(Basis[limb].Value < SimdKernels.LazyLimit ? SimdKernels.LazyBound * (double)Basis[limb].Value : bound, bound);
        }

        _values = (double*)SimdPages.Allocate(Count * sizeof(double));
    }

    ~SimdSwitchingMatrix() => Release();

    public override long ByteCount => Count * sizeof(double);

    /// <summary>For each limb how many products with a digit, lazy where the prime allows it, may be summed.</summary>
    public SimdSum[] Sums { get; }

    private long LimbLength => (long)Basis.RingDegree * RowCount * DigitCount;

    private long Count => LimbLength * Basis.Count;

    /// <summary>Values of a chunk in a ring.</summary>
    public static int ChunkOf(int ringDegree) => Math.Min(Chunk, ringDegree);

    /// <summary>The values of a limb.</summary>
    /// <exception cref="ObjectDisposedException">The storage was given back.</exception>
    public double* Limb(int limb)
    {
        ObjectDisposedException.ThrowIf(_values is null, this);
        return _values + limb * LimbLength;
    }

    /// <summary>Copies one limb of an entry from or to where a kernel keeps it.</summary>
    public void CopyLimb(int row, int digit, int limb, double* other, bool isWrite)
    {
        double* entry = Limb(limb) + (digit * RowCount + row) * _chunk;
        for (int k = 0; k < Basis.RingDegree; k += _chunk, entry += RowCount * DigitCount * _chunk)
        {
            double* from = isWrite ? other + k : entry;
            double* to = isWrite ? entry : other + k;
            new ReadOnlySpan<double>(from, _chunk).CopyTo(new(to, _chunk));
        }
    }

    protected override void WriteCore(int row, int digit, LimbBlock source) => _backend.CopyEntry(this, row, digit, source, isWrite: true);

    protected override void ReadCore(int row, int digit, LimbBlock destination) => _backend.CopyEntry(this, row, digit, destination, isWrite: false);

    protected override void Dispose(bool isDisposing) => Release();

    private void Release()
    {
        if (_values is not null)
        {
            SimdPages.Free(_values);
            _values = null;
        }
    }
}
