using System.Buffers.Binary;

namespace Heann.Core.Serialization;

/// <summary>Takes numbers out of the fields of a header or out of a short body: the counterpart of <see cref="FieldWriter"/>.</summary>
/// <remarks>Reading beyond the end throws <see cref="InvalidDataException"/>. A cursor on one thread's stack: not thread-safe.</remarks>
public ref struct FieldReader
{
    private ReadOnlySpan<byte> _rest;

    /// <summary>Reads from these bytes.</summary>
    public FieldReader(ReadOnlySpan<byte> source) => _rest = source;

    /// <summary>Bytes not yet read.</summary>
    public readonly int Remaining => _rest.Length;

    /// <summary>Reads one byte.</summary>
    public byte Byte() => Bytes(sizeof(byte))[0];

    /// <summary>Reads two bytes.</summary>
    public int UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Bytes(sizeof(ushort)));

    /// <summary>Reads four bytes.</summary>
    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(sizeof(uint)));

    /// <summary>Reads eight bytes.</summary>
    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(sizeof(ulong)));

    /// <summary>Reads an IEEE double; any bits.</summary>
    public double Double() => BinaryPrimitives.ReadDoubleLittleEndian(Bytes(sizeof(double)));

    /// <summary>Reads bytes as they are.</summary>
    /// <exception cref="InvalidDataException">Fewer are left.</exception>
    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (count > _rest.Length)
        {
            throw Malformed.Field("A length within the data", count, $"at most the {_rest.Length} bytes that are left");
        }

        ReadOnlySpan<byte> next = _rest[..count];
        _rest = _rest[count..];
        return next;
    }

    /// <summary>Requires all bytes that were not read to be zero.</summary>
    /// <exception cref="InvalidDataException">One is not.</exception>
    public readonly void RequireZeroRest()
    {
        int index = _rest.IndexOfAnyExcept((byte)0);
        if (index >= 0)
        {
            throw Malformed.Field("A byte without meaning in this version", _rest[index], "0");
        }
    }
}
