using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Hnn.Model.Weights;

/// <summary>Reads tensors of a safetensors file, one at a time, from a seekable stream.</summary>
/// <remarks>
/// The header is proven when the reader is made: distinct names, offsets that tile the data section, sizes that match the shapes, and
/// nothing larger than the file, so a tensor's array is at most 4 times (as doubles) as large as its bytes. Not safe for use from several
/// threads.
/// Format: 8 bytes header length (little-endian), the header's JSON, the data. Source: huggingface/safetensors, README, "Format".
/// </remarks>
public sealed class SafetensorsReader : IDisposable
{
    /// <summary>Largest header accepted, in bytes (hnn-tiny's has 3,304; the format itself allows 100 MB).</summary>
    public const int MaxHeaderByteCount = 4 << 20;

    /// <summary>Most tensors accepted.</summary>
    public const int MaxTensorCount = 16384;

    /// <summary>Longest tensor name accepted, in UTF-16 units.</summary>
    public const int MaxNameLength = 256;

    /// <summary>Most dimensions accepted.</summary>
    public const int MaxRank = 8;

    private const int LengthByteCount = 8;
    private const int ChunkByteCount = 1 << 16; // a multiple of every element size

    private readonly Stream _stream;
    private readonly bool _leaveOpen;
    private readonly long _dataStart;
    private readonly Dictionary<string, TensorInfo> _tensors;
    private bool _isDisposed;

    /// <summary>Reads and proves the header; tensors are read later.</summary>
    /// <param name="stream">Readable and seekable; the file runs from its position to its end. Must not be moved by others while in
    /// use.</param>
    /// <param name="leaveOpen">False: the reader disposes the stream, also where this constructor throws.</param>
    /// <exception cref="ArgumentException">The stream cannot be read or cannot seek.</exception>
    /// <exception cref="InvalidDataException">The header breaks the format or a cap above; the message says where.</exception>
    public SafetensorsReader(Stream stream, bool leaveOpen = false)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanRead || !stream.CanSeek)
            throw new ArgumentException("A stream that can be read and sought is needed; copy it to memory first.", nameof(stream));
        _stream = stream;
        _leaveOpen = leaveOpen;
        try
        {
            byte[] header = ReadHeader(stream);
            _dataStart = stream.Position;
            List<TensorInfo> tensors = SafetensorsHeader.Parse(header, stream.Length - _dataStart);
            Tensors = tensors.AsReadOnly();
            _tensors = tensors.ToDictionary(t => t.Name, StringComparer.Ordinal);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Every tensor of the file, in the order of its data.</summary>
    public IReadOnlyList<TensorInfo> Tensors { get; }

    /// <summary>Looks up a tensor's description.</summary>
    /// <param name="name">Exact name.</param>
    /// <param name="tensor">The description where found.</param>
    /// <returns>True where the file holds the tensor.</returns>
    public bool TryGetTensor(string name, [NotNullWhen(true)] out TensorInfo? tensor) =>
        _tensors.TryGetValue(name, out tensor);

    /// <summary>Reads a tensor; exact for every type that can be read.</summary>
    /// <param name="name">Exact name.</param>
    /// <returns>∏ shape values, row-major; infinities and NaNs as stored.</returns>
    /// <exception cref="InvalidDataException">The file has no such tensor, it is one of integers, or the file became shorter since it was
    /// opened.</exception>
    /// <exception cref="ObjectDisposedException">The reader was disposed.</exception>
    public float[] ReadSingles(string name)
    {
        TensorInfo tensor = Find(name);
        var values = new float[tensor.ElementCount];
        ReadChunks(tensor, (chunk, index) => Decode(tensor.Type, chunk, values.AsSpan(index)));
        return values;
    }

    /// <summary>Reads a tensor; exact for every type that can be read.</summary>
    /// <param name="name">Exact name.</param>
    /// <returns>∏ shape values, row-major; infinities and NaNs as stored.</returns>
    /// <exception cref="InvalidDataException">See <see cref="ReadSingles"/>.</exception>
    /// <exception cref="ObjectDisposedException">The reader was disposed.</exception>
    public double[] ReadDoubles(string name)
    {
        TensorInfo tensor = Find(name);
        var values = new double[tensor.ElementCount];
        var singles = new float[Math.Min(ChunkByteCount / tensor.ElementSize, values.Length)];
        ReadChunks(tensor, (chunk, index) =>
        {
            Span<float> decoded = singles.AsSpan(0, chunk.Length / tensor.ElementSize);
            Decode(tensor.Type, chunk, decoded);
            TensorPrimitives.ConvertTruncating<float, double>(decoded, values.AsSpan(index)); // to a wider type: exact
        });
        return values;
    }

    /// <summary>Disposes the stream, unless it was to be left open.</summary>
    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        if (!_leaveOpen) _stream.Dispose();
    }

    private static byte[] ReadHeader(Stream stream)
    {
        long available = stream.Length - stream.Position;
        if (available < LengthByteCount)
            throw new InvalidDataException($"The file has {available} bytes; a safetensors file starts with 8 bytes of header length.");
        Span<byte> prefix = stackalloc byte[LengthByteCount];
        ReadExactly(stream, prefix);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > MaxHeaderByteCount)
            throw new InvalidDataException(
                $"The safetensors header claims {length} bytes; at most {MaxHeaderByteCount} are accepted. "
                + "Check that it is a safetensors file.");
        if (length > (ulong)(available - LengthByteCount))
            throw new InvalidDataException(
                $"The safetensors header claims {length} bytes, but {available - LengthByteCount} are left; the file may be cut short.");
        var header = new byte[(int)length];
        ReadExactly(stream, header);
        return header;
    }

    private TensorInfo Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (!_tensors.TryGetValue(name, out TensorInfo? tensor))
            throw new InvalidDataException($"The file has no tensor '{name}'; it has {_tensors.Count} others.");
        return tensor.Type != TensorType.I64
            ? tensor
            : throw new InvalidDataException($"The tensor '{name}' has the dtype I64; F32, F16 and BF16 can be read.");
    }

    /// <summary>Passes a tensor on by pieces of at most <see cref="ChunkByteCount"/> bytes, each with the index of its first
    /// element.</summary>
    private void ReadChunks(TensorInfo tensor, Action<ReadOnlySpan<byte>, int> take)
    {
        _stream.Position = _dataStart + tensor.Offset;
        var buffer = new byte[(int)Math.Min(ChunkByteCount, tensor.ByteCount)];
        int index = 0;
        for (long left = tensor.ByteCount; left > 0; left -= buffer.Length)
        {
            Span<byte> chunk = buffer.AsSpan(0, (int)Math.Min(buffer.Length, left));
            ReadExactly(_stream, chunk);
            take(chunk, index);
            index += chunk.Length / tensor.ElementSize;
        }
    }

    /// <summary>Decodes little-endian values; <paramref name="destination"/> holds at least as many.</summary>
    private static void Decode(TensorType type, ReadOnlySpan<byte> bytes, Span<float> destination)
    {
        switch (type)
        {
            case TensorType.F32 when BitConverter.IsLittleEndian:
                MemoryMarshal.Cast<byte, float>(bytes).CopyTo(destination);
                break;
            case TensorType.F16 when BitConverter.IsLittleEndian:
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(bytes), destination);
                break;
            case TensorType.F32:
                for (int i = 0; i < bytes.Length / 4; i++) destination[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(4 * i)..]);
                break;
            case TensorType.F16:
                for (int i = 0; i < bytes.Length / 2; i++) destination[i] = (float)BinaryPrimitives.ReadHalfLittleEndian(bytes[(2 * i)..]);
                break;
            default: // BF16: the upper half of a binary32
                for (int i = 0; i < bytes.Length / 2; i++)
                    destination[i] = BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]) << 16);
                break;
        }
    }

    private static void ReadExactly(Stream stream, Span<byte> destination)
    {
        try
        {
            stream.ReadExactly(destination);
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException("The safetensors file ended early; it changed while it was read.", e);
        }
    }
}
