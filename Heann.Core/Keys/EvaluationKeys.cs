using Heann.Core.Ciphertexts;
using Heann.Core.Parameters;
using Heann.Core.Rings;

namespace Heann.Core.Keys;

/// <summary>The public key material of a server: a relinearisation key and Galois keys of one secret. Contains no secret.</summary>
/// <remarks>Owns its keys. Thread-safe for reading.</remarks>
public sealed class EvaluationKeys : IDisposable
{
    private readonly Dictionary<int, (GaloisElement Element, KeySwitchingKey Key)> _galois = [];

    internal EvaluationKeys(CkksParameters parameters, KeyId keyId, KeySwitchingKey? relinearization)
    {
        Parameters = parameters;
        KeyId = keyId;
        Relinearization = relinearization;
    }

    /// <summary>The parameters.</summary>
    public CkksParameters Parameters { get; }

    /// <summary>The key set.</summary>
    public KeyId KeyId { get; }

    /// <summary>The key for s² → s, if there is one.</summary>
    public KeySwitchingKey? Relinearization { get; }

    /// <summary>The automorphisms there are keys for.</summary>
    public IEnumerable<GaloisElement> GaloisElements => _galois.Values.Select(pair => pair.Element);

    /// <summary>Number of keys.</summary>
    public int Count => _galois.Count + (Relinearization is null ? 0 : 1);

    /// <summary>Bytes of the residues held.</summary>
    public long ByteCount => All.Sum(key => key.ByteCount);

    /// <summary>Bytes to be stored or sent, uniform halves as seeds.</summary>
    public long SeededByteCount => All.Sum(key => key.SeededByteCount);

    private IEnumerable<KeySwitchingKey> All =>
        _galois.Values.Select(pair => pair.Key).Concat(Relinearization is null ? [] : [Relinearization]);

    /// <summary>Looks the key of an automorphism up.</summary>
    public bool TryGetGalois(GaloisElement element, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out KeySwitchingKey? key)
    {
        bool found = _galois.TryGetValue(element.Exponent(Parameters.RingDegree), out (GaloisElement Element, KeySwitchingKey Key) pair);
        key = pair.Key;
        return found;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (KeySwitchingKey key in All)
        {
            key.Dispose();
        }
    }

    internal void Add(GaloisElement element, KeySwitchingKey key) => _galois.Add(element.Exponent(Parameters.RingDegree), (element, key));

    internal KeySwitchingKey RequireRelinearization(int level)
    {
        if (Relinearization is null)
        {
            Throw.MissingKey("relinearisation", Describe());
        }

        if (level > Relinearization.Layout.Level)
        {
            Throw.KeyTooLow("relinearisation", Relinearization.Layout.Level, level);
        }

        return Relinearization;
    }

    internal KeySwitchingKey RequireGalois(GaloisElement element, int level)
    {
        if (!TryGetGalois(element, out KeySwitchingKey? key))
        {
            Throw.MissingKey(element.Normalize(Parameters.RingDegree).ToString(), Describe());
        }

        if (level > key.Layout.Level)
        {
            Throw.KeyTooLow(element.ToString(), key.Layout.Level, level);
        }

        return key;
    }

    private string Describe()
    {
        string rotations = string.Join(", ", GaloisElements.Where(e => !e.IsConjugation).Select(e => e.RotationSteps).Order().Take(12));
        return $"{(Relinearization is null ? "no relinearisation" : "relinearisation")}, {_galois.Count} Galois: {(rotations.Length == 0 ? "none" : rotations)}{(_galois.Count > 12 ? ", …" : string.Empty)}";
    }
}
