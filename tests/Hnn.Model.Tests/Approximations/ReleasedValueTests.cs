using Hnn.Model.Approximations;

namespace Hnn.Model.Tests.Approximations;

public class ReleasedValueTests
{
    [Theory]
    [InlineData(0.9, 2, 1, 0.9)]
    [InlineData(0.5, 2, 0, 0.5)]
    [InlineData(-0.05, 2, 0, 0.0)]
    [InlineData(1.05, 2, 1, 1.0)]
    [InlineData(2.51, 5, 3, 2.51)]
    [InlineData(4.04, 5, 4, 4.0)]
    public void Label_IsTheNearestClass(double value, int classCount, int label, double clamped)
    {
        ReleasedValue released = new(value, classCount);
        Assert.False(released.IsOutOfRange);
        Assert.Equal((label, clamped), (released.Label, released.Clamped));
    }

    [Theory]
    [InlineData(-0.0501, 2)]
    [InlineData(1.0501, 2)]
    [InlineData(4.051, 5)]
    [InlineData(double.NaN, 2)]
    [InlineData(double.PositiveInfinity, 2)]
    [InlineData(-3.7e5, 2)]
    public void OutOfRange_HasNoLabel(double value, int classCount)
    {
        ReleasedValue released = new(value, classCount);
        Assert.True(released.IsOutOfRange);
        Assert.Null(released.Label);
        Assert.Null(released.Clamped);
    }

    [Fact]
    public void ClassCount_IsAtLeastTwo() => Assert.Throws<ArgumentOutOfRangeException>(() => new ReleasedValue(0.5, 1));
}
