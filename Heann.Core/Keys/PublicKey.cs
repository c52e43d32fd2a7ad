using Heann.Core.Ciphertexts;
using Heann.Core.Parameters;
using Heann.Core.Rings;

namespace Heann.Core.Keys;

/// <summary>An encryption of zero modulo Q·P: (b, a) = (−a·s + e, a). Encrypts without the secret.</summary>
/// <remarks>Never written once it is made, so thread-safe until it is disposed.</remarks>
public sealed class PublicKey : IDisposable
{
    internal PublicKey(RnsPolynomial b, RnsPolynomial a, byte[] seed, CkksParameters parameters, KeyId keyId)
    {
        B = b;
        A = a;
        Seed = seed;
        Parameters = parameters;
        KeyId = keyId;
    }

    /// <summary>The parameters.</summary>
    public CkksParameters Parameters { get; }

    /// <summary>The key it encrypts for.</summary>
    public KeyId KeyId { get; }

    /// <summary>Bytes of the residues held.</summary>
    public long ByteCount => B.ByteCount + A.ByteCount;

    /// <summary>Bytes of the residues that are stored or sent, and the seed of the others.</summary>
    public long SeededByteCount => B.ByteCount + Seed.Length;

    // Seed of A.
    internal byte[] Seed { get; }

    internal RnsPolynomial B { get; }

    internal RnsPolynomial A { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        B.Dispose();
        A.Dispose();
    }
}
