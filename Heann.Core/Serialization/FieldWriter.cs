using System.Buffers.Binary;

namespace Heann.Core.Serialization;

/// <summary>Puts numbers into the fields of a header or into a short body, one after the other, little-endian, without gaps.</summary>
/// <remarks>Writing beyond the end throws <see cref="ArgumentOutOfRangeException"/>. A cursor on one thread's stack: not thread-safe.</remarks>
public ref struct FieldWriter
{
    private Span<byte> _rest;

    /// <summary>Writes to these bytes.</summary>
    public FieldWriter(Span<byte> destination) => _rest = destination;

    /// <summary>Writes one byte.</summary>
    public void Byte(byte value) => Next(sizeof(byte))[0] = value;

    /// <summary>Writes two bytes.</summary>
    public void UInt16(int value) => BinaryPrimitives.WriteUInt16LittleEndian(Next(sizeof(ushort)), checked((ushort)value));

    /// <summary>Writes four bytes.</summary>
    public void UInt32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Next(sizeof(uint)), value);

    /// <summary>Writes eight bytes.</summary>
    public void UInt64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Next(sizeof(ulong)), value);

    /// <summary>Writes an IEEE double.</summary>
    public void Double(double value) => BinaryPrimitives.WriteDoubleLittleEndian(Next(sizeof(double)), value);

    /// <summary>Writes bytes as they are.</summary>
    public void Bytes(ReadOnlySpan<byte> value) => value.CopyTo(Next(value.Length));

    private Span<byte> Next(int count)
    {
        Span<byte> next = _rest[..count];
        _rest = _rest[count..];
        return next;
    }
}
