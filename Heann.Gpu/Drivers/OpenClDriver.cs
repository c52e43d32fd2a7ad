using System.Text;

namespace Heann.Gpu.Drivers;

/// <summary>A device of an OpenCL driver.</summary>
/// <remarks>
/// Pointers cannot be stored in OpenCL 1.2, so all of memory is one buffer and kernels take indices. It is as large as the driver allows one
/// to be; drivers set memory aside when it is first used.
/// </remarks>
internal sealed unsafe class OpenClDriver : GpuDriver
{
    // Standard conformance already: neither fast nor relaxed mathematics may come in.
    private const string BuildOptions = "-cl-std=CL1.2";

    // Of a group of the transforms: a tile, padded.
    private const int LocalBytes = ((1 << GpuBackend.LogTile) + (1 << (GpuBackend.LogTile - 4))) * sizeof(double);

    private const int LaunchesPerFlush = 8;

    // Left to the driver's own needs, of what one buffer may have.
    private const int ArenaSixteenths = 15;

    private static readonly Lock Enumeration = new();

    private readonly nint _context;
    private readonly nint _queue;
    private readonly nint _program;
    private readonly nint _arena;
    private readonly long _arenaWords;
    private readonly Dictionary<string, nint> _kernels = [];
    private readonly List<nint> _hostMemory = [];
    private long _launchCount;
    private bool _isAllocated;
    private bool _isDisposed;

    private OpenClDriver(GpuDevice device, nint id, byte[] source, bool isTimed)
    {
        Device = device;
        int error;
        try
        {
            _context = OpenCl.CreateContext(null, 1, &id, null, null, &error);
            Check(error, "clCreateContext");
            _queue = OpenCl.CreateCommandQueue(_context, id, isTimed ? OpenCl.QueueProfiling : 0, &error);
            Check(error, "clCreateCommandQueue");
            fixed (byte* text = source)
            {
                byte* pointer = text;
                nuint length = (nuint)source.Length;
                _program = OpenCl.CreateProgramWithSource(_context, 1, &pointer, &length, &error);
                Check(error, "clCreateProgramWithSource");
            }

            error = OpenCl.BuildProgram(_program, 1, &id, BuildOptions, null, null);
            if (error != OpenCl.Success)
            {
                throw new GpuException($"clBuildProgram failed with {error} on '{device.Name}': the driver's compiler said: {BuildLog(id).TrimEnd('.')}.");
            }

            long bytes = (long)Math.Min(Number(id, OpenCl.DeviceMaxMemAllocSize), (ulong)device.MemoryBytes) / 16 * ArenaSixteenths;
            _arenaWords = bytes / sizeof(double);
            _arena = OpenCl.CreateBuffer(_context, OpenCl.MemReadWrite, (nuint)(_arenaWords * sizeof(double)), null, &error);
            Check(error, "clCreateBuffer");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override GpuDevice Device { get; }

    /// <summary>All devices of all drivers.</summary>
    public static IEnumerable<GpuDevice> List()
    {
        if (!DriverLibraries.IsPresent(DriverLibraries.OpenCl))
        {
            return [GpuDevice.Unavailable(GpuApi.OpenCl, "there is no OpenCL loader (libOpenCL.so.1, OpenCL.dll); a GPU's driver brings it, PoCL too")];
        }

        List<GpuDevice> devices = [.. Ids().Select((id, index) => Describe(id, index))];
        return devices.Count > 0 ? devices : [GpuDevice.Unavailable(GpuApi.OpenCl, "no OpenCL driver has a device; install the GPU's driver, or PoCL")];
    }

    /// <summary>Opens one of <see cref="List"/>.</summary>
    /// <param name="index">Which.</param>
    /// <param name="source">The kernels; by default those that the assembly carries.</param>
    /// <param name="isTimed">Whether events are to have times, which makes some drivers slower.</param>
    public static OpenClDriver Open(int index, byte[]? source = null, bool isTimed = false)
    {
        List<nint> ids = DriverLibraries.IsPresent(DriverLibraries.OpenCl) ? Ids() : [];
        if (index < 0 || index >= ids.Count)
        {
            throw new GpuException(ids.Count == 0
                ? $"OpenCL is not available: {List().First().Reason}."
                : $"OpenCL device {index} was asked for and there are {ids.Count}, counted from 0.");
        }

        GpuDevice device = Describe(ids[index], index);
        return device.IsAvailable
            ? new(device, ids[index], source ?? KernelSources.Read("heann.cl"), isTimed)
            : throw new GpuException($"OpenCL device {index}, '{device.Name}', cannot be used: {device.Reason}.");
    }

    public override (ulong First, long Words) Allocate(long words)
    {
        if (_isAllocated || words > _arenaWords)
        {
            throw new GpuOutOfMemoryException(
                $"{words * sizeof(double)} bytes more were asked for and '{Device.Name}' has all of its {_arenaWords * sizeof(double)} in use "
                + "(OpenCL's limit for one buffer). Dispose of ciphertexts and keys, or take the CPU.");
        }

        _isAllocated = true;
        return (0, _arenaWords);
    }

    // Memory that the driver allocates for the host is what devices copy from by themselves.
    public override void* AllocateHost(long words)
    {
        int error;
        nuint bytes = (nuint)words * sizeof(double);
        nint buffer = OpenCl.CreateBuffer(_context, OpenCl.MemReadWrite | OpenCl.MemAllocHostPtr, bytes, null, &error);
        Check(error, $"clCreateBuffer of {bytes} bytes for the host");
        _hostMemory.Add(buffer);
        void* address = OpenCl.EnqueueMap(_queue, buffer, 1, OpenCl.MapWrite, 0, bytes, 0, null, null, &error);
        Check(error, "clEnqueueMapBuffer");
        return address;
    }

    public override void Write(ulong destination, void* source, long words) => Check(
        OpenCl.EnqueueWrite(
            _queue, _arena, 0, (nuint)destination * sizeof(double), (nuint)words * sizeof(double), source, 0, null, null),
        "clEnqueueWriteBuffer");

    public override void Read(ulong source, void* destination, long words) => Check(
        OpenCl.EnqueueRead(
            _queue, _arena, 1, (nuint)source * sizeof(double), (nuint)words * sizeof(double), destination, 0, null, null),
        "clEnqueueReadBuffer");

    public override void Launch(string kernel, long groups, int y, int z, in GpuCall call)
    {
        nint handle = Kernel(kernel);
        nint arena = _arena;
        Check(OpenCl.SetKernelArg(handle, 0, (nuint)sizeof(nint), &arena), "clSetKernelArg");
        fixed (GpuCall* arguments = &call)
        {
            Check(OpenCl.SetKernelArg(handle, 1, (nuint)sizeof(GpuCall), arguments), "clSetKernelArg");
        }

        nuint* global = stackalloc nuint[] { (nuint)groups * GroupSize, (nuint)y, (nuint)z };
        nuint* local = stackalloc nuint[] { GroupSize, 1, 1 };
        Check(OpenCl.EnqueueKernel(_queue, handle, 3, null, global, local, 0, null, null), $"clEnqueueNDRangeKernel of {kernel}");
        if (++_launchCount % LaunchesPerFlush == 0)
        {
            Check(OpenCl.Flush(_queue), "clFlush"); // else a driver may wait for somebody to wait
        }
    }

    public override nint Mark()
    {
        nint mark;
        Check(OpenCl.EnqueueMarker(_queue, 0, null, &mark), "clEnqueueMarkerWithWaitList");
        return mark;
    }

    public override void Await(nint mark) => Check(OpenCl.WaitForEvents(1, &mark), "clWaitForEvents");

    public override double Milliseconds(nint from, nint to) => (Nanoseconds(to) - Nanoseconds(from)) / 1e6;

    public override void Release(nint mark) => Check(OpenCl.ReleaseEvent(mark), "clReleaseEvent");

    public override void Synchronize() => Check(OpenCl.Finish(_queue), "clFinish");

    public override void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        foreach (nint kernel in _kernels.Values)
        {
            _ = OpenCl.ReleaseKernel(kernel);
        }

        _hostMemory.ForEach(memory => Release(memory, OpenCl.ReleaseMemObject));
        Release(_arena, OpenCl.ReleaseMemObject);
        Release(_program, OpenCl.ReleaseProgram);
        Release(_queue, OpenCl.ReleaseCommandQueue);
        Release(_context, OpenCl.ReleaseContext);
    }

    private static void Release(nint handle, Func<nint, int> release)
    {
        if (handle != 0)
        {
            _ = release(handle);
        }
    }

    // One at a time: a driver that is asked by a second thread while it initialises itself may answer with devices that are not ready (PoCL
    // 3.1 crashes in their names).
    private static List<nint> Ids()
    {
        lock (Enumeration)
        {
            return Enumerate();
        }
    }

    private static List<nint> Enumerate()
    {
        List<nint> ids = [];
        uint platformCount;
        if (OpenCl.GetPlatformIds(0, null, &platformCount) != OpenCl.Success)
        {
            return ids; // the loader found no driver
        }

        nint[] platforms = new nint[platformCount];
        fixed (nint* all = platforms)
        {
            Check(OpenCl.GetPlatformIds(platformCount, all, null), "clGetPlatformIDs");
        }

        foreach (nint platform in platforms)
        {
            uint count;
            if (OpenCl.GetDeviceIds(platform, OpenCl.AllDevices, 0, null, &count) != OpenCl.Success)
            {
                continue; // a driver without a device
            }

            nint[] devices = new nint[count];
            fixed (nint* all = devices)
            {
                Check(OpenCl.GetDeviceIds(platform, OpenCl.AllDevices, count, all, null), "clGetDeviceIDs");
            }

            ids.AddRange(devices);
        }

        return ids;
    }

    private static GpuDevice Describe(nint id, int index)
    {
        string name = Text(id, OpenCl.DeviceName);
        string? reason =
            (DoublePrecision(id) & OpenCl.FpFma) == 0 ? "it has no double precision with fused multiply-add"
            : Number(id, OpenCl.DeviceMaxWorkGroupSize) < GroupSize ? $"its groups have fewer than {GroupSize} work items"
            : Number(id, OpenCl.DeviceLocalMemSize) < LocalBytes ? $"it has less than {LocalBytes} bytes of local memory"
            : Number(id, OpenCl.DeviceMaxParameterSize) < (ulong)sizeof(GpuCall) + (ulong)sizeof(nint) ? "its kernels take too few arguments"
            : null;
        return new(GpuApi.OpenCl, index, name, (long)Number(id, OpenCl.DeviceGlobalMemSize), Text(id, OpenCl.DriverVersion), reason)
        {
            IsProcessor = (Number(id, OpenCl.DeviceType) & OpenCl.DeviceTypeProcessor) != 0,
        };
    }

    private static ulong Nanoseconds(nint mark)
    {
        ulong time;
        Check(OpenCl.GetEventProfilingInfo(mark, OpenCl.ProfilingCommandEnd, sizeof(ulong), &time, null), "clGetEventProfilingInfo");
        return time;
    }

    // Devices without double precision may not know the question.
    private static ulong DoublePrecision(nint id)
    {
        ulong value = 0;
        return OpenCl.GetDeviceInfo(id, OpenCl.DeviceDoubleFpConfig, sizeof(ulong), &value, null) == OpenCl.Success ? value : 0;
    }

    private static ulong Number(nint id, uint what)
    {
        ulong value = 0; // some are 32 bits, some 64: the rest stays zero
        Check(OpenCl.GetDeviceInfo(id, what, sizeof(ulong), &value, null), "clGetDeviceInfo");
        return value;
    }

    private static string Text(nint id, uint what)
    {
        const int Length = 512;
        byte* text = stackalloc byte[Length];
        nuint written;
        Check(OpenCl.GetDeviceInfo(id, what, Length, text, &written), "clGetDeviceInfo");
        return Encoding.UTF8.GetString(text, Math.Max(0, (int)written - 1)).Trim();
    }

    private string BuildLog(nint id)
    {
        nuint size;
        if (OpenCl.GetProgramBuildInfo(_program, id, OpenCl.ProgramBuildLog, 0, null, &size) != OpenCl.Success || size == 0)
        {
            return "(nothing)";
        }

        byte[] text = new byte[size];
        fixed (byte* log = text)
        {
            _ = OpenCl.GetProgramBuildInfo(_program, id, OpenCl.ProgramBuildLog, size, log, null);
        }

        return Encoding.UTF8.GetString(text).TrimEnd('\0', '\n');
    }

    private nint Kernel(string name)
    {
        if (!_kernels.TryGetValue(name, out nint kernel))
        {
            int error;
            kernel = OpenCl.CreateKernel(_program, name, &error);
            Check(error, $"clCreateKernel of {name}");
            _kernels.Add(name, kernel);
        }

        return kernel;
    }

    private static void Check(int code, string call)
    {
        if (code is OpenCl.MemObjectAllocationFailure or OpenCl.OutOfResources or OpenCl.OutOfHostMemory)
        {
            throw new GpuOutOfMemoryException($"{call} failed with {code}: the device is out of memory. Dispose of ciphertexts and keys, or take the CPU.");
        }

        if (code != OpenCl.Success)
        {
            throw new GpuException($"{call} failed with OpenCL's error {code}. A newer driver may help.");
        }
    }
}
