using Heann.Gpu;
using Hnn.Tool.Commands;

namespace Hnn.Tool.Output;

/// <summary>The JSON object of <c>hnn devices</c>.</summary>
/// <param name="Devices">One for each device, and for each way to devices without one.</param>
internal sealed record DevicesOutput(IReadOnlyList<DeviceOutput> Devices)
{
    /// <summary>Writes a table.</summary>
    public void Write(TextWriter writer)
    {
        TextTable table = new("backend", "device", "memory", "driver", "");
        table.Add(Processor.Cpu, "this machine's", "", "", "always available");
        foreach (DeviceOutput device in Devices)
        {
            table.Add(
                device.Backend, device.Name ?? "", device.MemoryBytes is { } bytes ? Units.Format($"{bytes / 1e9:F1} GB") : "", device.Driver ?? "",
                device.Reason is { } reason ? $"not available: {reason}"
                : device.IsProcessor ? "available; the processor: for tests, not taken by auto" : "available");
        }

        table.Write(writer);
    }
}

/// <summary>A device.</summary>
/// <param name="Backend">What --backend calls it.</param>
/// <param name="Index">Its number; --backend takes 0. Null where there is none.</param>
/// <param name="Name">As its driver calls it; null where there is none.</param>
/// <param name="MemoryBytes">Its memory.</param>
/// <param name="Driver">The driver's version.</param>
/// <param name="IsProcessor">Whether it is the processor, as an OpenCL driver for processors shows it.</param>
/// <param name="Available">Whether it can be used.</param>
/// <param name="Reason">Why not; null if it can.</param>
internal sealed record DeviceOutput(
    string Backend, int? Index, string? Name, long? MemoryBytes, string? Driver, bool IsProcessor, bool Available, string? Reason)
{
    /// <summary>Of a device, or of the lack of one.</summary>
    public static DeviceOutput Create(GpuDevice device) => device.Index < 0
        ? new(NameOf(device.Api), null, null, null, null, false, false, device.Reason)
        : new(NameOf(device.Api), device.Index, device.Name, device.MemoryBytes, device.Driver, device.IsProcessor, device.IsAvailable, device.Reason);

    private static string NameOf(GpuApi api) => api.ToString().ToLowerInvariant();
}
