using Heann.Core.Backends;
using Heann.Core.Rings;

namespace Heann.Core.Tests.Keys;

/// <summary>The scalar backend behind buffers that keep what they held when their storage was given back.</summary>
internal sealed class WatchingBackend : RingBackend
{
    private readonly ScalarBackend _inner = new();
    private readonly List<(int RingDegree, RingBuffer Storage)> _released = [];
    private int _allocatedCount;

    public override string Name => "watching " + _inner.Name;

    /// <summary>Number of buffers handed out so far.</summary>
    public int AllocatedCount => Volatile.Read(ref _allocatedCount);

    /// <summary>Number of buffers given back so far.</summary>
    public int ReleasedCount
    {
        get
        {
            lock (_released)
            {
                return _released.Count;
            }
        }
    }

    /// <summary>First limbs, modulo <paramref name="basis"/>[0], of the given-back buffers of its ring degree.</summary>
    public ulong[][] ReleasedFirstLimbs(RnsBasis basis)
    {
        lock (_released)
        {
            return [.. _released.Where(r => r.RingDegree == basis.RingDegree).Select(r =>
            {
                ulong[] residues = new ulong[basis.RingDegree];
                _inner.Download(new LimbBlock(r.Storage, 0, basis.Take(1)), residues);
                return residues;
            })];
        }
    }

    /// <summary>Number of buffers handed out and not yet given back.</summary>
    public int LiveCount => AllocatedCount - ReleasedCount;

    public override RingBuffer Allocate(int ringDegree, int limbCount)
    {
        Interlocked.Increment(ref _allocatedCount);
        RingBuffer inner = _inner.Allocate(ringDegree, limbCount);

        // A buffer that nobody disposes is finalised together with its inner one, which must stay readable.
        GC.SuppressFinalize(inner);
        return new Watched(this, inner);
    }

    public override void Clear(ReadOnlySpan<LimbBlock> destination) => _inner.Clear(Unwrap(destination));

    public override void ForwardNtt(ReadOnlySpan<LimbBlock> x) => _inner.ForwardNtt(Unwrap(x));

    public override void InverseNtt(ReadOnlySpan<LimbBlock> x) => _inner.InverseNtt(Unwrap(x));

    protected override void UploadCore(ReadOnlySpan<ulong> residues, LimbBlock destination) => _inner.Upload(residues, Unwrap(destination));

    protected override void UploadIntegersCore(ReadOnlySpan<double> coefficients, LimbBlock destination) =>
        _inner.UploadIntegers(coefficients, Unwrap(destination));

    protected override void DownloadCore(LimbBlock source, Span<ulong> residues) => _inner.Download(Unwrap(source), residues);

    protected override void CopyCore(ReadOnlySpan<LimbBlock> source, ReadOnlySpan<LimbBlock> destination) =>
        _inner.Copy(Unwrap(source), Unwrap(destination));

    protected override void AddCore(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination) =>
        _inner.Add(Unwrap(x), Unwrap(y), Unwrap(destination));

    protected override void SubtractCore(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination) =>
        _inner.Subtract(Unwrap(x), Unwrap(y), Unwrap(destination));

    protected override void NegateCore(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination) =>
        _inner.Negate(Unwrap(x), Unwrap(destination));

    protected override void MultiplyCore(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination) =>
        _inner.Multiply(Unwrap(x), Unwrap(y), Unwrap(destination));

    protected override void MultiplyAddCore(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination) =>
        _inner.MultiplyAdd(Unwrap(x), Unwrap(y), Unwrap(destination));

    protected override void MultiplyScalarCore(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<ulong> scalars,
        ReadOnlySpan<LimbBlock> destination) =>
        _inner.MultiplyScalar(Unwrap(x), scalars, Unwrap(destination));

    protected override void MultiplyScalarAddCore(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<ulong> scalars,
        ReadOnlySpan<LimbBlock> destination) =>
        _inner.MultiplyScalarAdd(Unwrap(x), scalars, Unwrap(destination));

    protected override void MatrixProductCore(ReadOnlySpan<LimbBlock> weights, ReadOnlySpan<LimbBlock> x,
        ReadOnlySpan<LimbBlock> destination) =>
        _inner.MatrixProduct(Unwrap(weights), Unwrap(x), Unwrap(destination));

    protected override void IntegerMatrixProductCore(ReadOnlySpan<long> weights, ReadOnlySpan<LimbBlock> x,
        ReadOnlySpan<LimbBlock> destination) =>
        _inner.IntegerMatrixProduct(weights, Unwrap(x), Unwrap(destination));

    protected override void AutomorphismCore(Domain domain, GaloisElement element, ReadOnlySpan<LimbBlock> x,
        ReadOnlySpan<LimbBlock> destination) =>
        _inner.Automorphism(domain, element, Unwrap(x), Unwrap(destination));

    protected override void ConvertBasisCore(BasisConversion conversion, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination) =>
        _inner.ConvertBasis(conversion, Unwrap(x), Unwrap(destination));

    private static LimbBlock[] Unwrap(ReadOnlySpan<LimbBlock> blocks)
    {
        LimbBlock[] inner = new LimbBlock[blocks.Length];
        for (int i = 0; i < inner.Length; i++)
        {
            inner[i] = Unwrap(blocks[i]);
        }

        return inner;
    }

    private static LimbBlock Unwrap(LimbBlock block)
    {
        if (block.IsZero)
        {
            return block;
        }

        ObjectDisposedException.ThrowIf(block.Buffer.IsDisposed, block.Buffer);
        return new(((Watched)block.Buffer).Inner, block.FirstLimb, block.Basis);
    }

    private sealed class Watched(WatchingBackend backend, RingBuffer inner) : RingBuffer(backend, inner.RingDegree, inner.LimbCount)
    {
        public RingBuffer Inner => inner;

        protected override void WipeStorage() => inner.Wipe();

        protected override void ReleaseStorage()
        {
            lock (backend._released)
            {
                backend._released.Add((inner.RingDegree, inner));
            }
        }
    }
}
