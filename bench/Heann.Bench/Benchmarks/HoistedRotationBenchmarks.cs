using BenchmarkDotNet.Attributes;
using Heann.Bench.Rows;

namespace Heann.Bench.Benchmarks;

/// <summary>Five rotations of one ciphertext with one decomposition, and one alone: a fourth of the difference is what each further one costs.</summary>
public class HoistedRotationBenchmarks() : RowBenchmarks("rotateHoisted")
{
    /// <summary>One rotation.</summary>
    [Benchmark(Baseline = true)]
    public void One() => Row.Baseline!();
}
