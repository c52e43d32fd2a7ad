namespace Heann.Bench.Benchmarks;

/// <summary>A map of 16 diagonals, four baby steps, three giant steps.</summary>
public class LinearTransformBenchmarks() : RowBenchmarks("linearTransform");
