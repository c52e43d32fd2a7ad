using Heann.Bench.Rows;
using Heann.Core.Parameters;

namespace Heann.Bench.Tests.Rows;

/// <summary>The sets are what the table says they are.</summary>
public sealed class MeasuredSetTests
{
    [Theory]
    [InlineData("S14", 14, 9, 430)]
    [InlineData("S15", 15, 19, 868)]
    [InlineData("S16", 16, 31, 1747)]
    public void Sets_AreSecureWithThePeersLevelsAndScale(string name, int logN, int primes, double limit)
    {
        CkksParameters parameters = MeasuredSet.Create(name).Parameters;
        Assert.Equal(logN, parameters.LogN);
        Assert.Equal(primes, parameters.BasisQ.Count);
        Assert.Equal(Math.ScaleB(1, 40), parameters.DefaultScale.Value);
        Assert.True(parameters.BasisQP.Log2 <= limit, $"log QP = {parameters.BasisQP.Log2}");
        Assert.True(parameters.SecurityBits >= 128, $"{parameters.SecurityBits} bits");
    }

    [Fact]
    public void EveryOperation_RunsOnItsOperands()
    {
        using SetKeys keys = new(MeasuredSet.CreateSmall());
        using SetOperands operands = new(keys, 1);
        foreach (string op in Operations.OfSets)
        {
            MeasuredRow row = operands.Row(op);
            Assert.Equal((op, 10, 1), (row.Op, row.LogN, row.Threads));
            row.Baseline?.Invoke();
            row.Run();
            row.Run();
        }
    }

    [Fact]
    public void UnknownNames_AreRefused()
    {
        string message = Assert.Throws<ArgumentException>(() => MeasuredSet.Create("S13")).Message;
        Assert.Contains("S14, S15, S16", message, StringComparison.Ordinal);
        using TransformOperands transform = new(10, 1);
        Assert.Throws<ArgumentException>(() => transform.Row("rotate"));
    }
}
