namespace Heann.Core.Serialization;

/// <summary>What a record holds: byte 5 of its header. 64 and above are for programs that put messages of their own around these.</summary>
public enum RecordKind : byte
{
    /// <summary>No record is of this kind.</summary>
    None = 0,

    /// <summary>A parameter set.</summary>
    Parameters = 1,

    /// <summary>A secret key.</summary>
    SecretKey = 2,

    /// <summary>A public key.</summary>
    PublicKey = 3,

    /// <summary>A relinearisation or Galois key.</summary>
    KeySwitchingKey = 4,

    /// <summary>The index of a set of evaluation keys, which follow it.</summary>
    EvaluationKeys = 5,

    /// <summary>A plaintext.</summary>
    Plaintext = 6,

    /// <summary>A ciphertext.</summary>
    Ciphertext = 7,

    /// <summary>The first kind that is the program's own.</summary>
    FirstOfApplication = 64,
}
