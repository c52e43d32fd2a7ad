namespace Hnn.Model.Sessions;

/// <summary>How sentences lie in ciphertexts.</summary>
public enum SessionPacking
{
    /// <summary>One sentence in as few ciphertexts as possible: the shortest time for one.</summary>
    Latency,

    /// <summary>A batch of sentences of one bucket, a ciphertext for each feature: the shortest time for many.</summary>
    Throughput,
}
