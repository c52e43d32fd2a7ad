using System.Runtime.Intrinsics.X86;
using Heann.Core.Backends;
using Heann.Core.Rings;
using Heann.Core.Tests.Rings;
using static Heann.Core.Tests.Rings.RingTestKit;

namespace Heann.Core.Tests.Backends;

/// <summary>The backend as it is created by default, against the naive twins of the contract.</summary>
public sealed class SimdBackendContractTests : RingBackendContract
{
    protected override RingBackend CreateBackend() => new SimdBackend();
}

/// <summary>The contract for eight lanes, or for the widest there are; that a lacking width is refused is a test of its own.</summary>
public sealed class SimdVector512ContractTests : RingBackendContract
{
    protected override RingBackend CreateBackend() => SimdBackendTests.CreateOrWidest(SimdWidth.Vector512, 2);
}

/// <summary>The contract for four lanes, or for the widest there are.</summary>
public sealed class SimdVector256ContractTests : RingBackendContract
{
    protected override RingBackend CreateBackend() => SimdBackendTests.CreateOrWidest(SimdWidth.Vector256, 1);
}

/// <summary>The contract for the portable width, three threads.</summary>
public sealed class SimdPortableContractTests : RingBackendContract
{
    protected override RingBackend CreateBackend() => new SimdBackend(3, SimdWidth.Portable);
}

/// <summary>Every operation of the seam equals the scalar reference to the bit, for every width and several thread counts.</summary>
public sealed class SimdBackendTests
{
    private static readonly SimdWidth[] Widths = [SimdWidth.Vector512, SimdWidth.Vector256, SimdWidth.Portable];

    public static TheoryData<SimdWidth> AllWidths => [.. Widths];

    public static TheoryData<SimdWidth, int> WidthsAndThreads =>
        [.. from width in Widths where SimdBackend.IsSupported(width) from threads in (int[])[1, 2, 3] select (width, threads)];

    public static TheoryData<SimdWidth, int, int> Cases =>
    [
        .. from width in Widths where SimdBackend.IsSupported(width)
           from degree in (int[])[1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096]
           select (width, 1 + degree % 3, degree),
        .. from width in Widths where SimdBackend.IsSupported(width) from threads in (int[])[1, 2, 3] select (width, threads, 2048),
        .. from width in Widths where SimdBackend.IsSupported(width) select (width, 2, 1 << 14),
    ];

    internal static SimdBackend CreateOrWidest(SimdWidth width, int threads) =>
        new(threads, SimdBackend.IsSupported(width) ? width : SimdWidth.Auto);

    [Theory]
    [MemberData(nameof(AllWidths))]
    public void Width_IsWhatWasAskedForOrRefused(SimdWidth width)
    {
        if (SimdBackend.IsSupported(width))
        {
            using SimdBackend backend = new(1, width);
            Assert.Equal(width, backend.Width);
        }
        else
        {
            string message = Assert.Throws<PlatformNotSupportedException>(() => new SimdBackend(1, width)).Message;
            Assert.Contains(width == SimdWidth.Vector512 ? "AVX-512" : "AVX2", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Auto_IsTheWidestAvailable()
    {
        using SimdBackend backend = new();
        Assert.Equal(Widths.First(SimdBackend.IsSupported), backend.Width);
        Assert.Equal(Environment.ProcessorCount, backend.ThreadCount);
        Assert.True(SimdBackend.IsSupported(SimdWidth.Portable));

        // The processor's own view of itself; DOTNET_EnableAVX512=0 and DOTNET_EnableAVX2=0 switch parts of it off.
        Assert.Equal(Avx512DQ.IsSupported, SimdBackend.IsSupported(SimdWidth.Vector512));
        Assert.Equal(Avx2.IsSupported && Fma.IsSupported, SimdBackend.IsSupported(SimdWidth.Vector256));
    }

    [Fact]
    public void Constructor_RefusesNonsense()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new SimdBackend(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SimdBackend(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SimdBackend(1, (SimdWidth)3));
    }

    [Theory]
    [MemberData(nameof(WidthsAndThreads))]
    public void Name_SaysWidthAndThreads(SimdWidth width, int threads)
    {
        using SimdBackend backend = new(threads, width);
        Assert.Contains($"{threads} thread", backend.Name, StringComparison.Ordinal);
        string vectors = width switch { SimdWidth.Vector512 => "AVX-512", SimdWidth.Vector256 => "AVX2", _ => "portable" };
        Assert.Contains(vectors, backend.Name, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void EveryOperation_EqualsTheReference(SimdWidth width, int threads, int degree)
    {
        SeededRandom random = Seeded((int)width, threads, degree, 70);
        using SimdBackend simd = new(threads, width);
        using ScalarBackend scalar = new();
        RnsBasis basis = BasisOfSizes(degree, 50, 26, 36, 49, 40, 25);
        BackendComparison comparison = new(simd, scalar, basis, random);
        comparison.RunAll();
    }

    [Theory]
    [MemberData(nameof(WidthsAndThreads))]
    public void ConcurrentCallers_GetTheirOwnResults(SimdWidth width, int threads)
    {
        using SimdBackend simd = new(threads, width);
        using ScalarBackend scalar = new();
        RnsBasis basis = BasisOfSizes(1024, 50, 26, 36, 49, 40, 25, 31, 45, 50, 38, 47, 33, 50, 42, 29, 50, 44);
        Parallel.For(0, 6, new ParallelOptions { MaxDegreeOfParallelism = 6 }, caller =>
        {
            SeededRandom random = Seeded(caller, threads, 71);
            for (int round = 0; round < 3; round++)
            {
                ulong[] x = RandomResidues(random, basis);
                using RnsPolynomial expected = Upload(scalar, basis, x);
                using RnsPolynomial actual = Upload(simd, basis, x);
                foreach (RingBackend backend in (RingBackend[])[scalar, simd])
                {
                    LimbBlock block = backend == scalar ? expected.Block : actual.Block;
                    backend.ForwardNtt([block]);
                    backend.MultiplyAdd([block], [block], [block]);
                    backend.InverseNtt([block]);
                }

                AssertResidues(basis, expected.ToResidues(), actual.ToResidues(), $"caller {caller}, round {round}", random);
            }
        });
    }

    [Fact]
    public void AnErrorInAnItem_ReachesTheCallerAndLeavesTheWorkersUsable()
    {
        using SimdBackend simd = new(3);
        RnsBasis basis = BasisOfSizes(4096, 50, 49, 48, 47, 46, 45, 44, 43);
        using RnsPolynomial x = Upload(simd, basis, new ulong[8 * 4096]);
        RnsPolynomial gone = Upload(simd, basis, new ulong[8 * 4096]);
        gone.Dispose();
        for (int i = 0; i < 20; i++)
        {
            Assert.Throws<ObjectDisposedException>(() => simd.Add([x.Block], [gone.Block], [x.Block]));
            simd.ForwardNtt([x.Block]);
            Assert.All(x.ToResidues(), residue => Assert.Equal(0UL, residue));
        }
    }

    [Fact]
    public void Buffers_AreReusedAndFreed()
    {
        SimdBackend simd = new(1);
        RingBuffer first = simd.Allocate(1024, 3);
        RingBuffer second = simd.Allocate(1024, 3);
        Assert.Equal(0, simd.IdleBytes);
        first.Dispose();
        first.Dispose();
        Assert.Equal(4 * 1024 * 8, simd.IdleBytes); // rounded up to a power of two
        using (simd.Allocate(1024, 3))
        {
            Assert.Equal(0, simd.IdleBytes);
        }

        using (simd.Allocate(512, 3))
        {
            Assert.Equal(4 * 1024 * 8, simd.IdleBytes); // rounded up to a power of two
        }

        simd.Dispose();
        simd.Dispose();
        Assert.Equal(0, simd.IdleBytes);
        second.Dispose();
        Assert.Equal(0, simd.IdleBytes);
        Assert.Throws<ObjectDisposedException>(() => simd.Allocate(8, 1));
    }

    [Fact]
    public void Calls_AllocateNothingOnceWarm()
    {
        using SimdBackend simd = new(2);
        RnsBasis basis = BasisOfSizes(8192, 50, 49, 48, 47);
        using RnsPolynomial x = Upload(simd, basis, new ulong[4 * 8192]);
        using RnsPolynomial y = Upload(simd, basis, new ulong[4 * 8192]);
        LimbDivision rescale = new(basis.Take(3), basis.Slice(3, 1));
        LimbDivision modDown = new(basis.Take(2), basis.Slice(2, 2));
        using RnsPolynomial three = new(simd, rescale.Kept, Domain.Evaluation);
        using RnsPolynomial two = new(simd, modDown.Kept, Domain.Evaluation);

        // The least of several: tests beside this one share the memory of polynomials.
        long allocated = long.MaxValue;
        for (int i = 0; i < 40 && allocated > 0; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            simd.ForwardNtt([x.Block]);
            simd.InverseNtt([x.Block]);
            simd.MultiplyAdd([x.Block], [x.Block], [y.Block]);
            simd.MatrixProduct([x.Block], [x.Block], [y.Block]);
            simd.Automorphism(Domain.Evaluation, GaloisElement.Rotation(3), [x.Block], [y.Block]);
            simd.Divide(rescale, [x.Block], [three.Block]);
            simd.Divide(modDown, [x.Block], [two.Block]);
            allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, allocated);
    }
}
