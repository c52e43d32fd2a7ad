using System.ComponentModel;
using System.Runtime.Versioning;
using ComputeSharp;

namespace Heann.Gpu.Direct3D;

/// <summary>The buffers of a device: a few idle ones are kept for reuse, the rest go back to the driver.</summary>
/// <remarks>
/// Holds on to buffers that are in use, so that a ring buffer that is forgotten can still be wiped by its finaliser. Thread-safe.
/// </remarks>
[SupportedOSPlatform(ComputeSharpBackend.Windows8)]
internal sealed class DeviceMemory(GraphicsDevice device) : IDisposable
{
    private const int MaxIdleCount = 16;

    // Direct3D describes a buffer in 32-bit byte counts; the package rounds down to whole blocks of 256 elements.
    private const long MaxWordCount = (uint.MaxValue / sizeof(uint)) & ~255L;

    // E_OUTOFMEMORY.
    private const int OutOfMemoryCode = unchecked((int)0x8007000E);

    private readonly Lock _lock = new();
    private readonly List<ReadWriteBuffer<uint>> _idle = new(MaxIdleCount + 1);
    private readonly HashSet<ReadWriteBuffer<uint>> _used = [];
    private bool _isDisposed;

    /// <summary>A buffer of exactly so many words of undefined contents.</summary>
    /// <exception cref="GpuException">More than one buffer can hold.</exception>
    /// <exception cref="GpuOutOfMemoryException">The device has no room.</exception>
    public ReadWriteBuffer<uint> Rent(long wordCount)
    {
        if (wordCount > MaxWordCount)
        {
            throw new GpuException(
                $"A Direct3D buffer holds {MaxWordCount / 2} residues; {wordCount / 2} were asked for. Use fewer limbs in one buffer.");
        }

        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            int at = _idle.FindIndex(idle => idle.Length == wordCount);
            ReadWriteBuffer<uint> buffer;
            if (at >= 0)
            {
                buffer = _idle[at];
                _idle.RemoveAt(at);
            }
            else
            {
                buffer = Allocate((int)wordCount);
            }

            _used.Add(buffer);
            return buffer;
        }
    }

    /// <summary>Takes a buffer back.</summary>
    public void Return(ReadWriteBuffer<uint> buffer)
    {
        lock (_lock)
        {
            _used.Remove(buffer);
            _idle.Add(buffer);
            Trim(_isDisposed ? 0 : MaxIdleCount);
        }
    }

    /// <summary>Frees what is idle; what is in use is freed when it is given back.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            Trim(0);
        }
    }

    private ReadWriteBuffer<uint> Allocate(int wordCount)
    {
        try
        {
            return DeviceWords.Allocate(device, wordCount);
        }
        catch (Exception exception) when (_idle.Count > 0 && IsOutOfMemory(exception))
        {
            Trim(0);
            return Allocate(wordCount);
        }
        catch (Exception exception) when (IsOutOfMemory(exception))
        {
            throw new GpuOutOfMemoryException(
                $"{device.Name} has no {wordCount * (long)sizeof(uint)} bytes left; dispose of ciphertexts or keys and try again.");
        }
    }

    // The one idle for longest goes first.
    private void Trim(int count)
    {
        while (_idle.Count > count)
        {
            _idle[0].Dispose();
            _idle.RemoveAt(0);
        }
    }

    private static bool IsOutOfMemory(Exception exception) =>
        exception is OutOfMemoryException or Win32Exception { NativeErrorCode: OutOfMemoryCode };
}
