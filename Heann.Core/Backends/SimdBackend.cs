using System.Collections.Concurrent;
using System.Numerics;
using System.Runtime.CompilerServices;
using Heann.Core.Arithmetic;
using Heann.Core.Rings;

namespace Heann.Core.Backends;

/// <summary>The backend for work on processors: vectors of exact integers in doubles, several threads.</summary>
/// <remarks>
/// <para>A residue is kept as an integer-valued double near zero, |x| ≤ q/2 + 2; products are exact by fused multiply-add (or by 64-bit
/// integers where there is none). At the seam every width and thread count agrees with <see cref="ScalarBackend"/> to the bit.</para>
/// <para>Calls have taken effect when they return. Several may run at once: one has the helping threads, the others work alone. Storage is
/// pooled: a disposed buffer is reused, and what is idle beyond a bound is freed. Thread-safe.</para>
/// </remarks>
public sealed unsafe partial class SimdBackend : RingBackend
{
    private const long MaxIdleBytes = 1L << 30;

    // Rotation tables are N/4 bytes for eight lanes: 8 MiB of them at N = 2^17.
    private const int MaxPermutations = 256;

    private readonly SimdKernels _wide;
    private readonly SimdKernels _small;
    private readonly SimdMemory _memory = new(MaxIdleBytes);
    private readonly SimdWorkers _workers;
    private readonly ConditionalWeakTable<NttTables, SimdTables> _tables = [];
    private readonly ConditionalWeakTable<BasisConversion, SimdConversion> _conversions = [];
    private readonly ConcurrentDictionary<(int Degree, int Exponent), SimdPermutation> _permutations = new();
    private bool _isDisposed;

    /// <summary>Creates a backend.</summary>
    /// <param name="threadCount">Threads that one call may use, the caller's among them; by default one per processor.</param>
    /// <param name="width">The vectors to use; by default the widest there are.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of threads is not positive, or the width is none.</exception>
    /// <exception cref="PlatformNotSupportedException">This processor lacks the width, or it is switched off.</exception>
    public SimdBackend(int? threadCount = null, SimdWidth width = SimdWidth.Auto)
    {
        int threads = threadCount ?? Environment.ProcessorCount;
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1, nameof(threadCount));
        Width = width == SimdWidth.Auto ? Widest : width;
        if (!Enum.IsDefined(Width))
        {
            throw new ArgumentOutOfRangeException(nameof(width), width, $"There is no width {width}.");
        }

        if (!IsSupported(Width))
        {
            throw new PlatformNotSupportedException(
                $"{Describe(Width)} is not available on this processor; the widest that is: {Describe(Widest)}.");
        }

        _small = new SimdKernelsOf<SimdLanesPortable>();
        _wide = Width switch
        {
            SimdWidth.Vector512 => new SimdKernelsOf<SimdLanes512>(),
            SimdWidth.Vector256 => new SimdKernelsOf<SimdLanes256>(),
            _ => _small,
        };
        _workers = new(threads);
    }

    /// <summary>The vectors in use, never <see cref="SimdWidth.Auto"/>.</summary>
    public SimdWidth Width { get; }

    /// <inheritdoc/>
    public override int ThreadCount => _workers.ThreadCount;

    /// <inheritdoc/>
    public override string Name => $"SIMD ({Describe(Width)}), {ThreadCount} {(ThreadCount == 1 ? "thread" : "threads")}";

    /// <summary>Bytes kept for reuse.</summary>
    internal long IdleBytes => _memory.IdleBytes;

    private static SimdWidth Widest =>
        SimdLanes512.IsSupported ? SimdWidth.Vector512 : SimdLanes256.IsSupported ? SimdWidth.Vector256 : SimdWidth.Portable;

    /// <summary>Whether this processor has the width; the portable one is always there.</summary>
    public static bool IsSupported(SimdWidth width) => width switch
    {
        SimdWidth.Vector512 => SimdLanes512.IsSupported,
        SimdWidth.Vector256 => SimdLanes256.IsSupported,
        _ => true,
    };

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The backend is disposed.</exception>
    public override RingBuffer Allocate(int ringDegree, int limbCount)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        ArgumentOutOfRangeException.ThrowIfLessThan(ringDegree, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(limbCount, 1);
        return new SimdBuffer(this, _memory, ringDegree, limbCount);
    }

    /// <summary>Ends the threads and frees idle storage; buffers in use keep theirs until they are disposed.</summary>
    protected override void Dispose(bool isDisposing)
    {
        if (isDisposing && !_isDisposed)
        {
            _isDisposed = true;
            _workers.Dispose();
            _memory.Dispose();
        }

        base.Dispose(isDisposing);
    }

    /// <summary>The values of a limb of a block.</summary>
    /// <exception cref="ArgumentException">The block is another backend's, or none.</exception>
    internal static double* Limb(LimbBlock block, int limb)
    {
        if (block.Buffer is SimdBuffer buffer)
        {
            return buffer.Limb(block.FirstLimb + limb);
        }

        throw new ArgumentException(block.IsZero
            ? "A block without a buffer stands for zero among the weights of a matrix product only."
            : $"A buffer of '{block.Buffer!.Backend.Name}' cannot be used by the SIMD backend; download and upload it.");
    }

    private static string Describe(SimdWidth width) => width switch
    {
        SimdWidth.Vector512 => "AVX-512",
        SimdWidth.Vector256 => "AVX2 with FMA",
        _ => "portable",
    };

    private SimdKernels KernelsFor(int degree) => degree < SimdKernels.SmallestDegree ? _small : _wide;

    private SimdTables TablesFor(RnsBasis basis, int limb)
    {
        NttTables tables = basis.Tables(limb);
        return _tables.TryGetValue(tables, out SimdTables? found)
            ? found
            : _tables.GetValue(tables, t => KernelsFor(t.RingDegree).CreateTables(t));
    }

    private SimdConversion ConversionFor(BasisConversion conversion) =>
        _conversions.TryGetValue(conversion, out SimdConversion? found) ? found : _conversions.GetValue(conversion, static c => new(c));

    private SimdPermutation PermutationFor(int degree, int exponent)
    {
        if (_permutations.TryGetValue((degree, exponent), out SimdPermutation? found))
        {
            return found;
        }

        if (_permutations.Count >= MaxPermutations)
        {
            _permutations.Clear();
        }

        SimdPermutation permutation = new(degree, exponent, KernelsFor(degree).LaneCount);
        return _permutations.GetOrAdd((degree, exponent), permutation);
    }
}
