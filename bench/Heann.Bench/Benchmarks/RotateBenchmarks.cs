namespace Heann.Bench.Benchmarks;

/// <summary>One slot to the left.</summary>
public class RotateBenchmarks() : RowBenchmarks("rotate");
