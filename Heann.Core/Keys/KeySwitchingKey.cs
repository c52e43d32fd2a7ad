using Heann.Core.Ciphertexts;
using Heann.Core.Parameters;
using Heann.Core.Rings;

namespace Heann.Core.Keys;

/// <summary>Turns an encryption under one secret s' into one under another, s: dnum pairs (b_d, a_d) modulo Q_ℓ·P'.</summary>
/// <remarks>
/// b_d = −a_d·s + e_d + P'·g_d·s', where g_d is 1 modulo the primes of digit d and 0 modulo the others. The key carries its own level,
/// digits and special primes (<see cref="KeySwitchLayout"/>). The a_d are expanded from one 32-byte seed, so that half of the key need not be
/// stored or sent.
/// </remarks>
public sealed class KeySwitchingKey : IDisposable
{
    internal KeySwitchingKey(RnsPolynomial[] b, RnsPolynomial[] a, byte[] seed, KeySwitchLayout layout, CkksParameters parameters, KeyId keyId)
    {
        B = b;
        A = a;
        Seed = seed;
        Layout = layout;
        Parameters = parameters;
        KeyId = keyId;
    }

    /// <summary>Level, digits and special primes.</summary>
    public KeySwitchLayout Layout { get; }

    /// <summary>The parameters.</summary>
    public CkksParameters Parameters { get; }

    /// <summary>The key it switches to.</summary>
    public KeyId KeyId { get; }

    /// <summary>Bytes of the residues held.</summary>
    public long ByteCount => B.Sum(p => p.ByteCount) + A.Sum(p => p.ByteCount);

    /// <summary>Bytes to be stored or sent: the b_d and the seed.</summary>
    public long SeededByteCount => B.Sum(p => p.ByteCount) + Seed.Length;

    internal RnsPolynomial[] B { get; }

    internal RnsPolynomial[] A { get; }

    internal byte[] Seed { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (RnsPolynomial polynomial in B.Concat(A))
        {
            polynomial.Dispose();
        }
    }
}
