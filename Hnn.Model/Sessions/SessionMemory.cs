using Hnn.Model.Compilation;

namespace Hnn.Model.Sessions;

/// <summary>What a session of batches may take, and where columns wait that memory does not hold.</summary>
/// <param name="Bytes">Most bytes of keys, ciphertexts and working memory.</param>
/// <param name="DiskFolder">Where columns wait that do not fit; null for the system's folder for temporary files.</param>
public sealed record SessionMemory(long Bytes = ThroughputPlan.DefaultMemoryBytes, string? DiskFolder = null);
