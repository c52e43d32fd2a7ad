using System.Runtime.Versioning;
using ComputeSharp;
using Heann.Core.Arithmetic;
using Heann.Core.Rings;

namespace Heann.Gpu.Direct3D;

/// <summary>The roots of unity of one prime and ring degree on a device, each with its companion: four words an index.</summary>
/// <remarks>Owns its buffers. Thread-safe.</remarks>
[SupportedOSPlatform(ComputeSharpBackend.Windows8)]
internal sealed class TransformConstants : IDisposable
{
    /// <summary>Uploads the tables: 8N words.</summary>
    public TransformConstants(GraphicsDevice device, NttTables tables)
    {
        Forward = DeviceWords.Upload(device, Words(tables.Forward, tables.Modulus));
        Inverse = DeviceWords.Upload(device, Words(tables.Inverse, tables.Modulus));
        DegreeInverse = new(tables.DegreeInverse, tables.Modulus);
    }

    /// <summary>ψ^brv(i).</summary>
    public ReadOnlyBuffer<uint> Forward { get; }

    /// <summary>ψ^(−brv(i)).</summary>
    public ReadOnlyBuffer<uint> Inverse { get; }

    /// <summary>N^(−1) mod q.</summary>
    public FactorConstants DegreeInverse { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Forward.Dispose();
        Inverse.Dispose();
    }

    private static uint[] Words(ReadOnlySpan<ulong> roots, Modulus q)
    {
        uint[] words = new uint[4 * roots.Length];
        for (int i = 0; i < roots.Length; i++)
        {
            new FactorConstants(roots[i], q).Write(words.AsSpan(4 * i, 4));
        }

        return words;
    }
}
