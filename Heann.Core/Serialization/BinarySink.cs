using System.Buffers;
using System.Security.Cryptography;
using Heann.Core.Rings;

namespace Heann.Core.Serialization;

/// <summary>Writes records to a stream: header, body, checksum. Codecs write through it; it counts, hashes, reports and can be
/// cancelled.</summary>
/// <remarks>Not thread-safe. Leaves the stream open.</remarks>
public sealed class BinarySink : IDisposable
{
    private readonly Stream _stream;
    private readonly ByteProgress _progress;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private ulong[] _residues = [];
    private byte[] _packed = [];
    private long _bodyEnd = -1;
    private long _position;

    /// <summary>Writes to a stream, from where it stands.</summary>
    /// <param name="stream">Writable.</param>
    /// <param name="byteCount">Bytes that will be written in all, for the progress; 0 where nobody knows.</param>
    /// <param name="progress">Told the part done, 0 … 1.</param>
    /// <param name="cancellation">Stops within a limb.</param>
    public BinarySink(Stream stream, long byteCount = 0, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        _stream = stream;
        _progress = new(progress, cancellation) { ByteCount = byteCount };
    }

    /// <summary>Writes a header; the body must follow.</summary>
    /// <exception cref="InvalidOperationException">The record before it is not complete.</exception>
    public void BeginRecord(BinaryHeader header)
    {
        ArgumentNullException.ThrowIfNull(header);
        if (_bodyEnd >= 0)
        {
            throw new InvalidOperationException($"A record begins at byte {_position} before the one that ends at {_bodyEnd} was ended; call EndRecord first.");
        }

        Span<byte> bytes = stackalloc byte[BinaryHeader.ByteCount];
        header.Write(bytes);
        _bodyEnd = checked(_position + BinaryHeader.ByteCount + header.BodyByteCount);
        Write(bytes);
    }

    /// <summary>Writes bytes of the body.</summary>
    /// <exception cref="InvalidOperationException">More than the header announced.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _bodyEnd - _position)
        {
            throw new InvalidOperationException($"{bytes.Length} bytes do not fit into the {Math.Max(0, _bodyEnd - _position)} that are left of the body.");
        }

        _hash.AppendData(bytes);
        Emit(bytes);
    }

    /// <summary>Writes the body's checksum.</summary>
    /// <exception cref="InvalidOperationException">The body is shorter than the header announced.</exception>
    public void EndRecord()
    {
        if (_position != _bodyEnd)
        {
            throw new InvalidOperationException($"The body ends at byte {_position} and the header announced {_bodyEnd}.");
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        _hash.GetHashAndReset(hash);
        Emit(hash[..BinaryHeader.ChecksumByteCount]);
        _bodyEnd = -1;
    }

    /// <summary>Writes the records of an object, between records of one's own.</summary>
    public void Write<T>(BinaryCodec<T> codec, T value)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(codec);
        codec.WriteRecords(value, this);
    }

    /// <summary>Gives the working memory back; the stream stays open.</summary>
    public void Dispose()
    {
        _hash.Dispose();
        Return(ref _residues, ref _packed);
    }

    // Limb after limb, bit-packed, each beginning on a byte. Public values: the working memory is not wiped.
    internal void WriteResidues(LimbBlock block)
    {
        for (int i = 0; i < block.LimbCount; i++)
        {
            LimbBlock limb = new(block.Buffer, block.FirstLimb + i, block.Basis.Slice(i, 1));
            int bits = limb.Basis[0].BitCount;
            Rent(block.RingDegree, ref _residues, ref _packed);
            Span<ulong> residues = _residues.AsSpan(0, block.RingDegree);
            Span<byte> packed = _packed.AsSpan(0, ResiduePacker.ByteCount(block.RingDegree, bits));
            block.Buffer.Backend.Download(limb, residues);
            ResiduePacker.Pack(residues, bits, packed);
            Write(packed);
        }
    }

    // Working memory for one limb; N·50 bits fit into N·8 bytes.
    internal static void Rent(int degree, ref ulong[] residues, ref byte[] packed)
    {
        if (residues.Length < degree)
        {
            Return(ref residues, ref packed);
            residues = ArrayPool<ulong>.Shared.Rent(degree);
            packed = ArrayPool<byte>.Shared.Rent(8 * degree);
        }
    }

    internal static void Return(ref ulong[] residues, ref byte[] packed)
    {
        if (residues.Length > 0)
        {
            ArrayPool<ulong>.Shared.Return(residues);
            ArrayPool<byte>.Shared.Return(packed);
            (residues, packed) = ([], []);
        }
    }

    private void Emit(ReadOnlySpan<byte> bytes)
    {
        _stream.Write(bytes);
        _position += bytes.Length;
        _progress.Report(_position);
    }
}
