namespace Heann.Bench.Quick;

/// <summary>A measured row, as <c>--json</c> prints it.</summary>
/// <param name="Op">Name of the operation.</param>
/// <param name="Set">S14 … S16, or N12 … N17.</param>
/// <param name="Threads">Threads.</param>
/// <param name="MinUs">Least time in microseconds.</param>
/// <param name="MedianUs">Median time in microseconds.</param>
/// <param name="ToScalarNtt">Least time over the calibrator's, in this run and at this N.</param>
internal sealed record QuickResult(string Op, string Set, int Threads, double MinUs, double MedianUs, double ToScalarNtt);
