using Heann.Core.Noise;

namespace Heann.Core.Ciphertexts;

/// <summary>What a circuit computes with: a ciphertext, its clear twin, or a record of what would happen.</summary>
/// <remarks>Thread-safe for reading; not while an operation writes to it.</remarks>
public interface ICircuitValue : IDisposable
{
    /// <summary>ℓ: rescalings left.</summary>
    int Level { get; }

    /// <summary>Δ.</summary>
    Scale Scale { get; }

    /// <summary>Predicted error and declared magnitude.</summary>
    NoiseEstimate Noise { get; }

    /// <summary>2, or 3 for the expanded form (c_0, c_1, c_2): a product that was not relinearised. Sums, differences, products with
    /// plaintexts, constants and integers, rescaling, dropping levels and decryption take either form and both together; products of two
    /// values, rotations and linear transforms take two parts.</summary>
    int PartCount { get; }
}
