namespace Heann.Gpu.Drivers;

/// <summary>The kernels that the assembly carries.</summary>
internal static class KernelSources
{
    /// <summary>The bytes of a file of Kernels/.</summary>
    public static byte[] Read(string name)
    {
        using Stream stream = typeof(KernelSources).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The assembly carries no '{name}'; it was built without its kernels.");
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
