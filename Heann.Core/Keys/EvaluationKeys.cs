using System.Diagnostics.CodeAnalysis;
using Heann.Core.Ciphertexts;
using Heann.Core.Parameters;
using Heann.Core.Rings;

namespace Heann.Core.Keys;

/// <summary>The public key material of a server: a relinearisation key and Galois keys of one secret. Contains no secret.</summary>
/// <remarks>
/// <para>Either all keys are in memory as long as the set is, or they wait in a stream and are read when an operation needs them: see
/// <see cref="Serialization.EvaluationKeysReader.LoadOnDemand"/> and <see cref="Serialization.EvaluationKeysCodec.CreateOnDisk"/>. Results
/// are the same to the bit. Keys on demand take the memory that the set was given, and more only while running operations need more at
/// once: each of them one key, a sum of rotations (<see cref="Evaluation.CircuitEvaluator{T}.RotateSumInto"/>) all its keys of one level.
/// Hoisted rotations and linear transforms that need more than there is room for take their keys in several groups, at the price of a
/// decomposition each. While a key is read, one polynomial of it is in memory besides.</para>
/// <para>Owns its keys. Thread-safe. A set of keys on demand may be disposed while operations run: each ends the key switch it is in, and
/// the next one is refused. A set in memory must not be.</para>
/// </remarks>
public sealed class EvaluationKeys : IDisposable
{
    private readonly Dictionary<int, EvaluationKey> _galois = [];
    private readonly EvaluationKey? _relinearization;
    private readonly EvaluationKeyCache? _cache; // null where all keys are in memory

    internal EvaluationKeys(CkksParameters parameters, KeyId keyId, KeySwitchingKey? relinearization)
    {
        Parameters = parameters;
        KeyId = keyId;
        _relinearization = relinearization is null ? null : InMemory(null, relinearization);
    }

    // Keys on demand; at most one of them for relinearisation.
    internal EvaluationKeys(CkksParameters parameters, KeyId keyId, IEnumerable<EvaluationKey> keys, EvaluationKeyCache cache)
    {
        (Parameters, KeyId, _cache) = (parameters, keyId, cache);
        foreach (EvaluationKey key in keys)
        {
            if (key.Element is { } element)
            {
                _galois.Add(element.Exponent(parameters.RingDegree), key);
            }
            else
            {
                _relinearization = key;
            }
        }
    }

    /// <summary>The parameters.</summary>
    public CkksParameters Parameters { get; }

    /// <summary>The key set.</summary>
    public KeyId KeyId { get; }

    /// <summary>The key for s² → s, if there is one. Of keys on demand it is read if need be, and stays in memory as long as the set:
    /// <see cref="RelinearizationLevel"/> asks without reading.</summary>
    /// <exception cref="InvalidDataException">On demand: its bytes are no such key.</exception>
    /// <exception cref="IOException">On demand: it cannot be read.</exception>
    public KeySwitchingKey? Relinearization => _relinearization is { } key ? Keep(key) : null;

    /// <summary>The highest level at which products can be relinearised; null without a key for it. Reads no key.</summary>
    public int? RelinearizationLevel => _relinearization?.Layout.Level;

    /// <summary>The automorphisms there are keys for.</summary>
    public IEnumerable<GaloisElement> GaloisElements => _galois.Values.Select(key => key.Element!.Value);

    /// <summary>Number of keys, in memory or not.</summary>
    public int Count => _galois.Count + (_relinearization is null ? 0 : 1);

    /// <summary>Bytes of the residues held: of all keys, or of those on demand that are in memory.</summary>
    public long ByteCount => _cache is null ? All.Sum(key => key.Value!.ByteCount) : _cache.ByteCount;

    /// <summary>Most bytes of residues that were held at once.</summary>
    public long PeakByteCount => _cache is null ? ByteCount : _cache.PeakByteCount;

    /// <summary>How many times a key was read on demand; 0 where all are in memory.</summary>
    public long ReadCount => _cache?.ReadCount ?? 0;

    /// <summary>Bytes to be stored or sent, uniform halves as seeds; of keys on demand, those of their records.</summary>
    public long SeededByteCount => All.Sum(key => key.SeededByteCount);

    /// <summary>The relinearisation key first.</summary>
    internal IEnumerable<EvaluationKey> All => _relinearization is null ? _galois.Values : _galois.Values.Prepend(_relinearization);

    /// <summary>Looks the key of an automorphism up. Of keys on demand it is read if need be, and stays in memory as long as the set:
    /// <see cref="GaloisLevel"/> asks without reading.</summary>
    /// <exception cref="InvalidDataException">On demand: its bytes are no such key.</exception>
    /// <exception cref="IOException">On demand: it cannot be read.</exception>
    public bool TryGetGalois(GaloisElement element, [NotNullWhen(true)] out KeySwitchingKey? key)
    {
        key = Find(element) is { } found ? Keep(found) : null;
        return key is not null;
    }

    /// <summary>The highest level at which the key of an automorphism serves; null without such a key. Reads no key.</summary>
    public int? GaloisLevel(GaloisElement element) => Find(element)?.Layout.Level;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_cache is not null)
        {
            _cache.Dispose();
            return;
        }

        foreach (EvaluationKey key in All)
        {
            key.Value!.Dispose();
        }
    }

    internal void Add(GaloisElement element, KeySwitchingKey key) =>
        _galois.Add(element.Exponent(Parameters.RingDegree), InMemory(element, key));

    internal EvaluationKey RequireRelinearization(int level)
    {
        if (_relinearization is null)
        {
            Throw.MissingKey("relinearisation", Describe());
        }

        if (level > _relinearization.Layout.Level)
        {
            Throw.KeyTooLow("relinearisation", _relinearization.Layout.Level, level);
        }

        return _relinearization;
    }

    internal EvaluationKey RequireGalois(GaloisElement element, int level)
    {
        EvaluationKey? key = Find(element);
        if (key is null)
        {
            Throw.MissingKey(element.Normalize(Parameters.RingDegree).ToString(), Describe());
        }

        if (level > key.Layout.Level)
        {
            Throw.KeyTooLow(element.ToString(), key.Layout.Level, level);
        }

        return key;
    }

    /// <summary>A key in memory until the result is disposed.</summary>
    internal KeyHold Hold(EvaluationKey key)
    {
        _cache?.Hold(key);
        return new(_cache, key);
    }

    /// <summary>Holds as many keys of one layout as there is room for, at least one; see
    /// <see cref="EvaluationKeyCache.Hold(ReadOnlySpan{EvaluationKey}, KeySwitchLayout, bool, Span{EvaluationKey})"/>.</summary>
    internal void HoldSome(ReadOnlySpan<EvaluationKey?> wanted, KeySwitchLayout layout, Span<EvaluationKey?> held) =>
        HoldMany(wanted, layout, isAll: false, held);

    /// <summary>Holds all keys of one layout.</summary>
    internal void HoldAll(ReadOnlySpan<EvaluationKey?> wanted, KeySwitchLayout layout, Span<EvaluationKey?> held) =>
        HoldMany(wanted, layout, isAll: true, held);

    /// <summary>The counterpart of both.</summary>
    internal void Release(ReadOnlySpan<EvaluationKey?> held) => _cache?.Release(held);

    private void HoldMany(ReadOnlySpan<EvaluationKey?> wanted, KeySwitchLayout layout, bool isAll, Span<EvaluationKey?> held)
    {
        if (_cache is not null)
        {
            _cache.Hold(wanted, layout, isAll, held);
            return;
        }

        for (int i = 0; i < wanted.Length; i++)
        {
            held[i] = wanted[i]?.Layout.Level == layout.Level ? wanted[i] : null;
        }
    }

    private static EvaluationKey InMemory(GaloisElement? element, KeySwitchingKey key) =>
        new(element, key.Layout, key.SeededByteCount) { Value = key };

    private EvaluationKey? Find(GaloisElement element) => _galois.GetValueOrDefault(element.Exponent(Parameters.RingDegree));

    private KeySwitchingKey Keep(EvaluationKey key) => _cache is null ? key.Value! : _cache.Keep(key);

    private string Describe()
    {
        string rotations = string.Join(", ", GaloisElements.Where(e => !e.IsConjugation).Select(e => e.RotationSteps).Order().Take(12));
        return $"{(_relinearization is null ? "no relinearisation" : "relinearisation")}, {_galois.Count} Galois: {(rotations.Length == 0 ? "none" : rotations)}{(_galois.Count > 12 ? ", …" : string.Empty)}";
    }
}
