using Heann.Core.Parameters;
using Heann.Core.Rings;

namespace Heann.Core.Keys;

/// <summary>A place in a set of keys: what its key serves, and the key itself while it is in memory.</summary>
/// <remarks>Where keys come and go, everything that changes is <see cref="EvaluationKeyCache"/>'s and under its lock; whoever holds the key
/// may read <see cref="Value"/> without it. Thread-safe that way.</remarks>
internal sealed class EvaluationKey(GaloisElement? element, KeySwitchLayout layout, long seededByteCount)
{
    /// <summary>The automorphism, normalised; null for relinearisation.</summary>
    public GaloisElement? Element => element;

    /// <summary>Level, digits and special primes: known without the key.</summary>
    public KeySwitchLayout Layout => layout;

    /// <summary>Bytes to be stored or sent.</summary>
    public long SeededByteCount => seededByteCount;

    /// <summary>The key; null while it is not in memory.</summary>
    public KeySwitchingKey? Value { get; set; }

    /// <summary>Running operations that use the key: it stays in memory as long as there is one.</summary>
    public int HolderCount { get; set; }

    /// <summary>Whether the key was handed out to someone who gives no sign when he is done: it stays as long as the set.</summary>
    public bool IsKept { get; set; }

    /// <summary>When it was last asked for, in requests.</summary>
    public long LastUse { get; set; }
}
