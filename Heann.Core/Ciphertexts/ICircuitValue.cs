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

    /// <summary>2, or 3 for a product that was not relinearised.</summary>
    int PartCount { get; }
}
