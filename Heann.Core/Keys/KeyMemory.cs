namespace Heann.Core.Keys;

/// <summary>What the keys of a set may take in memory, and where they all are meanwhile.</summary>
/// <param name="Bytes">Most bytes of keys in memory; operations that need more at once take it, see <see cref="EvaluationKeys"/>.</param>
/// <param name="DiskFolder">Folder of the temporary file; null for the system's folder for such files. In a folder that is memory itself
/// (tmpfs) the file takes memory too.</param>
/// <remarks>Immutable, thread-safe.</remarks>
public sealed record KeyMemory(long Bytes, string? DiskFolder = null);
