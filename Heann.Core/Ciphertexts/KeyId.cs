using System.Globalization;

namespace Heann.Core.Ciphertexts;

/// <summary>Identity of a key set: which secret a key belongs to and a ciphertext is encrypted for. Random; says nothing of the secret.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
/// <param name="Value">128 bits.</param>
public readonly record struct KeyId(UInt128 Value)
{
    /// <summary>The first 64 bits in hexadecimal, for people.</summary>
    public override string ToString() => ((ulong)(Value >> 64)).ToString("x16", CultureInfo.InvariantCulture);
}
