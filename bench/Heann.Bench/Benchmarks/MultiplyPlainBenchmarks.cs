namespace Heann.Bench.Benchmarks;

/// <summary>ct · encoded plaintext.</summary>
public class MultiplyPlainBenchmarks() : RowBenchmarks("multiplyPlain");
