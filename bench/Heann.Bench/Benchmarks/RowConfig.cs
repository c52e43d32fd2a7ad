using System.Globalization;
using BenchmarkDotNet.Configs;
using Heann.Bench.Rows;
using Heann.Core.Parameters;

namespace Heann.Bench.Benchmarks;

/// <summary>Columns that say what a set is: log2 N, log2 QP, L, the number of digits.</summary>
public sealed class RowConfig : ManualConfig
{
    /// <summary>Adds the columns.</summary>
    public RowConfig()
    {
        AddColumn(
            Column("log N", p => p.LogN),
            Column("log QP", p => Math.Ceiling(p.BasisQP.Log2)),
            Column("L", p => p.MaxLevel),
            Column("dnum", p => p.DigitCount));
    }

    private static SetColumn Column(string name, Func<CkksParameters, double> value) =>
        new(name, set => value(MeasuredSet.Create(set).Parameters).ToString(CultureInfo.InvariantCulture));
}
