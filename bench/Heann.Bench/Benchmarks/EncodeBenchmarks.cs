namespace Heann.Bench.Benchmarks;

/// <summary>N/2 complex values → plaintext.</summary>
public class EncodeBenchmarks() : RowBenchmarks("encode");
