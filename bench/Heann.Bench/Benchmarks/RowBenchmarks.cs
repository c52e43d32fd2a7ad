using BenchmarkDotNet.Attributes;
using Heann.Bench.Rows;

namespace Heann.Bench.Benchmarks;

/// <summary>A row of the table, for every set and one or two threads.</summary>
/// <param name="op">Name of the operation.</param>
[Config(typeof(RowConfig))]
public abstract class RowBenchmarks(string op)
{
    private SetKeys _keys = null!;
    private SetOperands _operands = null!;

    /// <summary>The parameter set.</summary>
    [ParamsSource(nameof(Sets))]
    public string Set { get; set; } = "";

    /// <summary>Threads of the backend.</summary>
    [Params(1, 2)]
    public int Threads { get; set; }

    /// <summary>All sets.</summary>
    public static IEnumerable<string> Sets => MeasuredSet.Names;

    internal MeasuredRow Row { get; private set; } = null!;

    /// <summary>Keys and operands.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _keys = new(MeasuredSet.Create(Set));
        _operands = new(_keys, Threads);
        Row = _operands.Row(op);
    }

    /// <summary>Frees them.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        _operands.Dispose();
        _keys.Dispose();
    }

    /// <summary>The operation.</summary>
    [Benchmark]
    public void Call() => Row.Run();
}
