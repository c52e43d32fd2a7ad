using System.Collections.Concurrent;

namespace Heann.Gpu.Tests;

/// <summary>Devices that tests share; a test is skipped, with the reason, where there is none.</summary>
internal static class Devices
{
    private static readonly ConcurrentDictionary<GpuApi, Lazy<GpuBackend>> Backends = new();

    /// <summary>The first device of an API, opened once.</summary>
    public static GpuBackend Shared(GpuApi api) => Backends.GetOrAdd(api, static a => new(() => GpuBackend.Open(First(a)))).Value;

    /// <summary>The first device of an API; skips the test if it has none.</summary>
    public static GpuDevice First(GpuApi api)
    {
        IReadOnlyList<GpuDevice> devices = [.. GpuDevice.List().Where(d => d.Api == api)];
        GpuDevice? device = devices.FirstOrDefault(d => d.IsAvailable);
        Assert.SkipWhen(device is null, string.Join("; ", devices));
        return device!;
    }
}
