namespace Heann.Bench.Benchmarks;

/// <summary>ct + ct, in place.</summary>
public class AddBenchmarks() : RowBenchmarks("add");
