namespace Heann.Bench.Benchmarks;

/// <summary>One level less.</summary>
public class RescaleBenchmarks() : RowBenchmarks("rescale");
