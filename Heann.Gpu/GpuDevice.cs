using Heann.Gpu.Drivers;

namespace Heann.Gpu;

/// <summary>A device that was found, or a way to one that is not available and why.</summary>
/// <param name="Api">How it is reached.</param>
/// <param name="Index">Its number for this <paramref name="Api"/>, from 0; −1 where there is none.</param>
/// <param name="Name">As its driver calls it; empty where there is none.</param>
/// <param name="MemoryBytes">Its memory.</param>
/// <param name="Driver">The driver's version.</param>
/// <param name="Reason">Why it cannot be used; null if it can.</param>
public sealed record GpuDevice(GpuApi Api, int Index, string Name, long MemoryBytes, string Driver, string? Reason)
{
    /// <summary>Whether <see cref="GpuBackend.Open(GpuDevice)"/> may be tried.</summary>
    public bool IsAvailable => Reason is null;

    /// <summary>Every device of every driver, the faster ways first, and for each way without one a line that says why. Never throws for
    /// a driver that is missing or broken.</summary>
    public static IReadOnlyList<GpuDevice> List() =>
        [.. Guarded(GpuApi.Cuda, CudaDriver.List), .. Guarded(GpuApi.OpenCl, OpenClDriver.List), .. Guarded(GpuApi.ComputeSharp, ListComputeSharp)];

    /// <inheritdoc/>
    public override string ToString() => IsAvailable
        ? $"{Api} {Index}: {Name}, {MemoryBytes / (double)(1 << 30):F1} GiB, driver {Driver}"
        : $"{Api}{(Index < 0 ? "" : $" {Index}: {Name}")}: not available: {Reason}";

    internal static GpuDevice Unavailable(GpuApi api, string reason) => new(api, -1, "", 0, "", reason);

    private static IEnumerable<GpuDevice> Guarded(GpuApi api, Func<IEnumerable<GpuDevice>> list)
    {
        try
        {
            return [.. list()];
        }
        catch (Exception e) when (e is GpuException or DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            return [Unavailable(api, e.Message)];
        }
    }

#if HEANN_COMPUTESHARP
    private static IEnumerable<GpuDevice> ListComputeSharp()
    {
        List<GpuDevice> devices =
            [.. ComputeSharpBackend.Devices().Select(d => new GpuDevice(GpuApi.ComputeSharp, d.Index, d.Name, d.MemoryBytes, "Direct3D 12", null))];
        return devices.Count > 0 ? devices : [Unavailable(GpuApi.ComputeSharp, "Direct3D 12 has no device")];
    }
#else
    private static IEnumerable<GpuDevice> ListComputeSharp() =>
    [
        Unavailable(GpuApi.ComputeSharp, OperatingSystem.IsWindows()
            ? "this build leaves it out; build with -p:HeannComputeSharp=true"
            : "it runs on Windows only"),
    ];
#endif
}
