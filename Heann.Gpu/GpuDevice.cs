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

    /// <summary>Whether it is no GPU at all but the processor, as OpenCL's drivers for processors have it: right to test on, slow to work on.</summary>
    public bool IsProcessor { get; init; }

    /// <summary>Every device of every driver, the faster ways first, and for each way without one a line that says why. Never throws for
    /// a driver that is missing or broken.</summary>
    public static IReadOnlyList<GpuDevice> List() =>
        [.. Guarded(GpuApi.Cuda, CudaDriver.List), .. Guarded(GpuApi.OpenCl, OpenClDriver.List)];

    /// <inheritdoc/>
    public override string ToString() => IsAvailable
        ? $"{Api} {Index}: {Name}, {MemoryBytes / (double)(1 << 30):F1} GiB, driver {Driver}{(IsProcessor ? ", the processor" : "")}"
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
}
