using FsCheck;
using FsCheck.Fluent;
using Hnn.Model.Plain;

namespace Hnn.Model.Tests.Plain;

public sealed class ValueRangesTests
{
    [Fact]
    public void Include_KeepsTheLargestMagnitudeHoweverTheValuesAreDivided() => Prop.ForAll(
        Gen.Choose(-1000, 1000).Select(i => i / 8.0).NonEmptyListOf().Select(list => list.ToArray()).ToArbitrary(),
        Gen.Choose(0, 40).ToArbitrary(),
        (values, cut) =>
        {
            cut = Math.Min(cut, values.Length);
            ValueRanges whole = new(), first = new(), second = new();
            whole.Include("a", values);
            first.Include("a", values.AsSpan(0, cut));
            second.Include("a", values.AsSpan(cut));
            first.Include(second);
            return whole.Items.SequenceEqual(first.Items) && whole.Items.Single() == new ValueRange("a", values.Max(Math.Abs));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Items_StandInTheOrderOfTheirFirstValues()
    {
        ValueRanges ranges = new();
        Assert.Null(ranges.Largest);
        ranges.Include("b", []);
        ranges.Include("c", [1, -3]);
        ranges.Include("a", [2]);
        ranges.Include("c", [-2]);
        Assert.Equal([new("c", 3), new("a", 2)], ranges.Items);
        Assert.Equal(new ValueRange("c", 3), ranges.Largest);
        ranges.Include(ranges);
        Assert.Equal([new("c", 3), new("a", 2)], ranges.Items);
        Assert.Throws<ArgumentException>(() => ranges.Include("", [1]));
    }

    [Theory]
    [InlineData(1.0, double.NaN, 2.0)]
    [InlineData(double.NaN, double.PositiveInfinity, 1.0)]
    public void Include_KeepsNaN(params double[] values)
    {
        ValueRanges together = new(), apart = new();
        together.Include("other", [7]);
        together.Include("a", values);
        apart.Include("a", [values[0]]);
        apart.Include("a", values.AsSpan(1));
        Assert.Equal(new ValueRange("a", double.NaN), together.Largest);
        Assert.Equal(new ValueRange("a", double.NaN), apart.Largest);
    }
}
