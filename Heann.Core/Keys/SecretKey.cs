using Heann.Core.Ciphertexts;
using Heann.Core.Parameters;
using Heann.Core.Rings;

namespace Heann.Core.Keys;

/// <summary>The secret s: a dense uniform ternary polynomial, kept in Evaluation form modulo Q·P.</summary>
/// <remarks><b>Security:</b> whoever has it decrypts everything. Its residues are overwritten with zeros on <see cref="Dispose"/>.
/// Never written once it is made, so thread-safe until it is disposed.</remarks>
public sealed class SecretKey : IDisposable
{
    internal SecretKey(RnsPolynomial polynomial, CkksParameters parameters, KeyId id, byte[]? salt)
    {
        Polynomial = polynomial;
        Parameters = parameters;
        Id = id;

        // Not `Salt = salt`: a null array would become an empty memory, not null.
        if (salt is not null)
        {
            Salt = salt;
        }
    }

    /// <summary>The parameters.</summary>
    public CkksParameters Parameters { get; }

    /// <summary>The id that everything made from this key carries.</summary>
    public KeyId Id { get; }

    /// <summary>The salt of a key derived from a passphrase: needed, with the passphrase, to derive it again. Public. Null for a random key.</summary>
    public ReadOnlyMemory<byte>? Salt { get; }

    internal RnsPolynomial Polynomial { get; }

    // s modulo q_0 … q_ℓ.
    internal LimbBlock AtLevel(int level) => Polynomial.Prefix(Parameters.BasisAt(level));

    /// <summary>Overwrites the secret with zeros and gives its storage back.</summary>
    public void Dispose() => Polynomial.Dispose();
}
