using System.Runtime.CompilerServices;
using Heann.Core.Rings;
using Heann.Gpu.Drivers;
using static Heann.Core.Tests.Rings.RingTestKit;

namespace Heann.Gpu.Tests;

/// <summary>A device knows addresses, not objects: what an operand holds must not be given to others before its kernels are queued, and what a
/// call that fails has taken must come back. On a driver without a device.</summary>
public sealed class LifetimeTests
{
    private const int Degree = 64;
    private static readonly RnsBasis Whole = Basis(Degree, 4);

    private static readonly Dictionary<string, Action<GpuBackend, LimbBlock[], LimbBlock[]>> Operations = new()
    {
        ["negate"] = (b, x, d) => b.Negate(x, d[..1]),
        ["multiply"] = (b, x, d) => b.Multiply(x, x, d[..1]),
        ["scalar"] = (b, x, d) => b.MultiplyScalar(x, [1, 2, 3, 4], d[..1]),
        ["transform"] = (b, x, _) => b.ForwardNtt(x),
        ["clear"] = (b, x, _) => b.Clear(x),
        ["automorphism"] = (b, x, d) => b.Automorphism(Domain.Evaluation, GaloisElement.Rotation(1), x, d[..1]),
        ["matrix"] = (b, x, d) => b.MatrixProduct(x, x, d[..1]),
        ["integers"] = (b, x, d) => b.IntegerMatrixProduct([7], x, d[..1]),
        ["tensor"] = (b, x, d) => b.TensorProduct([x[0], x[0]], [x[0], x[0]], [d[0], d[1], d[2]]),
        ["conversion"] = (b, x, d) => b.ConvertBasis(new(Whole, Whole), x, d[..1]),
        ["division"] = (b, x, d) => b.Divide(new(Whole.Take(2), Whole.Slice(2, 2)), x, [new(d[0].Buffer, 0, Whole.Take(2))]),
        ["rescaling"] = (b, x, d) => b.Divide(new(Whole.Take(3), Whole.Slice(3, 1)), x, [new(d[0].Buffer, 0, Whole.Take(3))]),
        ["upload"] = (b, x, _) => b.Upload(new ulong[Degree * 4], x[0]),
        ["upload of integers"] = (b, x, _) => b.UploadIntegers(new double[Degree], x[0]),
        ["download"] = (b, x, _) => b.Download(x[0], new ulong[Degree * 4]),
    };

    public static TheoryData<string> Names => [.. Operations.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Operands_KeepTheirMemoryUntilTheKernelsAreQueued(string name)
    {
        CollectingDriver driver = new();
        using GpuBackend backend = new(driver);
        driver.Backend = backend;
        LimbBlock[] destination = Blocks(backend, 3, out _);
        Call(Operations[name], backend, driver, destination);
        Assert.True(driver.LaunchCount > 0);
        Assert.Equal(0, driver.LostCount);
        driver.Watch(0, 0);
        GC.KeepAlive(destination);
    }

    [Fact]
    public void KeysAndAddends_KeepTheirMemoryUntilTheKernelsAreQueued()
    {
        CollectingDriver driver = new();
        using GpuBackend backend = new(driver);
        driver.Backend = backend;
        KeySwitchPlan plan = new(Whole.Take(3), Whole.Slice(3, 1), [0..2, 2..3]);
        LimbBlock[] destination = Blocks(backend, 2, out _);
        backend.SwitchKeys(plan, new(destination[0].Buffer, 0, plan.Kept), Terms(backend, driver, plan, destination));
        Assert.True(driver.LaunchCount > 3);
        Assert.Equal(0, driver.LostCount);
        driver.Watch(0, 0);
    }

    [Fact]
    public void CallsThatFail_GiveBackWhatTheyTook()
    {
        KeySwitchPlan plan = new(Whole.Take(3), Whole.Slice(3, 1), [0..2, 2..3]);
        int failures = 0;
        for (int fail = 0; fail < 12; fail++)
        {
            CollectingDriver driver = new();
            using GpuBackend backend = new(driver);
            driver.Backend = backend;
            LimbBlock[] blocks = Blocks(backend, 2, out _);
            LimbBlock from = new(blocks[0].Buffer, 0, plan.Kept), to = new(blocks[1].Buffer, 0, plan.Kept);
            using SwitchingMatrix key = backend.CreateSwitchingMatrix(plan.Kept, plan.Special, 2);
            KeySwitchTerm[] terms = [new() { Key = key, Destination0 = from, Destination1 = to }];
            backend.SwitchKeys(plan, from, terms); // constants are there from now on
            backend.Download(blocks[0], new ulong[Degree * 4]);
            long used = backend.UsedBytes;
            driver.LaunchesUntilFailure = fail;
            try
            {
                backend.SwitchKeys(plan, from, terms);
                backend.Download(blocks[0], new ulong[Degree * 4]);
            }
            catch (GpuException)
            {
                failures++;
            }

            driver.LaunchesUntilFailure = int.MaxValue;
            Assert.Equal(used, backend.UsedBytes);
        }

        Assert.InRange(failures, 5, 11); // some calls had fewer launches than that, and not all
    }

    [Fact]
    public void Dispose_OfADeviceThatFailedClosesItsDriver()
    {
        CollectingDriver driver = new();
        GpuBackend backend = new(driver);
        driver.Backend = backend;
        LimbBlock[] blocks = Blocks(backend, 1, out _);
        blocks[0].Buffer.IsSecret = true;
        driver.LaunchesUntilFailure = 0;
        blocks[0].Buffer.Dispose(); // its wiping fails, as a finalizer's would
        Assert.Equal(0, backend.UsedBytes);
        _ = backend.Allocate(Degree, 1);
        backend.Dispose();
        Assert.True(driver.IsDisposed);
    }

    // In a frame of its own: nothing else refers to the operand while the call runs.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Call(Action<GpuBackend, LimbBlock[], LimbBlock[]> operation, GpuBackend backend, CollectingDriver driver, LimbBlock[] destination) =>
        operation(backend, Watched(backend, driver), destination);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static LimbBlock[] Watched(GpuBackend backend, CollectingDriver driver)
    {
        LimbBlock[] blocks = Blocks(backend, 1, out ulong first);
        driver.Watch(first, Degree * 4);
        return blocks;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static KeySwitchTerm[] Terms(GpuBackend backend, CollectingDriver driver, KeySwitchPlan plan, LimbBlock[] destination)
    {
        SwitchingMatrix key = backend.CreateSwitchingMatrix(plan.Kept, plan.Special, 2);
        LimbBlock addend = Watched(backend, driver)[0];
        return
        [
            new()
            {
                Key = key, Addend0 = new(addend.Buffer, 0, plan.Kept),
                Destination0 = new(destination[0].Buffer, 0, plan.Kept), Destination1 = new(destination[1].Buffer, 0, plan.Kept),
            },
        ];
    }

    private static LimbBlock[] Blocks(GpuBackend backend, int count, out ulong first)
    {
        LimbBlock[] blocks = [.. Enumerable.Range(0, count).Select(_ => new LimbBlock(backend.Allocate(Degree, Whole.Count), 0, Whole))];
        first = ((GpuBuffer)blocks[0].Buffer).Limb(0);
        return blocks;
    }

    // Collects garbage whenever a kernel is queued, and looks whether the watched words are still rented.
    private sealed class CollectingDriver : FakeDriver
    {
        private readonly List<nint> _host = [];
        private ulong _first;
        private long _words;

        public GpuBackend? Backend { get; set; }

        public int LaunchCount { get; private set; }

        public int LostCount { get; private set; }

        public int LaunchesUntilFailure { get; set; } = int.MaxValue;

        public bool IsDisposed { get; private set; }

        public override GpuDevice Device { get; } = new(GpuApi.Cuda, 0, "none", 1, "none", null);

        public void Watch(ulong first, long words) => (_first, _words) = (first, words);

        public override (ulong First, long Words) Allocate(long words) => (4096, 1 << 24);

        public override unsafe void* AllocateHost(long words)
        {
            _host.Add((nint)System.Runtime.InteropServices.NativeMemory.Alloc((nuint)words, sizeof(double)));
            return (void*)_host[^1];
        }

        public override unsafe void Write(ulong destination, void* source, long words) => Look();

        public override unsafe void Read(ulong source, void* destination, long words) => Look();

        public override void Launch(string kernel, long groups, int y, int z, in GpuCall call)
        {
            if (LaunchesUntilFailure-- <= 0)
            {
                throw new GpuException("The device is lost.");
            }

            LaunchCount++;
            Look();
        }

        public override void Synchronize()
        {
        }

        public override unsafe void Dispose()
        {
            IsDisposed = true;
            _host.ForEach(memory => System.Runtime.InteropServices.NativeMemory.Free((void*)memory));
            _host.Clear();
        }

        private void Look()
        {
            if (_words == 0)
            {
                return;
            }

            GC.Collect();
            GC.WaitForPendingFinalizers();
            bool isRented = Backend!.Memory.Used().Any(piece => piece.First <= _first && _first + (ulong)_words <= piece.First + (ulong)piece.Words);
            LostCount += isRented ? 0 : 1;
        }
    }
}
