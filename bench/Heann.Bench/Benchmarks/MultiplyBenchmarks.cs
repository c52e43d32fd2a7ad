namespace Heann.Bench.Benchmarks;

/// <summary>ct · ct, three parts, without relinearisation.</summary>
public class MultiplyBenchmarks() : RowBenchmarks("multiply");
