using System.Runtime.Versioning;
using ComputeSharp;
using Heann.Core.Rings;

namespace Heann.Gpu.Direct3D;

/// <summary>limbs × N residues on a device: residue k of limb i is the words 2(i·N + k), low, and 2(i·N + k) + 1.</summary>
[SupportedOSPlatform(ComputeSharpBackend.Windows8)]
internal sealed class DeviceRingBuffer(RingBackend backend, DeviceMemory memory, int ringDegree, int limbCount)
    : RingBuffer(backend, ringDegree, limbCount)
{
    private ReadWriteBuffer<uint>? _words = memory.Rent(2L * ringDegree * limbCount);

    /// <summary>The words.</summary>
    /// <exception cref="ObjectDisposedException">The buffer was given back.</exception>
    public ReadWriteBuffer<uint> Words
    {
        get
        {
            ObjectDisposedException.ThrowIf(_words is null, this);
            return _words;
        }
    }

    /// <inheritdoc/>
    protected override void WipeStorage()
    {
        try
        {
            if (_words is { } words)
            {
                using ComputeContext context = words.GraphicsDevice.CreateComputeContext();
                context.Clear(words);
            }
        }
        catch (ObjectDisposedException)
        {
            // The whole backend was forgotten and its buffers were finalised before this one: the system clears memory that it hands on.
        }
    }

    /// <inheritdoc/>
    protected override void ReleaseStorage()
    {
        if (Interlocked.Exchange(ref _words, null) is { } words)
        {
            memory.Return(words);
        }
    }
}
