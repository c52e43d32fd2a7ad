using System.Runtime.Versioning;

namespace ComputeSharp.Resources
{
    /// <summary>Memory of a device: an array.</summary>
    [SupportedOSPlatform("windows6.2")]
    public abstract class Buffer<T> : IDisposable
        where T : unmanaged
    {
        private T[]? _items;

        private protected Buffer(GraphicsDevice device, int length)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
            GraphicsDevice = device;
            Length = length;
            _items = new T[length];
        }

        public GraphicsDevice GraphicsDevice { get; }

        public int Length { get; }

        internal T[] Items
        {
            get
            {
                ObjectDisposedException.ThrowIf(_items is null, this);
                return _items;
            }
        }

        public void Dispose() => _items = null;
    }

    /// <summary>A buffer that shaders see as an array of structures.</summary>
    [SupportedOSPlatform("windows6.2")]
    public abstract class StructuredBuffer<T> : Buffer<T>
        where T : unmanaged
    {
        private protected StructuredBuffer(GraphicsDevice device, int length)
            : base(device, length)
        {
        }
    }
}

namespace ComputeSharp
{
    /// <summary>A buffer that shaders read.</summary>
    [SupportedOSPlatform("windows6.2")]
    public sealed class ReadOnlyBuffer<T> : Resources.StructuredBuffer<T>
        where T : unmanaged
    {
        internal ReadOnlyBuffer(GraphicsDevice device, int length)
            : base(device, length)
        {
        }

        public ref readonly T this[int x] => ref Items[x];
    }

    /// <summary>A buffer that shaders read and write.</summary>
    [SupportedOSPlatform("windows6.2")]
    public sealed class ReadWriteBuffer<T> : Resources.StructuredBuffer<T>
        where T : unmanaged
    {
        internal ReadWriteBuffer(GraphicsDevice device, int length)
            : base(device, length)
        {
        }

        public ref T this[int x] => ref Items[x];
    }

    /// <summary>Copies between a device and the processor.</summary>
    [SupportedOSPlatform("windows6.2")]
    public static class BufferExtensions
    {
        public static void CopyTo<T>(this Resources.Buffer<T> source, Span<T> destination, int sourceOffset)
            where T : unmanaged => source.Items.AsSpan(sourceOffset, destination.Length).CopyTo(destination);

        public static void CopyFrom<T>(this Resources.Buffer<T> destination, ReadOnlySpan<T> source)
            where T : unmanaged => destination.CopyFrom(source, 0);

        public static void CopyFrom<T>(this Resources.Buffer<T> destination, ReadOnlySpan<T> source, int destinationOffset)
            where T : unmanaged => source.CopyTo(destination.Items.AsSpan(destinationOffset, source.Length));
    }
}
