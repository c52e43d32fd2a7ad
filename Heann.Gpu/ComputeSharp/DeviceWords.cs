using System.Diagnostics.CodeAnalysis;
using System.Runtime.Versioning;
using ComputeSharp;

namespace Heann.Gpu.Direct3D;

/// <summary>Allocation of words on a device.</summary>
[SupportedOSPlatform(ComputeSharpBackend.Windows8)]
[UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "The package looks for doubles among the fields of an element: a word has none.")]
internal static class DeviceWords
{
    /// <summary>Words of undefined contents.</summary>
    public static ReadWriteBuffer<uint> Allocate(GraphicsDevice device, int count) => device.AllocateReadWriteBuffer<uint>(count);

    /// <summary>Words that shaders only read.</summary>
    public static ReadOnlyBuffer<uint> Upload(GraphicsDevice device, uint[] words) => device.AllocateReadOnlyBuffer<uint>(words);
}
