using BenchmarkDotNet.Attributes;
using Heann.Core.Backends;

namespace Heann.Bench;

/// <summary>The other operations of the seam on 8 limbs of 50 bits, one thread; the calls of <see cref="KernelTable"/>.</summary>
public class KernelBenchmarks
{
    private SimdBackend _backend = null!;
    private KernelOperands _operands = null!;
    private Action _call = null!;

    /// <summary>N.</summary>
    [Params(1 << 14, 1 << 16)]
    public int RingDegree { get; set; }

    /// <summary>Which operation.</summary>
    [ParamsSource(nameof(Names))]
    public string Operation { get; set; } = "";

    /// <summary>All operations.</summary>
    public static IEnumerable<string> Names
    {
        get
        {
            using SimdBackend backend = new(1);
            using KernelOperands operands = new(backend, 1024, 8);
            return [.. operands.Calls().Select(call => call.Name)];
        }
    }

    /// <summary>Operands.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _backend = new(1);
        _operands = new(_backend, RingDegree, 8);
        _call = _operands.Calls().First(call => call.Name == Operation).Run;
    }

    /// <summary>Frees them.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        _operands.Dispose();
        _backend.Dispose();
    }

    /// <summary>The operation.</summary>
    [Benchmark]
    public void Call() => _call();
}
