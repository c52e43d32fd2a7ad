using System.Runtime.CompilerServices;
using Heann.Core.Rings;

namespace Heann.Core.Backends;

/// <summary>A key-switching key in the order in which the inner product reads it: one stream from the first byte to the last.</summary>
/// <remarks>
/// For each limb, for each chunk of <see cref="Chunk"/> values, for each digit: a chunk of b, a chunk of a. A key is read once per switch and
/// is larger than any cache; in one stream it comes from memory at twice the rate of 2·dnum streams side by side. Residues of primes below
/// 2^32 are held in four bytes, the others as doubles: what a switch waits for is the key's bytes, not its values.
/// </remarks>
internal sealed unsafe class SimdSwitchingMatrix : SwitchingMatrix
{
    /// <summary>Values of a chunk in rings that have as many: two vectors of the widest kind.</summary>
    public const int Chunk = 16;

    private readonly SimdBackend _backend;
    private readonly int _chunk;
    private readonly long[] _offsets; // of the limbs, in bytes; one more for the end
    private byte* _values;

    public SimdSwitchingMatrix(SimdBackend backend, RnsBasis kept, RnsBasis special, int digitCount)
        : base(kept, special, digitCount)
    {
        _backend = backend;
        _chunk = ChunkOf(kept.RingDegree);
        Sums = new SimdSum[Basis.Count];
        _offsets = new long[Basis.Count + 1];
        for (int limb = 0; limb < Sums.Length; limb++)
        {
            double bound = Basis[limb].Value / 2 + 2; // the invariant of storage
            Sums[limb] = new(Basis[limb].Value < SimdKernels.LazyLimit ? SimdKernels.LazyBound * (double)Basis[limb].Value : bound, bound);
            _offsets[limb + 1] = _offsets[limb] + (long)Basis.RingDegree * RowCount * DigitCount * BytesPerValue(Basis[limb]);
        }

        _values = (byte*)SimdPages.Allocate(ByteCount);
    }

    ~SimdSwitchingMatrix() => Release();

    public override long ByteCount => _offsets[^1];

    /// <summary>For each limb how many products with a digit, lazy where the prime allows it, may be summed.</summary>
    public SimdSum[] Sums { get; }

    /// <summary>Values of a chunk in a ring.</summary>
    public static int ChunkOf(int ringDegree) => Math.Min(Chunk, ringDegree);

    /// <summary>The values of a limb: 32-bit integers or doubles.</summary>
    /// <exception cref="ObjectDisposedException">The storage was given back.</exception>
    public byte* Limb(int limb)
    {
        ObjectDisposedException.ThrowIf(_values is null, this);
        return _values + _offsets[limb];
    }

    /// <summary>Copies one limb of an entry from or to where a kernel keeps it.</summary>
    public void CopyLimb(int row, int digit, int limb, double* other, bool isWrite)
    {
        long first = (long)(digit * RowCount + row) * _chunk;
        if (BytesPerValue(Basis[limb]) == sizeof(int))
        {
            CopyNarrow((int*)Limb(limb) + first, other, isWrite);
        }
        else
        {
            CopyWide((double*)Limb(limb) + first, other, isWrite);
        }
    }

    protected override void WriteCore(int row, int digit, LimbBlock source) => _backend.CopyEntry(this, row, digit, source, isWrite: true);

    protected override void ReadCore(int row, int digit, LimbBlock destination) => _backend.CopyEntry(this, row, digit, destination, isWrite: false);

    protected override void Dispose(bool isDisposing) => Release();

    private void CopyWide(double* entry, double* other, bool isWrite)
    {
        for (int k = 0; k < Basis.RingDegree; k += _chunk, entry += RowCount * DigitCount * _chunk)
        {
            double* from = isWrite ? other + k : entry;
            double* to = isWrite ? entry : other + k;
            new ReadOnlySpan<double>(from, _chunk).CopyTo(new(to, _chunk));
        }
    }

    // Integers of magnitude at most 2^31 − 1, by the invariant of storage: both conversions are exact.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void CopyNarrow(int* entry, double* other, bool isWrite)
    {
        for (int k = 0; k < Basis.RingDegree; k += _chunk, entry += RowCount * DigitCount * _chunk)
        {
            for (int i = 0; i < _chunk; i++)
            {
                if (isWrite)
                {
                    entry[i] = (int)other[k + i];
                }
                else
                {
                    other[k + i] = entry[i];
                }
            }
        }
    }

    private void Release()
    {
        if (_values is not null)
        {
            SimdPages.Free(_values);
            _values = null;
        }
    }
}
