using Heann.Core.Parameters;
using Heann.Core.Rings;

namespace Heann.Core.Keys;

/// <summary>Which evaluation keys a circuit needs, each up to which level.</summary>
/// <remarks>A recording run of the circuit fills one; <see cref="KeyGenerator"/> serves it. Not thread-safe for writing.</remarks>
public sealed class KeyRequest
{
    private readonly Dictionary<GaloisElement, int> _galois = [];

    /// <summary>Highest level at which a product is relinearised; null if none is.</summary>
    public int? RelinearizationLevel { get; private set; }

    /// <summary>Highest level at which each automorphism is used.</summary>
    public IReadOnlyDictionary<GaloisElement, int> Galois => _galois;

    /// <summary>Number of keys.</summary>
    public int Count => Levels.Count();

    private IEnumerable<int> Levels => RelinearizationLevel is { } level ? _galois.Values.Append(level) : _galois.Values;

    /// <summary>A request for a relinearisation key and rotations, all up to one level.</summary>
    public static KeyRequest ForRotations(IEnumerable<int> steps, int level, bool withConjugation = false)
    {
        ArgumentNullException.ThrowIfNull(steps);
        KeyRequest request = new();
        request.AddRelinearization(level);
        foreach (int step in steps)
        {
            request.AddGalois(GaloisElement.Rotation(step), level);
        }

        if (withConjugation)
        {
            request.AddGalois(GaloisElement.Conjugation, level);
        }

        return request;
    }

    /// <summary>Relinearisation is needed at this level.</summary>
    public void AddRelinearization(int level) => RelinearizationLevel = Math.Max(RelinearizationLevel ?? 0, level);

    /// <summary>An automorphism is needed at this level.</summary>
    public void AddGalois(GaloisElement element, int level) =>
        _galois[element] = Math.Max(_galois.GetValueOrDefault(element), level);

    /// <summary>Bytes of all keys in memory, see <see cref="KeySwitchLayout.KeyByteCount"/>.</summary>
    public long ByteCount(CkksParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        return Levels.Sum(level => parameters.KeySwitchLayoutAt(level).KeyByteCount);
    }

    /// <summary>Bytes of all keys as they are stored or sent, uniform halves as seeds; see
    /// <see cref="KeySwitchLayout.SeededKeyByteCount"/>.</summary>
    public long SeededByteCount(CkksParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        return Levels.Sum(level => parameters.KeySwitchLayoutAt(level).SeededKeyByteCount);
    }

    /// <summary>Joins another request into this one.</summary>
    public void Add(KeyRequest other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.RelinearizationLevel is { } level)
        {
            AddRelinearization(level);
        }

        foreach ((GaloisElement element, int elementLevel) in other._galois)
        {
            AddGalois(element, elementLevel);
        }
    }
}
