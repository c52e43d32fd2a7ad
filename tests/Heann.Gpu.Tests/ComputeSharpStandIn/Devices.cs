namespace ComputeSharp;

/// <summary>What is known of a device before it is opened.</summary>
public readonly struct GraphicsDeviceInfo
{
    public string Name => GraphicsDevice.StandInName;

    public nuint DedicatedMemorySize => 0;

    public bool IsHardwareAccelerated => false;
}

/// <summary>The one device there is: this process.</summary>
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
public static class GraphicsDeviceExtensions
{
    public static ReadOnlyBuffer<T> AllocateReadOnlyBuffer<T>(this GraphicsDevice device, T[] source)
        where T : unmanaged
    {
        ReadOnlyBuffer<T> buffer = new(device, source.Length);
        buffer.CopyFrom<T>(source);
        return buffer;
    }

    public static ReadWriteBuffer<T> AllocateReadWriteBuffer<T>(this GraphicsDevice device, int length)
        where T : unmanaged => new(device, length);

    public static ComputeContext CreateComputeContext(this GraphicsDevice device) => new(device);
}
