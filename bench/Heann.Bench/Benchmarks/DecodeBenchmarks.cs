namespace Heann.Bench.Benchmarks;

/// <summary>Plaintext → N/2 complex values.</summary>
public class DecodeBenchmarks() : RowBenchmarks("decode");
