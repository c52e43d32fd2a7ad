namespace Hnn.Model;

/// <summary>How far an evaluation has come.</summary>
/// <param name="Name">The step just done.</param>
/// <param name="Done">Steps done.</param>
/// <param name="Total">Steps in all.</param>
/// <param name="Level">Levels left.</param>
public readonly record struct StageProgress(string Name, int Done, int Total, int Level);
