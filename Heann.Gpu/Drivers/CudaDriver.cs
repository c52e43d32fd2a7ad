using System.Runtime.InteropServices;
using System.Text;

namespace Heann.Gpu.Drivers;

/// <summary>A device of NVIDIA's driver, which alone is needed: kernels were compiled to PTX when this assembly was built.</summary>
/// <remarks>Words are counted from address 0, so that memory of any number of allocations is named the same way.</remarks>
internal sealed unsafe class CudaDriver : GpuDriver
{
    // sm_60 is the first with the double-precision rate and the grid sizes that the kernels were written for; the PTX asks for it.
    private const int RequiredMajor = 6;

    // Memory is taken in slabs of at least so much.
    private const long SlabWords = 32L << 20;

    private readonly int _device;
    private readonly nint _context;
    private readonly nint _module;
    private readonly nint _stream;
    private readonly List<ulong> _slabs = [];
    private readonly List<nint> _hostMemory = [];
    private readonly Dictionary<string, nint> _kernels = [];
    private bool _isDisposed;

    private CudaDriver(GpuDevice device, int handle)
    {
        (Device, _device) = (device, handle);
        try
        {
            nint context, module, stream;
            Check(Cuda.PrimaryContextRetain(&context, handle), "cuDevicePrimaryCtxRetain");
            _context = context;
            Check(Cuda.SetCurrent(context), "cuCtxSetCurrent");
            Check(Cuda.StreamCreate(&stream, 1), "cuStreamCreate");
            _stream = stream;
            const int LogBytes = 1 << 14;
            byte[] log = new byte[LogBytes];
            byte[] ptx = [.. KernelSources.Read("heann.ptx"), 0];
            fixed (byte* image = ptx, text = log)
            {
                int* options = stackalloc int[] { Cuda.JitErrorLogBuffer, Cuda.JitErrorLogBufferSizeBytes };
                void** values = stackalloc void*[] { text, (void*)LogBytes };
                int code = Cuda.ModuleLoadData(&module, image, 2, options, values);
                if (code != Cuda.Success)
                {
                    throw new GpuException(
                        $"cuModuleLoadDataEx failed with {code} ({Describe(code)}) on '{device.Name}'; a newer driver may help. It said: {Encoding.UTF8.GetString(log).TrimEnd('\0', '\n', '.')}.");
                }

                _module = module;
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override GpuDevice Device { get; }

    /// <summary>All devices.</summary>
    public static IEnumerable<GpuDevice> List()
    {
        if (!DriverLibraries.IsPresent(DriverLibraries.Cuda))
        {
            return [GpuDevice.Unavailable(GpuApi.Cuda, "there is no NVIDIA driver, or it does not load (libcuda.so.1, nvcuda.dll); install or update it")];
        }

        int code = Cuda.Init(0);
        int count = 0;
        if (code == Cuda.Success)
        {
            code = Cuda.DeviceGetCount(&count);
        }

        return code != Cuda.Success ? [GpuDevice.Unavailable(GpuApi.Cuda, $"the driver answers {code} ({Describe(code)}); see that it is of the kernel's version, or update it")]
            : count == 0 ? [GpuDevice.Unavailable(GpuApi.Cuda, "the driver has no device; see that it knows the GPU (nvidia-smi) and that CUDA_VISIBLE_DEVICES does not hide it")]
            : [.. Enumerable.Range(0, count).Select(DescribeDevice)];
    }

    /// <summary>Opens one of <see cref="List"/>.</summary>
    public static CudaDriver Open(int index)
    {
        GpuDevice device = List().FirstOrDefault(d => d.Index == index || d.Index < 0)
            ?? throw new GpuException($"CUDA device {index} was asked for and is not there.");
        if (!device.IsAvailable)
        {
            throw new GpuException($"CUDA is not available: {device.Reason}.");
        }

        int handle;
        Check(Cuda.DeviceGet(&handle, index), "cuDeviceGet");
        return new(device, handle);
    }

    public override (ulong First, long Words) Allocate(long words)
    {
        Enter();
        ulong address;
        int code = Cuda.OutOfMemory;
        foreach (long size in (long[])[Math.Max(words, SlabWords), words])
        {
            code = Cuda.MemoryAllocate(&address, (nuint)(size * sizeof(double)));
            if (code == Cuda.Success)
            {
                _slabs.Add(address);
                return (address / sizeof(double), size);
            }

            if (code != Cuda.OutOfMemory)
            {
                break;
            }
        }

        Check(code, $"cuMemAlloc of {words * sizeof(double)} bytes");
        throw new GpuException("cuMemAlloc failed without a code.");
    }

    public override void* AllocateHost(long words)
    {
        Enter();
        void* address;
        Check(Cuda.HostAllocate(&address, (nuint)words * sizeof(double), 0), $"cuMemHostAlloc of {words * sizeof(double)} bytes");
        _hostMemory.Add((nint)address);
        return address;
    }

    public override void Write(ulong destination, void* source, long words)
    {
        Enter();
        Check(Cuda.CopyToDevice(destination * sizeof(double), source, (nuint)words * sizeof(double), _stream), "cuMemcpyHtoDAsync");
    }

    public override void Read(ulong source, void* destination, long words)
    {
        Enter();
        Check(Cuda.CopyToHost(destination, source * sizeof(double), (nuint)words * sizeof(double), _stream), "cuMemcpyDtoHAsync");
        Synchronize();
    }

    public override void Launch(string kernel, long groups, int y, int z, in GpuCall call)
    {
        Enter();
        ulong memory = 0;
        fixed (GpuCall* arguments = &call)
        {
            void** list = stackalloc void*[] { &memory, arguments };
            Check(
                Cuda.LaunchKernel(Kernel(kernel), (uint)groups, (uint)y, (uint)z, GroupSize, 1, 1, 0, _stream, list, null),
                $"cuLaunchKernel of {kernel}");
        }
    }

    public override nint Mark()
    {
        Enter();
        nint mark;
        Check(Cuda.EventCreate(&mark, 0), "cuEventCreate");
        Check(Cuda.EventRecord(mark, _stream), "cuEventRecord");
        return mark;
    }

    public override void Await(nint mark)
    {
        Enter();
        Check(Cuda.EventSynchronize(mark), "cuEventSynchronize");
    }

    public override double Milliseconds(nint from, nint to)
    {
        Enter();
        float milliseconds;
        Check(Cuda.EventElapsedTime(&milliseconds, from, to), "cuEventElapsedTime");
        return milliseconds;
    }

    public override void Release(nint mark)
    {
        Enter();
        Check(Cuda.EventDestroy(mark), "cuEventDestroy");
    }

    public override void Synchronize()
    {
        Enter();
        Check(Cuda.StreamSynchronize(_stream), "cuStreamSynchronize");
    }

    public override void Dispose()
    {
        if (_isDisposed || _context == 0)
        {
            return;
        }

        _isDisposed = true;
        _ = Cuda.SetCurrent(_context);
        if (_stream != 0)
        {
            _ = Cuda.StreamSynchronize(_stream);
            _ = Cuda.StreamDestroy(_stream);
        }

        _slabs.ForEach(slab => _ = Cuda.MemoryFree(slab));
        _hostMemory.ForEach(memory => _ = Cuda.HostFree((void*)memory));
        if (_module != 0)
        {
            _ = Cuda.ModuleUnload(_module);
        }

        _ = Cuda.PrimaryContextRelease(_device);
    }

    private static GpuDevice DescribeDevice(int index)
    {
        int handle, major, version;
        nuint bytes;
        const int Length = 256;
        byte* name = stackalloc byte[Length];
        Check(Cuda.DeviceGet(&handle, index), "cuDeviceGet");
        Check(Cuda.DeviceGetName(name, Length, handle), "cuDeviceGetName");
        Check(Cuda.DeviceTotalMem(&bytes, handle), "cuDeviceTotalMem");
        Check(Cuda.DeviceGetAttribute(&major, Cuda.ComputeCapabilityMajor, handle), "cuDeviceGetAttribute");
        Check(Cuda.DriverGetVersion(&version), "cuDriverGetVersion");
        string? reason = major < RequiredMajor ? $"its compute capability is {major}, and {RequiredMajor} is needed" : null;
        return new(
            GpuApi.Cuda, index, Marshal.PtrToStringUTF8((nint)name) ?? "", (long)bytes, $"CUDA {version / 1000}.{version % 1000 / 10}", reason);
    }

    private static string Describe(int code)
    {
        byte* text;
        return Cuda.GetErrorString(code, &text) == Cuda.Success ? Marshal.PtrToStringUTF8((nint)text) ?? "" : "unknown";
    }

    // A context belongs to the thread that made it current; any thread may call.
    private void Enter() => Check(Cuda.SetCurrent(_context), "cuCtxSetCurrent");

    private nint Kernel(string name)
    {
        if (!_kernels.TryGetValue(name, out nint kernel))
        {
            Check(Cuda.ModuleGetFunction(&kernel, _module, name), $"cuModuleGetFunction of {name}");
            _kernels.Add(name, kernel);
        }

        return kernel;
    }

    private static void Check(int code, string call)
    {
        if (code == Cuda.OutOfMemory)
        {
            throw new GpuOutOfMemoryException($"{call} failed with {code} ({Describe(code)}). Dispose of ciphertexts and keys, or take the CPU.");
        }

        if (code != Cuda.Success)
        {
            throw new GpuException($"{call} failed with {code} ({Describe(code)}). A newer driver may help.");
        }
    }
}
