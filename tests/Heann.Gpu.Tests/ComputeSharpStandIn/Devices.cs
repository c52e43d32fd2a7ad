using System.Diagnostics.CodeAnalysis;
using System.Runtime.Versioning;

namespace ComputeSharp;

/// <summary>What is known of a device before it is opened.</summary>
[SupportedOSPlatform("windows6.2")]
public readonly struct GraphicsDeviceInfo
{
    public string Name => GraphicsDevice.StandInName;

    public nuint DedicatedMemorySize => 0;

    public nuint SharedMemorySize => (nuint)GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    public bool IsHardwareAccelerated => false;
}

/// <summary>The one device there is: this process.</summary>
[SupportedOSPlatform("windows6.2")]
public sealed class GraphicsDevice
{
    internal const string StandInName = "stand-in, thread by thread on the CPU";

    private GraphicsDevice()
    {
    }

    public string Name => StandInName;

    public bool IsHardwareAccelerated => false;

    public static IEnumerable<GraphicsDevice> QueryDevices(Predicate<GraphicsDeviceInfo> predicate)
    {
        if (predicate(default))
        {
            yield return new();
        }
    }
}

/// <summary>Allocations and command lists.</summary>
[SupportedOSPlatform("windows6.2")]
public static class GraphicsDeviceExtensions
{
    private const string FieldsAreRead = "Reads the fields of the element type.";

    [RequiresUnreferencedCode(FieldsAreRead)]
    public static ReadOnlyBuffer<T> AllocateReadOnlyBuffer<T>(this GraphicsDevice device, T[] source)
        where T : unmanaged
    {
        ReadOnlyBuffer<T> buffer = new(device, source.Length);
        buffer.CopyFrom<T>(source);
        return buffer;
    }

    [RequiresUnreferencedCode(FieldsAreRead)]
    public static ReadWriteBuffer<T> AllocateReadWriteBuffer<T>(this GraphicsDevice device, int length)
        where T : unmanaged => new(device, length);

    public static ComputeContext CreateComputeContext(this GraphicsDevice device) => new(device);
}
