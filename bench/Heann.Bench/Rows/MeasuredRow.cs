namespace Heann.Bench.Rows;

/// <summary>One row of the table: what is called, on which set, with how many threads.</summary>
/// <param name="Op">Name of the operation.</param>
/// <param name="Set">S14 … S16, or N12 … N17 for the transform of one limb.</param>
/// <param name="LogN">log2 N.</param>
/// <param name="Threads">Threads of the backend.</param>
/// <param name="Run">The call.</param>
internal sealed record MeasuredRow(string Op, string Set, int LogN, int Threads, Action Run)
{
    /// <summary>A call that does the same less <see cref="Count"/> times what is measured; null where the call itself is what is measured.</summary>
    public Action? Baseline { get; init; }

    /// <summary>How often the call does what is measured, beyond its baseline.</summary>
    public int Count { get; init; } = 1;
}
