using Heann.Core.Rings;
using Heann.Gpu.Drivers;

namespace Heann.Gpu;

/// <summary>A device that was found, or a way to one that is not available and why.</summary>
/// <param name="Api">How it is reached.</param>
/// <param name="Index">Its number for this <paramref name="Api"/>, from 0; −1 where there is none.</param>
/// <param name="Name">As its driver calls it; empty where there is none.</param>
/// <param name="MemoryBytes">Its memory.</param>
/// <param name="Driver">The driver's version; of Direct3D 12, which does not tell it, the interface's name.</param>
/// <param name="Reason">Why it cannot be used; null if it can.</param>
public sealed record GpuDevice(GpuApi Api, int Index, string Name, long MemoryBytes, string Driver, string? Reason)
{
    /// <summary>Whether <see cref="Open"/> may be tried.</summary>
    public bool IsAvailable => Reason is null;

    /// <summary>Whether it is no GPU at all but the processor, as OpenCL's drivers for processors and Direct3D's WARP have it: right to test
    /// on, slow to work on.</summary>
    public bool IsProcessor { get; init; }

    /// <summary>Every device of every driver, the faster ways first, and for each way without one a line that says why. Never throws for
    /// a driver that is missing or broken.</summary>
    public static IReadOnlyList<GpuDevice> List() => [.. ListDrivers(), .. Guarded(GpuApi.ComputeSharp, ListDirect3D)];

    /// <summary>Opens the first GPU that can be used: CUDA, then OpenCL, then Direct3D 12; no processor that a driver shows as a device.</summary>
    /// <exception cref="GpuException">There is none; the message says why for each way.</exception>
    public static RingBackend OpenFirst() => OpenFirst(List(), device => Open(device.Api, device.Index));

    /// <summary>Opens the first device of an interface that can be used: a GPU, and where there is none a processor that a driver shows as a
    /// device, which is for tests.</summary>
    /// <param name="api">How it is reached.</param>
    /// <exception cref="GpuException">There is none; the message says why.</exception>
    public static RingBackend OpenFirst(GpuApi api) => OpenFirst(List(), api, Open);

    /// <summary>Opens a device by number, whatever its interface.</summary>
    /// <param name="api">How it is reached.</param>
    /// <param name="index">Which, as <see cref="List"/> numbers them.</param>
    /// <returns>A <see cref="GpuBackend"/>; for <see cref="GpuApi.ComputeSharp"/> a <c>ComputeSharpBackend</c>.</returns>
    /// <exception cref="GpuException">It is not there, cannot be used, or computes wrongly.</exception>
    public static RingBackend Open(GpuApi api, int index = 0) => api == GpuApi.ComputeSharp
        ? OpenDirect3D(index) ?? throw new GpuException($"Direct3D 12 is not available: {NoDirect3D}.")
        : GpuBackend.Open(api, index);

    /// <inheritdoc/>
    public override string ToString() => IsAvailable
        ? $"{Api} {Index}: {Name}, {MemoryBytes / (double)(1 << 30):F1} GiB, driver {Driver}{(IsProcessor ? ", the processor" : "")}"
        : $"{Api}{(Index < 0 ? "" : $" {Index}: {Name}")}: not available: {Reason}";

    internal static GpuDevice Unavailable(GpuApi api, string reason) => new(api, -1, "", 0, "", reason);

    /// <summary>The part of <see cref="List"/> that <see cref="GpuBackend"/> opens.</summary>
    internal static IReadOnlyList<GpuDevice> ListDrivers() =>
        [.. Guarded(GpuApi.Cuda, CudaDriver.List), .. Guarded(GpuApi.OpenCl, OpenClDriver.List)];

    /// <summary>The first of an interface that opens; a processor where it has no GPU. Where it has neither, opening says why.</summary>
    internal static T OpenFirst<T>(IReadOnlyList<GpuDevice> devices, GpuApi api, Func<GpuApi, int, T> open)
        where T : RingBackend
    {
        GpuDevice[] own = [.. devices.Where(d => d.Api == api && d.IsAvailable)];
        GpuDevice[] gpus = [.. own.Where(d => !d.IsProcessor)];
        return gpus.Length > 0 ? OpenFirst(gpus, device => open(api, device.Index)) : open(api, own.Length > 0 ? own[0].Index : 0);
    }

    /// <summary>The first that opens and is no processor.</summary>
    internal static T OpenFirst<T>(IReadOnlyList<GpuDevice> devices, Func<GpuDevice, T> open)
        where T : RingBackend
    {
        List<string> reasons = [];
        foreach (GpuDevice device in devices)
        {
            if (!device.IsAvailable || device.IsProcessor)
            {
                reasons.Add(device.IsAvailable ? $"{device}, taken only when it is asked for by its interface" : $"{device}");
                continue;
            }

            try
            {
                return open(device);
            }
            catch (GpuException e)
            {
                reasons.Add($"{device.Api} {device.Index}: {e.Message}");
            }
        }

        throw new GpuException($"No GPU can be used. {string.Join("; ", reasons)}.");
    }

#if HEANN_COMPUTESHARP
    private const string NoDirect3D = "it needs Windows, and this is another system";

    private static IEnumerable<GpuDevice> ListDirect3D() =>
        OperatingSystem.IsWindowsVersionAtLeast(6, 2) ? ComputeSharpBackend.Devices() : [Unavailable(GpuApi.ComputeSharp, NoDirect3D)];

    private static RingBackend? OpenDirect3D(int index) =>
        OperatingSystem.IsWindowsVersionAtLeast(6, 2) ? ComputeSharpBackend.Open(index) : null;
#else
    private const string NoDirect3D = "this build has no Direct3D 12 backend (ComputeSharp; it is compiled on Windows)";

    private static IEnumerable<GpuDevice> ListDirect3D() => [Unavailable(GpuApi.ComputeSharp, NoDirect3D)];

    private static RingBackend? OpenDirect3D(int _) => null;
#endif

    private static IEnumerable<GpuDevice> Guarded(GpuApi api, Func<IEnumerable<GpuDevice>> list)
    {
        try
        {
            return [.. list()];
        }
        catch (EntryPointNotFoundException e)
        {
            return [Unavailable(api, $"its driver is too old, update it: {e.Message}")];
        }
        catch (Exception e) when (e is GpuException or DllNotFoundException or BadImageFormatException)
        {
            return [Unavailable(api, e.Message)];
        }
    }
}
