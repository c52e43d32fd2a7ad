using System.Security.Cryptography;
using Heann.Core.Parameters;
using Heann.Core.Serialization;

namespace Hnn.Model.Files;

/// <summary>Says what any file of Heann or hnn is, whether it is complete and undamaged; needs no secret, no model and little
/// memory.</summary>
/// <remarks>Checks every checksum; that residues and fields fit the parameters is checked by whoever uses the file. Thread-safe.</remarks>
public static class FileInspector
{
    private const int ChunkByteCount = 1 << 16;
    private const int MaxRecordCount = 1 << 18;

    /// <summary>Reads a file to its end.</summary>
    /// <exception cref="InvalidDataException">It is no such file, cut off, or damaged.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static FileReport Inspect(string path, CancellationToken cancellation = default)
    {
        using FileStream stream = File.OpenRead(path);
        return HnnFileKinds.Explain(path, () => Inspect(stream, cancellation));
    }

    private static FileReport Inspect(FileStream stream, CancellationToken cancellation)
    {
        List<RecordReport> records = [];
        (BinaryHeader Header, byte[] Body)? first = null;
        CkksParameters? parameters = null;
        do
        {
            byte[] headerBytes = new byte[BinaryHeader.ByteCount];
            int count = stream.ReadAtLeast(headerBytes, headerBytes.Length, throwOnEndOfStream: false);
            BinaryHeader header = BinaryHeader.Read(headerBytes.AsSpan(0, count));
            byte[] kept = ReadBody(stream, headerBytes, header, cancellation);
            first ??= (header, kept);
            if (header.Kind == RecordKind.Parameters)
            {
                parameters ??= ParametersCodec.AllowInsecure.Read([.. headerBytes, .. kept]);
            }

            records.Add(new(header.Kind, header.RecordByteCount, RecordSummary.Of(header)));
            if (records.Count > MaxRecordCount)
            {
                throw new InvalidDataException($"The file has more than {MaxRecordCount} records; no file of this format has: check that it is the right one.");
            }
        }
        while (stream.Position < stream.Length);

        return Report(stream.Length, records, first.Value, parameters);
    }

    private static FileReport Report(
        long byteCount, List<RecordReport> records, (BinaryHeader Header, byte[] Body) first, CkksParameters? parameters)
    {
        BinaryHeader header = first.Header;
        FileReport report = new(header.Kind, byteCount, records)
        {
            ParametersId = header.ParametersId,
            KeyId = header.KeyId == default ? null : header.KeyId,
            Parameters = parameters,
        };
        if (header.Kind is not (HnnFileKinds.ClientKeys or HnnFileKinds.ServerKeys or HnnFileKinds.Request or HnnFileKinds.Response))
        {
            return report;
        }

        (string modelId, int bucket, Release release) = FileHead.ReadFields(header);
        bool isKeys = header.Kind is HnnFileKinds.ClientKeys or HnnFileKinds.ServerKeys;
        int length = Math.Max(0, first.Body.Length - BinaryHeader.ChecksumByteCount);
        return report with
        {
            ModelId = modelId,
            Release = release,
            Model = isKeys ? ModelIdentity.Read(modelId, first.Body.AsSpan(0, length)) : null,
            Bucket = isKeys ? null : bucket,
        };
    }

    // Checks length and checksum; gives small bodies with their checksums, and of large ones and of secrets nothing.
    private static byte[] ReadBody(FileStream stream, byte[] headerBytes, BinaryHeader header, CancellationToken cancellation)
    {
        long missing = header.BodyByteCount + BinaryHeader.ChecksumByteCount - (stream.Length - stream.Position);
        if (missing > 0)
        {
            throw new InvalidDataException($"The file ends after {stream.Length} bytes and {missing} more are announced; it was cut off: fetch or write it again.");
        }

        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(headerBytes);
        bool isKept = header.BodyByteCount <= ModelIdentity.MaxByteCount && header.Kind != RecordKind.SecretKey;
        using MemoryStream kept = new();
        byte[] chunk = GC.AllocateUninitializedArray<byte>((int)Math.Min(ChunkByteCount, header.BodyByteCount), pinned: true);
        for (long rest = header.BodyByteCount; rest > 0;)
        {
            cancellation.ThrowIfCancellationRequested();
            Span<byte> part = chunk.AsSpan(0, (int)Math.Min(chunk.Length, rest));
            stream.ReadExactly(part);
            hash.AppendData(part);
            rest -= part.Length;
            if (isKept)
            {
                kept.Write(part);
            }
        }

        CryptographicOperations.ZeroMemory(chunk);
        byte[] checksum = new byte[BinaryHeader.ChecksumByteCount];
        stream.ReadExactly(checksum);
        kept.Write(checksum);
        byte[] actual = hash.GetHashAndReset()[..checksum.Length];
        return actual.AsSpan().SequenceEqual(checksum)
            ? kept.ToArray()
            : throw new InvalidDataException(
                $"The checksum of a {HnnFileKinds.Name(header.Kind)} is {Convert.ToHexStringLower(actual)} and the file says {Convert.ToHexStringLower(checksum)}; it was damaged on its way: fetch or write it again.");
    }
}
