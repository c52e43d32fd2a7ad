using Heann.Core.Ciphertexts;
using Heann.Core.Keys;
using Heann.Core.Rings;

namespace Heann.Core.Serialization;

/// <summary>Reads evaluation keys one at a time from a stream that can seek: what there is, without loading it; then the keys that are
/// needed.</summary>
/// <remarks>Borrows the stream and moves it; nobody else may meanwhile. One key is read at a time, whoever asks: thread-safe.</remarks>
public sealed class EvaluationKeysReader
{
    private readonly Stream _stream;
    private readonly long _start;
    private readonly EvaluationKeysCodec _codec;
    private readonly Lock _reading = new();

    internal EvaluationKeysReader(
        Stream stream, long start, IReadOnlyList<EvaluationKeyEntry> entries, KeyId keyId, EvaluationKeysCodec codec)
    {
        _stream = stream;
        _start = start;
        _codec = codec;
        Entries = entries;
        KeyId = keyId;
    }

    /// <summary>The key set.</summary>
    public KeyId KeyId { get; }

    /// <summary>The keys there are, rising by automorphism, the relinearisation key first.</summary>
    public IReadOnlyList<EvaluationKeyEntry> Entries { get; }

    /// <summary>Loads one key.</summary>
    /// <param name="element">The automorphism; null for relinearisation.</param>
    /// <param name="progress">Told the part done, 0 … 1.</param>
    /// <param name="cancellation">Stops within a limb.</param>
    /// <exception cref="MissingKeyException">There is none.</exception>
    /// <exception cref="InvalidDataException">Its bytes are no such key.</exception>
    public KeySwitchingKey Load(GaloisElement? element, IProgress<double>? progress = null, CancellationToken cancellation = default) =>
        Load(Find(element), progress, cancellation);

    /// <summary>Loads the keys that a circuit asked for and no others, each up to the level that it was written with.</summary>
    /// <param name="request">The keys; a key that is there for a lower level only is an error.</param>
    /// <param name="progress">Told the part done, 0 … 1.</param>
    /// <param name="cancellation">Stops within a limb.</param>
    /// <exception cref="MissingKeyException">One is not there, or does not reach the level.</exception>
    /// <exception cref="InvalidDataException">The bytes of one are no such key.</exception>
    public EvaluationKeys Load(KeyRequest request, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        EvaluationKeyEntry[] wanted = Wanted(request);
        long done = 0;
        long total = wanted.Sum(entry => entry.ByteCount);
        return _codec.Assemble(KeyId, wanted, entry =>
        {
            KeySwitchingKey key = Load(entry, null, cancellation);
            progress?.Report((double)(done += entry.ByteCount) / total);
            return key;
        });
    }

    /// <summary>The keys that a circuit asked for, each read when an operation first needs it and kept as far as memory allows: for keys
    /// that are larger than memory. Reads none yet.</summary>
    /// <param name="request">The keys; a key that is there for a lower level only is an error.</param>
    /// <param name="memoryBytes">Most bytes of keys in memory, ≥ 0. Operations that need more at once take it; see
    /// <see cref="EvaluationKeys"/>.</param>
    /// <param name="leaveOpen">Whether the stream stays open when the set is disposed.</param>
    /// <returns>Keys that read from the stream, which must stay open as long as they are used.</returns>
    /// <exception cref="MissingKeyException">One is not there, or does not reach the level.</exception>
    /// <remarks>What is wrong with the bytes of a key shows when it is read: the operation that needs it then throws
    /// <see cref="InvalidDataException"/>, or <see cref="IOException"/> where the stream fails. The other keys serve on, and the key is tried
    /// again when it is needed again.</remarks>
    public EvaluationKeys LoadOnDemand(KeyRequest request, long memoryBytes, bool leaveOpen = true)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(memoryBytes);
        Dictionary<EvaluationKey, EvaluationKeyEntry> entries = Wanted(request).ToDictionary(_codec.PlaceOf);
        EvaluationKeyCache cache = new(memoryBytes, key => LoadLate(entries[key]), leaveOpen ? null : _stream);
        return new(_codec.Parameters, KeyId, entries.Keys, cache);
    }

    // Rising by automorphism; those that are the same in this ring are one.
    private EvaluationKeyEntry[] Wanted(KeyRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        SortedDictionary<uint, EvaluationKeyEntry> wanted = [];
        if (request.RelinearizationLevel is { } level)
        {
            Add(wanted, Find(null), level);
        }

        foreach ((GaloisElement element, int elementLevel) in request.Galois)
        {
            if (_codec.CodeOf(element) != 0)
            {
                Add(wanted, Find(element), elementLevel);
            }
        }

        return [.. wanted.Values];
    }

    private static void Add(SortedDictionary<uint, EvaluationKeyEntry> wanted, EvaluationKeyEntry entry, int level)
    {
        if (entry.Level < level)
        {
            Throw.KeyTooLow(entry.Element?.ToString() ?? "relinearisation", entry.Level, level);
        }

        wanted[entry.Code] = entry;
    }

    private KeySwitchingKey Load(EvaluationKeyEntry entry, IProgress<double>? progress, CancellationToken cancellation)
    {
        lock (_reading)
        {
            _stream.Position = _start + entry.Offset;
            return _codec.ReadKey(_stream, entry, progress, cancellation);
        }
    }

    // An operation meets the error, far from where the set was opened: it is told which key it is about.
    private KeySwitchingKey LoadLate(EvaluationKeyEntry entry)
    {
        try
        {
            return Load(entry, null, CancellationToken.None);
        }
        catch (InvalidDataException e)
        {
            throw Malformed.LateKey(entry, e);
        }
        catch (IOException e)
        {
            throw new IOException(
                $"The key for {entry} cannot be read now that an operation needs it ({e.Message.TrimEnd('.')}); see to its file and try again, or load all keys beforehand.", e);
        }
    }

    private EvaluationKeyEntry Find(GaloisElement? element)
    {
        uint code = element is { } given ? _codec.CodeOf(given) : 0;
        if (Entries.FirstOrDefault(entry => entry.Code == code) is { } found && (code != 0 || element is null))
        {
            return found;
        }

        string have = string.Join("; ", Entries.Take(12)) + (Entries.Count > 12 ? "; …" : string.Empty);
        Throw.MissingKey(element?.ToString() ?? "relinearisation", have.Length == 0 ? "none" : have);
        return null;
    }
}
