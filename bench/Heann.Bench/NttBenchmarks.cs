using BenchmarkDotNet.Attributes;
using Heann.Core.Arithmetic;
using Heann.Core.Backends;
using Heann.Core.Rings;

namespace Heann.Bench;

/// <summary>One limb there and back, one thread, beside the calibrator.</summary>
public class NttBenchmarks
{
    private SimdBackend _backend = null!;
    private RnsPolynomial _polynomial = null!;
    private LimbBlock[] _blocks = null!;
    private Calibrator _calibrator = null!;

    /// <summary>log2 N.</summary>
    [Params(12, 13, 14, 15, 16, 17)]
    public int LogN { get; set; }

    /// <summary>Operands.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _backend = new(1);
        RnsBasis basis = new(1 << LogN, PrimeSearch.Descending(50, 1 << LogN, 1));
        _polynomial = new(_backend, basis, Domain.Coefficient);
        Random random = new(1);
        _backend.Upload([.. Enumerable.Range(0, 1 << LogN).Select(_ => (ulong)random.NextInt64((long)basis[0].Value))], _polynomial.Block);
        _blocks = [_polynomial.Block];
        _calibrator = new(1 << LogN);
    }

    /// <summary>Frees them.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        _polynomial.Dispose();
        _backend.Dispose();
        _calibrator.Dispose();
    }

    /// <summary>The scalar transform that other times are divided by.</summary>
    [Benchmark(Baseline = true)]
    public void Calibrator() => _calibrator.Transform();

    /// <summary>Coefficient → Evaluation.</summary>
    [Benchmark]
    public void Forward() => _backend.ForwardNtt(_blocks);

    /// <summary>Evaluation → Coefficient.</summary>
    [Benchmark]
    public void Inverse() => _backend.InverseNtt(_blocks);
}
