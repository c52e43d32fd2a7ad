using System.Runtime.InteropServices;

namespace Heann.Gpu.Drivers;

/// <summary>What is used of OpenCL 1.2's interface; names and constants are those of its header.</summary>
internal static unsafe partial class OpenCl
{
    public const int Success = 0;
    public const int MemObjectAllocationFailure = -4;
    public const int OutOfResources = -5;
    public const int OutOfHostMemory = -6;

    public const uint DeviceType = 0x1000;
    public const ulong DeviceTypeProcessor = 2;
    public const uint DeviceGlobalMemSize = 0x101F;
    public const uint DeviceMaxMemAllocSize = 0x1010;
    public const uint DeviceMaxParameterSize = 0x1017;
    public const uint DeviceMaxWorkGroupSize = 0x1004;
    public const uint DeviceLocalMemSize = 0x1023;
    public const uint DeviceName = 0x102B;
    public const uint DriverVersion = 0x102D;
    public const uint DeviceDoubleFpConfig = 0x1032;
    public const uint ProgramBuildLog = 0x1183;
    public const ulong AllDevices = 0xFFFFFFFF;
    public const ulong FpFma = 1 << 5;
    public const ulong MemReadWrite = 1;
    public const ulong MemAllocHostPtr = 1 << 4;
    public const ulong MapWrite = 2;
    public const ulong QueueProfiling = 2;
    public const uint ProfilingCommandEnd = 0x1283;

    private const string Library = DriverLibraries.OpenCl;

    static OpenCl() => DriverLibraries.Register();

    [LibraryImport(Library, EntryPoint = "clGetPlatformIDs")]
    public static partial int GetPlatformIds(uint count, nint* platforms, uint* found);

    [LibraryImport(Library, EntryPoint = "clGetDeviceIDs")]
    public static partial int GetDeviceIds(nint platform, ulong type, uint count, nint* devices, uint* found);

    [LibraryImport(Library, EntryPoint = "clGetDeviceInfo")]
    public static partial int GetDeviceInfo(nint device, uint what, nuint size, void* value, nuint* written);

    [LibraryImport(Library, EntryPoint = "clCreateContext")]
    public static partial nint CreateContext(nint* properties, uint count, nint* devices, void* notify, void* user, int* error);

    [LibraryImport(Library, EntryPoint = "clCreateCommandQueue")]
    public static partial nint CreateCommandQueue(nint context, nint device, ulong properties, int* error);

    [LibraryImport(Library, EntryPoint = "clCreateProgramWithSource")]
    public static partial nint CreateProgramWithSource(nint context, uint count, byte** sources, nuint* lengths, int* error);

    [LibraryImport(Library, EntryPoint = "clBuildProgram", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int BuildProgram(nint program, uint count, nint* devices, string options, void* notify, void* user);

    [LibraryImport(Library, EntryPoint = "clGetProgramBuildInfo")]
    public static partial int GetProgramBuildInfo(nint program, nint device, uint what, nuint size, void* value, nuint* written);

    [LibraryImport(Library, EntryPoint = "clCreateKernel", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint CreateKernel(nint program, string name, int* error);

    [LibraryImport(Library, EntryPoint = "clCreateBuffer")]
    public static partial nint CreateBuffer(nint context, ulong flags, nuint size, void* host, int* error);

    [LibraryImport(Library, EntryPoint = "clSetKernelArg")]
    public static partial int SetKernelArg(nint kernel, uint index, nuint size, void* value);

    [LibraryImport(Library, EntryPoint = "clEnqueueNDRangeKernel")]
    public static partial int EnqueueKernel(
        nint queue, nint kernel, uint dimensions, nuint* offset, nuint* global, nuint* local, uint waitCount, nint* waits, nint* done);

    [LibraryImport(Library, EntryPoint = "clEnqueueWriteBuffer")]
    public static partial int EnqueueWrite(
        nint queue, nint buffer, uint isBlocking, nuint offset, nuint size, void* source, uint waitCount, nint* waits, nint* done);

    [LibraryImport(Library, EntryPoint = "clEnqueueReadBuffer")]
    public static partial int EnqueueRead(
        nint queue, nint buffer, uint isBlocking, nuint offset, nuint size, void* destination, uint waitCount, nint* waits, nint* done);

    [LibraryImport(Library, EntryPoint = "clEnqueueMapBuffer")]
    public static partial void* EnqueueMap(
        nint queue, nint buffer, uint isBlocking, ulong flags, nuint offset, nuint size, uint waitCount, nint* waits, nint* done, int* error);

    [LibraryImport(Library, EntryPoint = "clEnqueueMarkerWithWaitList")]
    public static partial int EnqueueMarker(nint queue, uint waitCount, nint* waits, nint* done);

    [LibraryImport(Library, EntryPoint = "clWaitForEvents")]
    public static partial int WaitForEvents(uint count, nint* events);

    [LibraryImport(Library, EntryPoint = "clGetEventProfilingInfo")]
    public static partial int GetEventProfilingInfo(nint mark, uint what, nuint size, void* value, nuint* written);

    [LibraryImport(Library, EntryPoint = "clReleaseEvent")]
    public static partial int ReleaseEvent(nint mark);

    [LibraryImport(Library, EntryPoint = "clFlush")]
    public static partial int Flush(nint queue);

    [LibraryImport(Library, EntryPoint = "clFinish")]
    public static partial int Finish(nint queue);

    [LibraryImport(Library, EntryPoint = "clReleaseKernel")]
    public static partial int ReleaseKernel(nint kernel);

    [LibraryImport(Library, EntryPoint = "clReleaseProgram")]
    public static partial int ReleaseProgram(nint program);

    [LibraryImport(Library, EntryPoint = "clReleaseMemObject")]
    public static partial int ReleaseMemObject(nint buffer);

    [LibraryImport(Library, EntryPoint = "clReleaseCommandQueue")]
    public static partial int ReleaseCommandQueue(nint queue);

    [LibraryImport(Library, EntryPoint = "clReleaseContext")]
    public static partial int ReleaseContext(nint context);
}
