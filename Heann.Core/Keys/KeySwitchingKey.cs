using Heann.Core.Ciphertexts;
using Heann.Core.Parameters;
using Heann.Core.Rings;

namespace Heann.Core.Keys;

/// <summary>Turns an encryption under one secret s' into one under another, s: dnum pairs (b_d, a_d) modulo Q_ℓ·P'.</summary>
/// <remarks>
/// b_d = −a_d·s + e_d + P'·g_d·s', where g_d is 1 modulo the primes of digit d and 0 modulo the others. The key carries its own level,
/// digits and special primes (<see cref="KeySwitchLayout"/>). The a_d are expanded from one 32-byte seed, so that half of the key need not be
/// stored or sent.
/// Never written once it is made, so thread-safe until it is disposed.
/// </remarks>
public sealed class KeySwitchingKey : IDisposable
{
    internal KeySwitchingKey(SwitchingMatrix matrix, byte[] seed, KeySwitchLayout layout, CkksParameters parameters, KeyId keyId)
    {
        Matrix = matrix;
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
    public long ByteCount => Matrix.ByteCount;

    /// <summary>Bytes to be stored or sent: the b_d and the seed.</summary>
    public long SeededByteCount => Layout.SeededKeyByteCount;

    /// <summary>Rows b and a.</summary>
    internal SwitchingMatrix Matrix { get; }

    internal byte[] Seed { get; }

    /// <inheritdoc/>
    public void Dispose() => Matrix.Dispose();

    /// <summary>A copy of b_d, modulo q_0 … q_ℓ·P'.</summary>
    internal RnsPolynomial ReadB(RingBackend backend, int digit) => Read(backend, 0, digit);

    /// <summary>A copy of a_d, modulo q_0 … q_ℓ·P'.</summary>
    internal RnsPolynomial ReadA(RingBackend backend, int digit) => Read(backend, 1, digit);

    private RnsPolynomial Read(RingBackend backend, int row, int digit)
    {
        RnsPolynomial polynomial = new(backend, Layout.Basis, Domain.Evaluation);
        Matrix.Read(row, digit, polynomial.Block);
        return polynomial;
    }
}
