namespace Heann.Gpu.Drivers;

/// <summary>One device behind one driver's interface: memory, copies, launches, all in one queue that works in order.</summary>
/// <remarks>Memory is named by the index of 8-byte words, counted from where the driver likes: that is what kernels take. Not thread-safe:
/// the backend makes one call at a time. Errors are <see cref="GpuException"/>s that name call, code and remedy.</remarks>
internal abstract unsafe class GpuDriver : IDisposable
{
    /// <summary>Work items of a group, as the kernels have it.</summary>
    public const int GroupSize = 256;

    /// <summary>The device.</summary>
    public abstract GpuDevice Device { get; }

    /// <summary>Allocates at least so many words.</summary>
    /// <param name="words">How many are needed.</param>
    /// <returns>First word, and how many there are.</returns>
    /// <exception cref="GpuOutOfMemoryException">There is no room.</exception>
    public abstract (ulong First, long Words) Allocate(long words);

    /// <summary>Allocates memory of the host that the device copies from by itself; freed with the driver.</summary>
    public abstract void* AllocateHost(long words);

    /// <summary>Queues a copy to the device from memory of <see cref="AllocateHost"/>, which must stay as it is until it is done.</summary>
    public abstract void Write(ulong destination, void* source, long words);

    /// <summary>Copies from the device, and waits for it.</summary>
    public abstract void Read(ulong source, void* destination, long words);

    /// <summary>Queues a kernel for <paramref name="groups"/> x <paramref name="y"/> x <paramref name="z"/> groups.</summary>
    public abstract void Launch(string kernel, long groups, int y, int z, in GpuCall call);

    /// <summary>An event of the driver: it happens when everything queued so far is done.</summary>
    public abstract nint Mark();

    /// <summary>Waits for an event.</summary>
    public abstract void Await(nint mark);

    /// <summary>Time from one event to a later one, by the device's clock; both must have happened.</summary>
    public abstract double Milliseconds(nint from, nint to);

    /// <summary>Frees an event.</summary>
    public abstract void Release(nint mark);

    /// <summary>Waits for everything that was queued.</summary>
    public abstract void Synchronize();

    /// <inheritdoc/>
    public abstract void Dispose();
}
