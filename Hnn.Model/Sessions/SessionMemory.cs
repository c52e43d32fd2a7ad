using Hnn.Model.Compilation;

namespace Hnn.Model.Sessions;

/// <summary>What a session may take, and where on disk waits what memory does not hold.</summary>
/// <param name="Bytes">Most bytes of keys, ciphertexts and working memory of a session of batches.</param>
/// <param name="DiskFolder">Where columns or keys wait that do not fit; null for the system's folder for temporary files.</param>
/// <remarks>Immutable, thread-safe.</remarks>
public sealed record SessionMemory(long Bytes = ThroughputPlan.DefaultMemoryBytes, string? DiskFolder = null)
{
    /// <summary>Most bytes of evaluation keys of a session of sentences one at a time; null for all in memory.</summary>
    public long? KeyBytes { get; init; }
}
