using System.Text;
using Heann.Core;
using Heann.Core.Arithmetic;
using Heann.Core.Backends;
using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Rings;
using Heann.Gpu.Drivers;
using Heann.Core.Tests.Rings;
using static Heann.Core.Tests.Rings.RingTestKit;

namespace Heann.Gpu.Tests;

/// <summary>Devices, memory and transfers: what the contract of backends does not know of.</summary>
public sealed class GpuBackendTests
{
    [Fact]
    public void List_HasAnEntryForEveryApiAndNeverThrows()
    {
        IReadOnlyList<GpuDevice> devices = GpuDevice.List();
        Assert.Equal(Enum.GetValues<GpuApi>(), devices.Select(d => d.Api).Distinct());
        Assert.All(devices, d =>
        {
            Assert.Equal(d.Reason is null, d.IsAvailable);
            Assert.True(d.IsAvailable ? d.Name.Length > 0 && d.MemoryBytes > 0 : d.Reason!.Length > 0);
            Assert.Contains(d.IsAvailable ? d.Name : "not available: ", d.ToString(), StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData(GpuApi.Cuda, 99)]
    [InlineData(GpuApi.OpenCl, 99)]
    [InlineData(GpuApi.OpenCl, -1)]
    public void Open_RefusesWhatIsNotThere(GpuApi api, int index)
    {
        GpuException e = Assert.Throws<GpuException>(() => GpuBackend.Open(api, index));
        Assert.True(e.Message.Contains($"{index}", StringComparison.Ordinal) || e.Message.Contains("not available", StringComparison.Ordinal), e.Message);
    }

    // A build without the Direct3D 12 backend, or another system than Windows, has one line for it; else there is WARP, at least.
    [Fact]
    public void Direct3D_IsListedWithTheReasonOrWithItsDevices()
    {
        GpuDevice[] devices = [.. GpuDevice.List().Where(d => d.Api == GpuApi.ComputeSharp)];
        if (devices[0].IsAvailable)
        {
            using RingBackend backend = GpuDevice.Open(GpuApi.ComputeSharp, devices[^1].Index);
            Assert.Contains(devices[^1].Name, backend.Name, StringComparison.Ordinal);
        }
        else
        {
            string reason = Assert.Single(devices).Reason!;
            Assert.Contains("Windows", reason, StringComparison.Ordinal);
            Assert.Contains(reason, Assert.Throws<GpuException>(() => GpuDevice.Open(GpuApi.ComputeSharp)).Message, StringComparison.Ordinal);
        }

        Assert.Contains("GpuDevice.Open", Assert.Throws<ArgumentException>(() => GpuBackend.Open(GpuApi.ComputeSharp)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OpenFirst_TakesNoProcessorAndSaysWhy()
    {
        IReadOnlyList<GpuDevice> devices = GpuDevice.List();
        if (devices.FirstOrDefault(d => d.IsAvailable && !d.IsProcessor) is { } first)
        {
            using RingBackend backend = GpuDevice.OpenFirst();
            Assert.Contains(first.Name, backend.Name, StringComparison.Ordinal);
        }
        else
        {
            string message = Assert.Throws<GpuException>(() => GpuDevice.OpenFirst()).Message;
            Assert.All(devices, d => Assert.Contains(d.ToString(), message, StringComparison.Ordinal));
        }
    }

    // A device whose fused multiply-add rounds twice has no low halves of products; one with a wrong sign is wrong everywhere.
    [Theory]
    [InlineData("double e = fma(x, w, -h);", "double e = x * w - h;", "multiply-add")]
    [InlineData("v[e] = v[e] + z;", "v[e] = v[e] - z;", "transform")]
    [InlineData("v = fma(y, d.r, v);", "v = v + 1.0;", "base conversion")]
    public void Open_RefusesADeviceThatDoesNotComputeRight(string right, string wrong, string what)
    {
        Devices.First(GpuApi.OpenCl);
        string source = Encoding.UTF8.GetString(KernelSources.Read("heann.cl"));
        Assert.Contains(right, source, StringComparison.Ordinal);
        using GpuBackend backend = new(OpenClDriver.Open(0, Encoding.UTF8.GetBytes(source.Replace(right, wrong, StringComparison.Ordinal))));
        string message = Assert.Throws<GpuException>(() => GpuSelfTest.Run(backend, GpuBackend.TwoPasses)).Message;
        Assert.Contains("does not compute right", message, StringComparison.Ordinal);
        Assert.Contains(what, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_SaysWhatTheCompilerSaid()
    {
        Devices.First(GpuApi.OpenCl);
        string message = Assert.Throws<GpuException>(() => OpenClDriver.Open(0, "__kernel void k() { nonsense }"u8.ToArray())).Message;
        Assert.Contains("clBuildProgram", message, StringComparison.Ordinal);
        Assert.Contains("nonsense", message, StringComparison.Ordinal);
    }

    [Fact]
    public void EvaluatingMovesNoPolynomialAcrossTheBus()
    {
        CkksParameters parameters = CkksParameters.CreateInsecure(12, [50, 40, 40], [50], 3, Scale.FromLog2(40));
        using GpuBackend backend = GpuBackend.Open(Devices.First(Devices.Api)); // its own: others count on the shared one
        using CkksContext context = CkksContext.Create(parameters, backend);
        using SecretKey secret = context.KeyGenerator.CreateSecretKey();
        using EvaluationKeys keys = context.KeyGenerator.CreateEvaluationKeys(secret, KeyRequest.ForRotations([1], parameters.MaxLevel));
        using Ciphertext x = context.Encrypt(secret, [1, 2, 3]);
        CkksEvaluator e = context.CreateEvaluator(keys);
        e.Rotate(x, 1).Dispose(); // constants go there once
        e.Rescale(e.Multiply(x, x)).Dispose();
        GpuTransfers before = backend.Transfers;
        using Ciphertext rotated = e.Rotate(x, 1);
        Assert.Equal(before, backend.Transfers);
        using Ciphertext product = e.Multiply(x, rotated);
        using Ciphertext rescaled = e.Rescale(product);
        Assert.Equal(before.DownloadedBytes, backend.Transfers.DownloadedBytes);
        Assert.InRange(backend.Transfers.UploadedBytes - before.UploadedBytes, 0, 4096); // scalars and addresses, not the 32 KiB of a limb
        double[] values = context.Decrypt(secret, rescaled)[..2];
        Assert.Equal(2, values[0], 1e-6);
        Assert.Equal(6, values[1], 1e-6);
        Assert.True(backend.Transfers.DownloadedBytes > before.DownloadedBytes);
    }

    [Fact]
    public void MemoryThatIsUsedUp_IsAnExceptionAfterWhichAllWorks()
    {
        GpuDevice device = Devices.First(Devices.Api);
        using GpuBackend backend = GpuBackend.Open(device);
        const int Degree = 1 << 16;
        int limbs = (int)(device.MemoryBytes / 32 / (Degree * sizeof(double)));
        long used = backend.UsedBytes;
        List<RingBuffer> buffers = [];
        GpuOutOfMemoryException e = Assert.Throws<GpuOutOfMemoryException>(() =>
        {
            for (int i = 0; i < 64; i++)
            {
                buffers.Add(backend.Allocate(Degree, limbs)); // never written: it takes no memory of this machine
            }
        });
        Assert.Contains("Dispose of ciphertexts", e.Message, StringComparison.Ordinal);
        Assert.NotEmpty(buffers);
        buffers.ForEach(b => b.Dispose());
        Assert.Equal(used, backend.UsedBytes);
        GpuSelfTest.Run(backend, GpuBackend.TwoPasses);
        using RingBuffer again = backend.Allocate(Degree, limbs);
        Assert.True(backend.UsedBytes > used);
    }

    [Fact]
    public void BuffersAndKeysOfAnotherBackend_AreRefusedByName()
    {
        GpuBackend gpu = Devices.Shared;
        using ScalarBackend scalar = new();
        RnsBasis basis = Basis(8, 3);
        using RnsPolynomial own = new(gpu, basis, Domain.Evaluation), foreign = new(scalar, basis, Domain.Evaluation);
        string message = Assert.Throws<ArgumentException>(() => gpu.Add([own.Block], [foreign.Block], [own.Block])).Message;
        Assert.Contains(scalar.Name, message, StringComparison.Ordinal);
        Assert.Contains(gpu.Name, message, StringComparison.Ordinal);
        KeySwitchPlan plan = new(basis.Take(2), basis.Slice(2, 1), [0..1, 1..2]);
        using SwitchingMatrix key = scalar.CreateSwitchingMatrix(plan.Kept, plan.Special, 2);
        using RnsPolynomial x = new(gpu, plan.Kept, Domain.Evaluation), y = new(gpu, plan.Kept, Domain.Evaluation);
        KeySwitchTerm term = new() { Key = key, Destination0 = x.Block, Destination1 = y.Block };
        Assert.Contains("another backend", Assert.Throws<ArgumentException>(() => gpu.SwitchKeys(plan, x.Block, [term])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AfterDispose_EverythingIsRefused()
    {
        GpuBackend backend = GpuBackend.Open(Devices.First(Devices.Api));
        RnsBasis basis = Basis(8, 2);
        RnsPolynomial x = new(backend, basis, Domain.Coefficient);
        RingBuffer buffer = backend.Allocate(8, 1);
        buffer.Dispose();
        backend.Dispose();
        backend.Dispose();
        Assert.Throws<ObjectDisposedException>(() => backend.Allocate(8, 1));
        Assert.Throws<ObjectDisposedException>(() => backend.ForwardNtt([x.Block]));
        Assert.Throws<ObjectDisposedException>(backend.Synchronize);
        x.Dispose();
    }

    [Fact]
    public void ConcurrentCallers_GetTheirOwnResults()
    {
        GpuBackend gpu = Devices.Shared;
        using ScalarBackend scalar = new();
        RnsBasis basis = BasisOfSizes(1024, 50, 26, 36);
        Parallel.For(0, 6, caller =>
        {
            for (int round = 0; round < 5; round++)
            {
                SeededRandom random = Seeded(caller, round, 82);
                ulong[] x = RandomResidues(random, basis), y = RandomResidues(random, basis);
                ulong[] expected = Run(scalar), actual = Run(gpu);
                AssertResidues(basis, expected, actual, $"caller {caller}", random);

                ulong[] Run(RingBackend backend)
                {
                    using RnsPolynomial a = Upload(backend, basis, x), b = Upload(backend, basis, y);
                    backend.ForwardNtt([a.Block, b.Block]);
                    backend.MultiplyAdd([a.Block], [b.Block], [a.Block]);
                    backend.InverseNtt([a.Block]);
                    return a.ToResidues();
                }
            }
        });
    }

    // Constants of a basis are made by whoever comes first: here all at once.
    [Fact]
    public void ConcurrentCallers_MayBringABasisThatIsNew()
    {
        const int Callers = 8;
        GpuBackend gpu = Devices.Shared;
        ulong[] primes = [.. PrimeSearch.Descending(40, 16, 40)];
        using ScalarBackend scalar = new();
        RnsBasis whole = new(16, primes);
        ulong[] x = RandomResidues(Seeded(83), whole.Slice(0, 39));
        ulong[] expected = Transformed(scalar, whole.Slice(0, 39));
        for (int round = 0; round < 100; round++)
        {
            RnsBasis fresh = whole.Slice(0, 39);
            using Barrier together = new(Callers);
            Parallel.For(0, Callers, new() { MaxDegreeOfParallelism = Callers }, _ =>
            {
                Assert.Equal(expected, Transformed(gpu, fresh, together.SignalAndWait));
            });
        }

        ulong[] Transformed(RingBackend backend, RnsBasis basis, Action? before = null)
        {
            using RnsPolynomial a = Upload(backend, basis, x);
            before?.Invoke();
            backend.ForwardNtt([a.Block]);
            return a.ToResidues();
        }
    }

    [Fact]
    public void Dispose_OverwritesWhatIsStillInUse()
    {
        RecordingDriver driver = new();
        GpuBackend backend = new(driver);
        RingBuffer outlives = backend.Allocate(64, 3), freed = backend.Allocate(128, 1);
        freed.Dispose();
        backend.Dispose();
        (ulong first, long words) = Assert.Single(driver.Cleared);
        Assert.True(first == RecordingDriver.First && words >= 64 * 3 && words < 64 * 4, $"{words} words from {first} on");
        Assert.True(driver.IsDisposed);
        outlives.Dispose();
    }

    private sealed class RecordingDriver : FakeDriver
    {
        public const ulong First = 4096;

        public List<(ulong First, long Words)> Cleared { get; } = [];

        public bool IsDisposed { get; private set; }

        public override (ulong First, long Words) Allocate(long words) => (First, 1 << 20);

        public override void Launch(string kernel, long groups, int y, int z, in GpuCall call)
        {
            Assert.Equal("clear", kernel);
            Cleared.Add((call.D[0], (long)call.N * y * z));
        }

        public override void Synchronize()
        {
        }

        public override void Dispose() => IsDisposed = true;
    }
}
