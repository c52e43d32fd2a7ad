using System.Buffers.Binary;
using System.Security.Cryptography;
using Heann.Core.Ciphertexts;
using Heann.Core.Parameters;

namespace Heann.Core.Serialization;

/// <summary>The 128 bytes that every record begins with: what it is, how long, which parameters and key it belongs to.</summary>
/// <remarks>
/// Little-endian. Reading one needs no parameters and no key, so that a file can be named without being opened.
/// <code>
///   0    4  magic: 48 45 41 4E ("HEAN")
///   4    1  format version: 1
///   5    1  kind (<see cref="RecordKind"/>)
///   6    2  flags of the kind; unknown bits are 0
///   8    8  bytes of the body; the body follows the header, and its checksum follows the body
///  16   32  parameters id
///  48   16  key id; 0 for a kind that belongs to no key
///  64   48  fields of the kind; unused bytes are 0
/// 112   16  the first 16 bytes of SHA-256 over bytes 0 … 111
/// </code>
/// The checksum of the body, 16 bytes, is the first half of SHA-256 over header and body. Checksums find accidents, not forgery: whoever
/// can change a file can make them anew. The whole format stands in docs/format.md. Immutable, thread-safe.
/// </remarks>
public sealed class BinaryHeader
{
    /// <summary>The version that this program writes and reads.</summary>
    public const byte FormatVersion = 1;

    /// <summary>Bytes of a header.</summary>
    public const int ByteCount = 128;

    /// <summary>Bytes of a checksum.</summary>
    public const int ChecksumByteCount = 16;

    /// <summary>Bytes that a kind has for fields of its own.</summary>
    public const int FieldByteCount = 48;

    private const int FieldOffset = 64;
    private const int ChecksumOffset = ByteCount - ChecksumByteCount;

    private readonly byte[] _fields = new byte[FieldByteCount];

    /// <summary>Describes a record.</summary>
    /// <param name="kind">What it holds.</param>
    /// <param name="bodyByteCount">Bytes of its body.</param>
    /// <param name="parametersId">The parameters it belongs to.</param>
    /// <param name="keyId">The key it belongs to; default for none.</param>
    public BinaryHeader(RecordKind kind, long bodyByteCount, ParametersId parametersId, KeyId keyId = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bodyByteCount);
        Kind = kind;
        BodyByteCount = bodyByteCount;
        ParametersId = parametersId;
        KeyId = keyId;
    }

    /// <summary>The first four bytes of every record.</summary>
    public static ReadOnlySpan<byte> Magic => "HEAN"u8;

    /// <summary>What the record holds.</summary>
    public RecordKind Kind { get; }

    /// <summary>Bytes of the body.</summary>
    public long BodyByteCount { get; }

    /// <summary>The parameters that the record belongs to.</summary>
    public ParametersId ParametersId { get; }

    /// <summary>The key that the record belongs to; default for none.</summary>
    public KeyId KeyId { get; }

    /// <summary>Bits with a meaning of the kind's own.</summary>
    public ushort Flags { get; init; }

    /// <summary>The 48 bytes of the kind's own fields; <see cref="FieldWriter"/> and <see cref="FieldReader"/> give them shape.</summary>
    public ReadOnlyMemory<byte> Fields
    {
        get => _fields;
        init
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value.Length, FieldByteCount);
            value.CopyTo(_fields);
        }
    }

    /// <summary>Bytes of the record: header, body and the body's checksum.</summary>
    public long RecordByteCount => ByteCount + BodyByteCount + ChecksumByteCount;

    /// <summary>Writes the header.</summary>
    /// <param name="destination">128 bytes.</param>
    public void Write(Span<byte> destination)
    {
        destination = destination[..ByteCount];
        Magic.CopyTo(destination);
        destination[4] = FormatVersion;
        destination[5] = (byte)Kind;
        BinaryPrimitives.WriteUInt16LittleEndian(destination[6..], Flags);
        BinaryPrimitives.WriteInt64LittleEndian(destination[8..], BodyByteCount);
        ParametersId.ToBytes().CopyTo(destination[16..]);
        BinaryPrimitives.WriteUInt128LittleEndian(destination[48..], KeyId.Value);
        _fields.CopyTo(destination[FieldOffset..]);
        Checksum(destination, destination[ChecksumOffset..]);
    }

    /// <summary>Reads a header and checks all of it that is common to every kind.</summary>
    /// <param name="source">128 bytes.</param>
    /// <exception cref="InvalidDataException">Too short, no Heann data, another version, damaged, or a length that is negative.</exception>
    public static BinaryHeader Read(ReadOnlySpan<byte> source)
    {
        if (source.Length < ByteCount)
        {
            throw Malformed.Truncated(source.Length, ByteCount - source.Length);
        }

        source = source[..ByteCount];
        if (!source.StartsWith(Magic))
        {
            throw Malformed.NotHeann(source[..Magic.Length]);
        }

        if (source[4] != FormatVersion)
        {
            throw Malformed.Version(source[4]);
        }

        Span<byte> checksum = stackalloc byte[ChecksumByteCount];
        Checksum(source, checksum);
        if (!checksum.SequenceEqual(source[ChecksumOffset..]))
        {
            throw Malformed.Checksum("header", checksum, source[ChecksumOffset..]);
        }

        long bodyByteCount = BinaryPrimitives.ReadInt64LittleEndian(source[8..]);
        if (bodyByteCount is < 0 or > long.MaxValue / 4)
        {
            throw Malformed.Field("The length of the body", bodyByteCount, "at most 2^61");
        }

        return new(
            (RecordKind)source[5],
            bodyByteCount,
            ParametersId.FromBytes(source.Slice(16, 32)),
            new(BinaryPrimitives.ReadUInt128LittleEndian(source[48..])))
        {
            Flags = BinaryPrimitives.ReadUInt16LittleEndian(source[6..]),
            Fields = source.Slice(FieldOffset, FieldByteCount).ToArray(),
        };
    }

    private static void Checksum(ReadOnlySpan<byte> header, Span<byte> checksum)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(header[..ChecksumOffset], hash);
        hash[..ChecksumByteCount].CopyTo(checksum);
    }
}
