using System.Security.Cryptography;
using Heann.Core.Parameters;
using Heann.Core.Rings;

namespace Heann.Core.Serialization;

/// <summary>Reads records from a stream that nobody vouches for. Codecs read through it; it counts, hashes, reports and can be
/// cancelled.</summary>
/// <remarks>
/// Whatever the bytes are, what is wrong with them is an <see cref="InvalidDataException"/>. Never reads ahead: after a record the stream
/// stands at its end. Not thread-safe. Leaves the stream open.
/// </remarks>
public sealed class BinarySource : IDisposable
{
    private readonly Stream _stream;
    private readonly ByteProgress _progress;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private ulong[] _residues = [];
    private byte[] _packed = [];
    private RecordKind _kind;
    private long _bodyEnd = -1;

    /// <summary>Reads from a stream, from where it stands.</summary>
    /// <param name="stream">Readable, seekable or not.</param>
    /// <param name="progress">Told the part done, 0 … 1.</param>
    /// <param name="cancellation">Stops within a limb.</param>
    /// <param name="byteCount">Bytes that will be read in all, for the progress; 0 for those of the first object.</param>
    public BinarySource(Stream stream, IProgress<double>? progress = null, CancellationToken cancellation = default, long byteCount = 0)
    {
        ArgumentNullException.ThrowIfNull(stream);
        _stream = stream;
        _progress = new(progress, cancellation) { ByteCount = byteCount };
    }

    /// <summary>Bytes read so far.</summary>
    public long Position { get; private set; }

    /// <summary>Reads a header of the expected kind; its body must be read next.</summary>
    /// <param name="expected">The kind.</param>
    /// <param name="parameters">The parameters in use; null where the record may belong to any.</param>
    /// <param name="flags">The flags that the kind knows.</param>
    /// <exception cref="InvalidDataException">See <see cref="BinaryHeader.Read"/>; another kind, other parameters, or unknown
    /// flags.</exception>
    public BinaryHeader BeginRecord(RecordKind expected, CkksParameters? parameters, ushort flags = 0)
    {
        Span<byte> bytes = stackalloc byte[BinaryHeader.ByteCount];
        Fill(bytes);
        BinaryHeader header = BinaryHeader.Read(bytes);
        if (header.Kind != expected)
        {
            throw Malformed.Kind(header.Kind, expected);
        }

        if (parameters is not null && header.ParametersId != parameters.Id)
        {
            throw Malformed.ForeignParameters(expected, header.ParametersId, parameters.Id);
        }

        if ((header.Flags & ~flags) != 0)
        {
            throw Malformed.Field("The flags", $"0x{header.Flags:x4}", $"of 0x{flags:x4}");
        }

        _hash.AppendData(bytes);
        _kind = expected;
        _bodyEnd = Position + header.BodyByteCount;
        Expect(header.RecordByteCount - BinaryHeader.ByteCount);
        return header;
    }

    /// <summary>Requires the announced length of the body to be what the header's fields make it. To be called before anything is
    /// allocated.</summary>
    /// <exception cref="InvalidDataException">It is another.</exception>
    public void RequireBody(long expected)
    {
        if (_bodyEnd - Position != expected)
        {
            throw Malformed.Length(_kind, _bodyEnd - Position, expected);
        }
    }

    /// <summary>Reads bytes of the body.</summary>
    /// <exception cref="InvalidDataException">The data or the body ends before.</exception>
    public void Read(Span<byte> destination)
    {
        if (destination.Length > _bodyEnd - Position)
        {
            throw Malformed.Length(_kind, _bodyEnd - Position, destination.Length);
        }

        Fill(destination);
        _hash.AppendData(destination);
    }

    /// <summary>Reads the checksum of the body and compares it.</summary>
    /// <exception cref="InvalidDataException">It is wrong, or not all of the body was read.</exception>
    public void EndRecord()
    {
        RequireBody(0);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> checksum = stackalloc byte[BinaryHeader.ChecksumByteCount];
        _hash.GetHashAndReset(hash);
        Fill(checksum);
        hash = hash[..BinaryHeader.ChecksumByteCount];
        if (!hash.SequenceEqual(checksum))
        {
            throw Malformed.Checksum("body", hash, checksum);
        }

        _bodyEnd = -1;
    }

    /// <summary>Reads the records of an object, between records of one's own.</summary>
    /// <exception cref="InvalidDataException">They are no such object.</exception>
    public T Read<T>(BinaryCodec<T> codec)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(codec);
        return codec.ReadRecords(this);
    }

    /// <summary>Gives the working memory back; the stream stays open.</summary>
    public void Dispose()
    {
        _hash.Dispose();
        BinarySink.Return(ref _residues, ref _packed);
    }

    // So many bytes are still to come, for the progress of a stream whose length nobody knows.
    internal void Expect(long byteCount) => _progress.ByteCount = Math.Max(_progress.ByteCount, Position + byteCount);

    // Returns whether any residue is not zero.
    internal bool ReadResidues(LimbBlock block)
    {
        bool isNonzero = false;
        for (int i = 0; i < block.LimbCount; i++)
        {
            LimbBlock limb = new(block.Buffer, block.FirstLimb + i, block.Basis.Slice(i, 1));
            ulong q = limb.Basis[0].Value;
            int bits = limb.Basis[0].BitCount;
            BinarySink.Rent(block.RingDegree, ref _residues, ref _packed);
            Span<ulong> residues = _residues.AsSpan(0, block.RingDegree);
            Span<byte> packed = _packed.AsSpan(0, ResiduePacker.ByteCount(block.RingDegree, bits));
            Read(packed);
            int index = ResiduePacker.Unpack(packed, bits, q, residues);
            if (index >= 0)
            {
                throw Malformed.Residue(i, index, residues[index], q);
            }

            if (!ResiduePacker.IsPaddingZero(packed, block.RingDegree, bits))
            {
                throw Malformed.Field("The last byte of a limb", packed[^1], "0 in its unused bits");
            }

            isNonzero = isNonzero || residues.ContainsAnyExcept(0UL);
            block.Buffer.Backend.Upload(residues, limb);
        }

        return isNonzero;
    }

    private void Fill(Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            _progress.Report(Position);
            int count = _stream.Read(destination);
            if (count == 0)
            {
                throw Malformed.Truncated(Position, destination.Length);
            }

            Position += count;
            destination = destination[count..];
        }

        _progress.Report(Position);
    }
}
