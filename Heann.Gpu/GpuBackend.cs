using System.Runtime.CompilerServices;
using Heann.Core.Rings;
using Heann.Gpu.Drivers;

namespace Heann.Gpu;

/// <summary>A GPU behind the seam: ciphertexts, keys and plaintexts stay in its memory, and every residue is the CPU's to the bit.</summary>
/// <remarks>
/// <para>A residue is an integer-valued double, products are exact by fused multiply-add: the kernels are one OpenCL source, run through an
/// OpenCL driver or, as PTX, through NVIDIA's. A device that does not compute right is refused when it is opened
/// (<see cref="GpuSelfTest"/>).</para>
/// <para>Calls return when their kernels are queued; only downloads wait, and uploads of secrets, whose copies are overwritten. Memory is
/// pooled; when it is used up the call throws <see cref="GpuOutOfMemoryException"/> and the backend still works. Thread-safe: calls are
/// queued one at a time.</para>
/// </remarks>
public sealed unsafe partial class GpuBackend : RingBackend
{
    // N of the self-test: transforms take two passes.
    internal const int TwoPasses = 1 << (LogTile + 2);

    private const long LargestWipe = 1 << 28; // words at a time

    private readonly GpuDriver _driver;
    private readonly UploadRing _uploads;
    private readonly Lock _queue = new();
    private readonly ConditionalWeakTable<RnsBasis, GpuBasis> _bases = [];
    private readonly ConditionalWeakTable<NttTables, PowerTables> _powers = [];
    private readonly ConditionalWeakTable<BasisConversion, ConversionTables> _conversions = [];
    private readonly ConditionalWeakTable<LimbDivision, DivisionTables> _divisions = [];
    private readonly ConditionalWeakTable<KeySwitchPlan, SwitchTables> _switches = [];
    private long _uploadCount;
    private long _uploadedBytes;
    private long _downloadCount;
    private long _downloadedBytes;
    private bool _isDisposed;

    internal GpuBackend(GpuDriver driver)
    {
        _driver = driver;
        _uploads = new(driver);
        Memory = new(driver);
    }

    /// <summary>The device.</summary>
    public GpuDevice Device => _driver.Device;

    /// <inheritdoc/>
    public override string Name => $"{Device.Api}: {Device.Name}, driver {Device.Driver}";

    /// <summary>All of the processor's: what is done beside the device, expanding seeds, packing ciphertexts, takes them.</summary>
    public override int ThreadCount => Environment.ProcessorCount;

    /// <summary>Bytes of the device's memory in use: buffers, keys and constants.</summary>
    public long UsedBytes => Memory.UsedWords * sizeof(double);

    /// <summary>What has crossed the bus so far.</summary>
    public GpuTransfers Transfers => new(
        Interlocked.Read(ref _uploadCount), Interlocked.Read(ref _uploadedBytes),
        Interlocked.Read(ref _downloadCount), Interlocked.Read(ref _downloadedBytes));

    internal GpuMemory Memory { get; }

    /// <summary>Opens the first GPU that can be used: CUDA, then OpenCL; no processor that an OpenCL driver shows as a device.</summary>
    /// <exception cref="GpuException">There is none; the message says why for each way.</exception>
    public static GpuBackend Open() => GpuDevice.OpenFirst(GpuDevice.ListDrivers(), Open);

    /// <summary>Opens a device by number.</summary>
    /// <param name="api">How: <see cref="GpuApi.Cuda"/> or <see cref="GpuApi.OpenCl"/>.</param>
    /// <param name="index">Which, as <see cref="GpuDevice.List"/> numbers them.</param>
    /// <exception cref="GpuException">It is not there, cannot be used, or computes wrongly.</exception>
    /// <exception cref="ArgumentException">Another interface: see <see cref="GpuDevice.Open"/>.</exception>
    public static GpuBackend Open(GpuApi api, int index = 0) => Open(api, index, isTimed: false);

    /// <summary>One that <see cref="Milliseconds"/> can be asked of.</summary>
    internal static GpuBackend Open(GpuApi api, int index, bool isTimed)
    {
        GpuDriver driver;
        try
        {
            driver = api switch
            {
                GpuApi.Cuda => CudaDriver.Open(index),
                GpuApi.OpenCl => OpenClDriver.Open(index, isTimed: isTimed),
                GpuApi.ComputeSharp => throw new ArgumentException(
                    "A Direct3D 12 device is another backend: open it with GpuDevice.Open or ComputeSharpBackend.Open.", nameof(api)),
                _ => throw new ArgumentOutOfRangeException(nameof(api), api, $"There is no interface {api}."),
            };
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            throw new GpuException($"{api} is not available: {e.Message}", e);
        }

        GpuBackend backend = new(driver);
        try
        {
            GpuSelfTest.Run(backend, TwoPasses);
            return backend;
        }
        catch
        {
            backend.Dispose();
            throw;
        }
    }

    /// <summary>Opens a device of <see cref="GpuDevice.List"/>.</summary>
    /// <exception cref="GpuException">It cannot be used.</exception>
    /// <exception cref="ArgumentException">A Direct3D 12 device: see <see cref="GpuDevice.Open"/>.</exception>
    public static GpuBackend Open(GpuDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.IsAvailable ? Open(device.Api, device.Index) : throw new GpuException($"{device}.");
    }

    /// <inheritdoc/>
    public override RingBuffer Allocate(int ringDegree, int limbCount)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return new GpuBuffer(this, ringDegree, limbCount);
    }

    /// <inheritdoc/>
    public override SwitchingMatrix CreateSwitchingMatrix(RnsBasis kept, RnsBasis special, int digitCount) =>
        new GpuSwitchingMatrix(this, kept, special, digitCount);

    /// <inheritdoc/>
    public override void Synchronize()
    {
        lock (_queue)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _driver.Synchronize();
        }
    }

    /// <summary>Time that the device takes for what an action queues, by its own clock: gaps in which it waits for more are counted.</summary>
    internal double Milliseconds(Action queue)
    {
        nint start = Mark();
        queue();
        nint end = Mark();
        lock (_queue)
        {
            _driver.Await(end);
            double milliseconds = _driver.Milliseconds(start, end);
            _driver.Release(start);
            _driver.Release(end);
            return milliseconds;
        }

        nint Mark()
        {
            lock (_queue)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                return _driver.Mark();
            }
        }
    }

    /// <summary>Writes words to the device.</summary>
    internal void WriteWords(ulong first, ReadOnlySpan<double> words, bool isSecret)
    {
        fixed (double* source = words)
        {
            Write(first, source, words.Length, isSecret);
        }
    }

    /// <summary>Powers of psi and of its inverse, for every basis with the prime.</summary>
    internal (GpuTable Forward, GpuTable Inverse) PowersOf(NttTables tables)
    {
        PowerTables powers = _powers.GetValue(tables, t => new(Table(t, t.Forward), Table(t, t.Inverse)));
        return (powers.Forward, powers.Inverse);

        GpuTable Table(NttTables t, ReadOnlySpan<ulong> residues)
        {
            double[] words = new double[residues.Length];
            for (int i = 0; i < words.Length; i++)
            {
                words[i] = t.Modulus.Center(residues[i]);
            }

            return new(this, words);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool isDisposing)
    {
        lock (_queue)
        {
            if (!_isDisposed)
            {
                WipeUsed();
                _isDisposed = true;
                Memory.Close();
                try
                {
                    _uploads.Close();
                }
                finally
                {
                    _driver.Dispose();
                }
            }
        }
    }

    // Buffers that outlive the backend: secrets may be among them. A device that has failed cannot do it.
    private void WipeUsed()
    {
        try
        {
            foreach ((ulong first, long words) in Memory.Used())
            {
                for (long done = 0; done < words; done += LargestWipe)
                {
                    Zero(first + (ulong)done, (int)Math.Min(LargestWipe, words - done), 1);
                }
            }

            _driver.Synchronize();
        }
        catch (GpuException)
        {
        }
    }

    private void Write(ulong first, void* source, long words, bool isSecret = false)
    {
        lock (_queue)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            try
            {
                _uploads.Write(first, source, words);
            }
            finally
            {
                if (isSecret)
                {
                    _uploads.Wipe();
                }
            }
        }

        Interlocked.Increment(ref _uploadCount);
        Interlocked.Add(ref _uploadedBytes, words * sizeof(double));
    }

    private void Read(ulong first, void* destination, long words)
    {
        lock (_queue)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _driver.Read(first, destination, words);
        }

        Interlocked.Increment(ref _downloadCount);
        Interlocked.Add(ref _downloadedBytes, words * sizeof(double));
    }

    // One launch for n values (in groups), so many limbs and blocks.
    private void Launch(string kernel, long items, int limbs, int blocks, in GpuCall call)
    {
        if (items == 0 || limbs == 0 || blocks == 0)
        {
            return;
        }

        lock (_queue)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _driver.Launch(kernel, (items + GpuDriver.GroupSize - 1) / GpuDriver.GroupSize, limbs, blocks, call);
        }
    }

    private static GpuCall CallFor(int degree, ulong basis) => new() { N = degree, LogN = System.Numerics.BitOperations.Log2((uint)degree), Basis = basis };

    private GpuBasis On(RnsBasis basis) => _bases.GetValue(basis, b => new(this, b));

    private GpuCall CallFor(RnsBasis basis) => CallFor(basis.RingDegree, On(basis).Moduli);

    private ulong First(LimbBlock block) =>
        block.Buffer is GpuBuffer buffer && ReferenceEquals(buffer.Backend, this)
            ? buffer.Limb(block.FirstLimb)
            : throw new ArgumentException($"A buffer of '{block.Buffer.Backend.Name}' cannot be used by '{Name}'; download and upload it.");

    // Kernels are given addresses. Until they are queued nobody else may get that memory, so what refers to it stays alive: the blocks of a
    // call, and the constants of its plan, which live as long as that.
    private readonly ref struct Alive(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination, object? plan = null)
    {
        private readonly ReadOnlySpan<LimbBlock> _x = x;
        private readonly ReadOnlySpan<LimbBlock> _y = y;
        private readonly ReadOnlySpan<LimbBlock> _destination = destination;
        private readonly object? _plan = plan;

        public void Dispose()
        {
            Keep(_x);
            Keep(_y);
            Keep(_destination);
            GC.KeepAlive(_plan);
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static void Keep(ReadOnlySpan<LimbBlock> blocks)
        {
            // Being an argument of a call is all it takes.
        }
    }

    private sealed record PowerTables(GpuTable Forward, GpuTable Inverse);
}
