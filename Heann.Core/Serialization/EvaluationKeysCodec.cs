using Heann.Core.Ciphertexts;
using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Rings;

namespace Heann.Core.Serialization;

/// <summary>Sets of evaluation keys ⇄ bytes: an index, then the keys, each a record of its own, so that they can also be read one at a
/// time.</summary>
/// <remarks>
/// Fields: number of keys (4 bytes), bytes of the keys' records together (8). Body: an <see cref="EvaluationKeyEntry"/> for each key,
/// rising
/// by automorphism, the relinearisation key first; the records follow in that order. Each key has a checksum of its own. Thread-safe.
/// </remarks>
public sealed class EvaluationKeysCodec : BinaryCodec<EvaluationKeys>
{
    private readonly CkksParameters _parameters;
    private readonly RingBackend _backend;
    private readonly KeySwitchingKeyCodec _keyCodec;

    /// <summary>Makes a codec for keys of these parameters, held by this backend.</summary>
    public EvaluationKeysCodec(CkksParameters parameters, RingBackend backend)
    {
        _keyCodec = new(parameters, backend);
        (_parameters, _backend) = (parameters, backend);
    }

    internal CkksParameters Parameters => _parameters;

    /// <inheritdoc/>
    public override long Measure(EvaluationKeys value)
    {
        List<EvaluationKeyEntry> entries = Index(value);
        return Header(value.KeyId, entries).RecordByteCount + entries.Sum(entry => entry.ByteCount);
    }

    /// <summary>Opens a set for reading its keys one at a time.</summary>
    /// <param name="stream">Readable and seekable, at the beginning of the set; borrowed. What follows the set is not looked at.</param>
    /// <exception cref="ArgumentException">The stream cannot seek;
    /// <see cref="BinaryCodec{T}.Read(Stream, IProgress{double}?, CancellationToken)"/> takes any.</exception>
    /// <exception cref="InvalidDataException">There is no such set, one of other parameters, or one that was cut off.</exception>
    public EvaluationKeysReader OpenReader(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanSeek)
        {
            throw new ArgumentException("Reading keys one at a time needs a stream that can seek; read the whole set from this one.", nameof(stream));
        }

        long start = stream.Position;
        using BinarySource source = new(stream);
        (KeyId keyId, List<EvaluationKeyEntry> entries) = ReadIndex(source);
        long end = entries.Count == 0 ? source.Position : entries[^1].Offset + entries[^1].ByteCount;
        return stream.Length - start >= end
            ? new(stream, start, entries, keyId, this)
            : throw Malformed.Truncated(stream.Length - start, end - (stream.Length - start));
    }

    /// <summary>Bytes that the keys of a request take.</summary>
    public long Measure(KeyRequest request)
    {
        List<EvaluationKeyEntry> entries = Index(default, Wanted(request));
        return Header(default, entries).RecordByteCount + entries.Sum(entry => entry.ByteCount);
    }

    /// <summary>Makes the keys of a request and writes each as soon as it is made, so that memory holds one key and not all of
    /// them.</summary>
    /// <param name="generator">Makes them.</param>
    /// <param name="secret">Of this secret.</param>
    /// <param name="request">Which, each up to which level.</param>
    /// <param name="sink">Takes them; what it holds afterwards is what writing the whole set gives.</param>
    public void WriteGenerated(KeyGenerator generator, SecretKey secret, KeyRequest request, BinarySink sink)
    {
        ArgumentNullException.ThrowIfNull(generator);
        ArgumentNullException.ThrowIfNull(secret);
        ArgumentNullException.ThrowIfNull(sink);
        CkksCodecs.RequireOwn(secret.Parameters, _parameters);
        List<EvaluationKeyEntry> entries = Index(secret.Id, Wanted(request));
        WriteIndex(secret.Id, entries, sink);
        foreach (EvaluationKeyEntry entry in entries)
        {
            using KeySwitchingKey key = entry.Element is { } element
                ? generator.CreateGaloisKey(secret, element, entry.Level)
                : generator.CreateRelinearizationKey(secret, entry.Level);
            _keyCodec.WriteRecord(key, entry.Code, sink);
        }
    }

    /// <summary>Makes the keys of a request into a temporary file, one at a time, and opens it as keys on demand: for keys that are
    /// larger than memory and that nobody else needs as a file.</summary>
    /// <param name="secret">Of this secret.</param>
    /// <param name="request">Which, each up to which level.</param>
    /// <param name="memory">What they may take in memory, and the folder of the file.</param>
    /// <param name="progress">Told the part done, 0 … 1.</param>
    /// <param name="cancellation">Stops within a limb.</param>
    /// <returns>The keys, with the file: it has no name (on Windows, it is deleted with the set) and is its owner's alone, so that nothing
    /// is left of it however the program ends.</returns>
    /// <exception cref="IOException">The folder is not there, cannot be written to, or has no room for the keys.</exception>
    public EvaluationKeys CreateOnDisk(
        SecretKey secret, KeyRequest request, KeyMemory memory, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentOutOfRangeException.ThrowIfNegative(memory.Bytes, nameof(memory));
        long byteCount = Measure(request);
        FileStream file = TemporaryFile.Create(memory.DiskFolder, byteCount, "Evaluation keys");
        try
        {
            using (BinarySink sink = new(file, byteCount, progress, cancellation))
            {
                WriteGenerated(new(_parameters, _backend), secret, request, sink);
            }

            file.Position = 0;
            return OpenReader(file).LoadOnDemand(request, memory.Bytes, leaveOpen: false);
        }
        catch (Exception exception)
        {
            file.Dispose();
            if (exception is IOException or UnauthorizedAccessException)
            {
                throw new IOException(
                    $"Evaluation keys take {byteCount} bytes in a temporary file in '{TemporaryFile.FolderOf(memory.DiskFolder)}' and could not "
                    + $"all be written ({exception.Message.TrimEnd('.')}); make room there, or name a folder with more.",
                    exception);
            }

            throw;
        }
    }

    /// <inheritdoc/>
    protected internal override void WriteRecords(EvaluationKeys value, BinarySink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        List<EvaluationKeyEntry> entries = Index(value);
        Dictionary<uint, EvaluationKey> keys = value.All.ToDictionary(CodeOf);
        WriteIndex(value.KeyId, entries, sink);
        foreach (EvaluationKeyEntry entry in entries)
        {
            using KeyHold hold = value.Hold(keys[entry.Code]);
            _keyCodec.WriteRecord(hold.Key, entry.Code, sink);
        }
    }

    /// <inheritdoc/>
    protected internal override EvaluationKeys ReadRecords(BinarySource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        (KeyId keyId, List<EvaluationKeyEntry> entries) = ReadIndex(source);
        return Assemble(keyId, entries, entry => _keyCodec.ReadRecord(source, entry));
    }

    // The set of the entries' keys, read in their order; what was read is given back where one fails.
    internal EvaluationKeys Assemble(KeyId keyId, IReadOnlyList<EvaluationKeyEntry> entries, Func<EvaluationKeyEntry, KeySwitchingKey> read)
    {
        bool hasRelinearization = entries.Count > 0 && entries[0].Element is null;
        EvaluationKeys keys = new(_parameters, keyId, hasRelinearization ? read(entries[0]) : null);
        try
        {
            foreach (EvaluationKeyEntry entry in entries.Skip(hasRelinearization ? 1 : 0))
            {
                keys.Add(entry.Element!.Value, read(entry));
            }

            return keys;
        }
        catch
        {
            keys.Dispose();
            throw;
        }
    }

    internal KeySwitchingKey ReadKey(Stream stream, EvaluationKeyEntry entry, IProgress<double>? progress, CancellationToken cancellation)
    {
        using BinarySource source = new(stream, progress, cancellation);
        return _keyCodec.ReadRecord(source, entry);
    }

    internal uint CodeOf(GaloisElement element) => EvaluationKeyEntry.CodeOf(element, _parameters.RingDegree);

    // A place for the key of an entry, empty.
    internal EvaluationKey PlaceOf(EvaluationKeyEntry entry) =>
        new(entry.Element, _parameters.KeySwitchLayoutAt(entry.Level), entry.ByteCount);

    private uint CodeOf(EvaluationKey key) => key.Element is { } element ? CodeOf(element) : 0;

    private (KeyId KeyId, List<EvaluationKeyEntry> Entries) ReadIndex(BinarySource source)
    {
        long start = source.Position;
        BinaryHeader header = source.BeginRecord(RecordKind.EvaluationKeys, _parameters);
        FieldReader fields = new(header.Fields.Span);
        (uint count, ulong byteCount) = (fields.UInt32(), fields.UInt64());
        fields.RequireZeroRest();

        // One key for relinearisation and one for every automorphism but the identity.
        ParametersCodec.Require(count <= _parameters.RingDegree, "The number of keys", count, $"at most {_parameters.RingDegree}");
        source.RequireBody(count * (long)EvaluationKeyEntry.IndexByteCount);
        source.Expect((count * (long)EvaluationKeyEntry.IndexByteCount) + (long)Math.Min(byteCount, long.MaxValue / 4));
        byte[] index = new byte[count * EvaluationKeyEntry.IndexByteCount];
        source.Read(index);
        source.EndRecord();
        FieldReader reader = new(index);
        List<EvaluationKeyEntry> entries = [];
        long offset = source.Position - start;
        for (uint i = 0; i < count; i++)
        {
            entries.Add(ReadEntry(ref reader, offset, header.KeyId, entries.Count == 0 ? null : entries[^1]));
            offset += entries[^1].ByteCount;
        }

        ulong sum = (ulong)(offset - (source.Position - start));
        ParametersCodec.Require(byteCount == sum, "The length of the keys", byteCount, $"{sum}, the sum of the index");
        return (header.KeyId, entries);
    }

    private EvaluationKeyEntry ReadEntry(ref FieldReader reader, long expectedOffset, KeyId keyId, EvaluationKeyEntry? before)
    {
        (uint code, uint level, ulong offset, ulong byteCount) = (reader.UInt32(), reader.UInt32(), reader.UInt64(), reader.UInt64());
        uint highest = EvaluationKeyEntry.HighestCode(_parameters.RingDegree);
        ParametersCodec.Require(EvaluationKeyEntry.IsCode(code, _parameters.RingDegree), "An automorphism of the index", code, $"a rotation or conjugation, at most {highest}");
        ParametersCodec.Require(before is null || code > before.Code, "An automorphism of the index", code, $"more than {before?.Code}, the one before it");
        ParametersCodec.Require(level <= _parameters.MaxLevel, "The level of a key", level, $"0 to {_parameters.MaxLevel}, the levels of these parameters");
        ParametersCodec.Require(offset == (ulong)expectedOffset, "The offset of a key", offset, $"{expectedOffset}");
        long expected = KeySwitchingKeyCodec.RecordByteCount(_parameters.KeySwitchLayoutAt((int)level));
        ParametersCodec.Require(byteCount == (ulong)expected, "The length of a key", byteCount, $"{expected} at level {level}");
        return new(code, (int)level, (expectedOffset, expected), keyId);
    }

    private List<EvaluationKeyEntry> Index(EvaluationKeys value)
    {
        ArgumentNullException.ThrowIfNull(value);
        CkksCodecs.RequireOwn(value.Parameters, _parameters);
        return Index(value.KeyId, value.All.Select(key => (Code: CodeOf(key), key.Layout.Level)).OrderBy(key => key.Code));
    }

    // Automorphisms that are the same in this ring are one key, at the highest level; the identity needs none.
    private SortedDictionary<uint, int> Wanted(KeyRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        SortedDictionary<uint, int> levels = [];
        foreach ((GaloisElement element, int level) in request.Galois)
        {
            levels[CodeOf(element)] = Math.Max(level, levels.GetValueOrDefault(CodeOf(element)));
        }

        levels.Remove(0);
        if (request.RelinearizationLevel is { } relinearizationLevel)
        {
            levels.Add(0, relinearizationLevel);
        }

        return levels;
    }

    private List<EvaluationKeyEntry> Index(KeyId keyId, IEnumerable<KeyValuePair<uint, int>> levels) =>
        Index(keyId, levels.Select(pair => (pair.Key, pair.Value)));

    private List<EvaluationKeyEntry> Index(KeyId keyId, IEnumerable<(uint Code, int Level)> keys)
    {
        (uint Code, int Level)[] all = [.. keys];
        long offset = BinaryHeader.ByteCount + ((long)all.Length * EvaluationKeyEntry.IndexByteCount) + BinaryHeader.ChecksumByteCount;
        List<EvaluationKeyEntry> entries = [];
        foreach ((uint code, int level) in all)
        {
            long byteCount = KeySwitchingKeyCodec.RecordByteCount(_parameters.KeySwitchLayoutAt(level));
            entries.Add(new(code, level, (offset, byteCount), keyId));
            offset += byteCount;
        }

        return entries;
    }

    private void WriteIndex(KeyId keyId, List<EvaluationKeyEntry> entries, BinarySink sink)
    {
        byte[] index = new byte[entries.Count * EvaluationKeyEntry.IndexByteCount];
        FieldWriter writer = new(index);
        foreach (EvaluationKeyEntry entry in entries)
        {
            entry.Write(ref writer);
        }

        sink.BeginRecord(Header(keyId, entries));
        sink.Write(index);
        sink.EndRecord();
    }

    private BinaryHeader Header(KeyId keyId, List<EvaluationKeyEntry> entries)
    {
        byte[] bytes = new byte[BinaryHeader.FieldByteCount];
        FieldWriter fields = new(bytes);
        fields.UInt32((uint)entries.Count);
        fields.UInt64((ulong)entries.Sum(entry => entry.ByteCount));
        long bodyByteCount = (long)entries.Count * EvaluationKeyEntry.IndexByteCount;
        return new(RecordKind.EvaluationKeys, bodyByteCount, _parameters.Id, keyId) { Fields = bytes };
    }
}
