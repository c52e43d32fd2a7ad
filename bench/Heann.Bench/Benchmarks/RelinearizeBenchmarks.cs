namespace Heann.Bench.Benchmarks;

/// <summary>Three parts → two.</summary>
public class RelinearizeBenchmarks() : RowBenchmarks("relinearize");
