using Heann.Core.Parameters;
using Heann.Core.Rings;

namespace Heann.Core.Serialization;

/// <summary>The codecs of everything that belongs to one parameter set. <see cref="ParametersCodec"/> is the one that needs none.</summary>
/// <remarks>Borrows the backend. Thread-safe. See <see cref="BinaryCodec{T}"/> for an example.</remarks>
public sealed class CkksCodecs
{
    /// <summary>Makes the codecs for these parameters; what is read is held by this backend.</summary>
    public CkksCodecs(CkksParameters parameters, RingBackend backend)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(backend);
        SecretKey = new(parameters, backend);
        PublicKey = new(parameters, backend);
        KeySwitchingKey = new(parameters, backend);
        EvaluationKeys = new(parameters, backend);
        Plaintext = new(parameters, backend);
        Ciphertext = new(parameters, backend);
    }

    /// <summary>Secret keys. <b>Security:</b> their bytes are not encrypted.</summary>
    public SecretKeyCodec SecretKey { get; }

    /// <summary>Public keys.</summary>
    public PublicKeyCodec PublicKey { get; }

    /// <summary>Relinearisation and Galois keys, one by one.</summary>
    public KeySwitchingKeyCodec KeySwitchingKey { get; }

    /// <summary>Sets of evaluation keys.</summary>
    public EvaluationKeysCodec EvaluationKeys { get; }

    /// <summary>Plaintexts.</summary>
    public PlaintextCodec Plaintext { get; }

    /// <summary>Ciphertexts.</summary>
    public CiphertextCodec Ciphertext { get; }

    internal static void RequireOwn(CkksParameters actual, CkksParameters expected)
    {
        if (actual.Id != expected.Id)
        {
            Throw.ForeignParameters(actual.Id, expected.Id);
        }
    }
}
