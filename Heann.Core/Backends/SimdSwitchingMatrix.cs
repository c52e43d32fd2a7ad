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

    private readonly int _chunk;
    private double* _values;

    public SimdSwitchingMatrix(RnsBasis kept, RnsBasis special, int digitCount)
        : base(kept, special, digitCount)
    {
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

    protected override void WriteCore(int row, int digit, LimbBlock source)
    {
        for (int limb = 0; limb < Basis.Count; limb++)
        {
            double* from = SimdBackend.Limb(source, limb);
            double* to = Entry(row, digit, limb);
            for (int k = 0; k < Basis.RingDegree; k += _chunk, to += RowCount * DigitCount * _chunk)
            {
                new ReadOnlySpan<double>(from + k, _chunk).CopyTo(new(to, _chunk));
            }
        }
    }

    protected override void ReadCore(int row, int digit, LimbBlock destination)
    {
        for (int limb = 0; limb < Basis.Count; limb++)
        {
            double* from = Entry(row, digit, limb);
            double* to = SimdBackend.Limb(destination, limb);
            for (int k = 0; k < Basis.RingDegree; k += _chunk, from += RowCount * DigitCount * _chunk)
            {
                new ReadOnlySpan<double>(from, _chunk).CopyTo(new(to + k, _chunk));
            }
        }
    }

    protected override void Dispose(bool isDisposing) => Release();

    private double* Entry(int row, int digit, int limb) => Limb(limb) + (digit * RowCount + row) * _chunk;

    private void Release()
    {
        if (_values is not null)
        {
            SimdPages.Free(_values);
            _values = null;
        }
    }
}
