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

    [Theory]
    [InlineData(new[] { 0.4, 0, 0, 0, 0.6 }, 4, 2.4, 0.1)]
    [InlineData(new[] { 0.2, 0.5, 0.3 }, 1, 1.1, 0.1)]
    [InlineData(new[] { 0.35, 0.35, 0.3 }, 0, 0.95, 0)]
    [InlineData(new[] { -0.05, 1.05, 0.04 }, 1, 1.13, 0.505)]
    public void Probabilities_GiveTheirArgmaxAndItsLead(double[] probabilities, int label, double value, double margin)
    {
        ReleasedValue released = new(probabilities);
        Assert.False(released.IsOutOfRange);
        Assert.Equal((label, probabilities.Length), (released.Label, released.ClassCount));
        Assert.Equal(value, released.Value, 1e-12);
        Assert.Equal(margin, released.LabelMargin, 1e-12);
    }

    [Theory]
    [InlineData(new[] { -0.051, 0.55, 0.5 })]
    [InlineData(new[] { 1.051, -0.03, -0.02 })]
    [InlineData(new[] { 0.3, 0.3, 0.3 })] // they sum to 0.9
    [InlineData(new[] { 0.5, 0.3, 0.26 })]
    [InlineData(new[] { 0.5, double.NaN, 0.5 })]
    [InlineData(new[] { 400.0, -399.5, 0.5 })]
    public void ProbabilitiesThatAreNone_HaveNoLabel(double[] probabilities)
    {
        ReleasedValue released = new(probabilities);
        Assert.True(released.IsOutOfRange);
        Assert.Equal((null, null, 0.0), (released.Label, released.Clamped, released.LabelMargin));
    }

    // An error below the margin cannot change the label; one above it can.
    [Theory]
    [InlineData(0.9, 2, 0.4)]
    [InlineData(2.4, 5, 0.1)]
    [InlineData(3.9, 5, 0.4)]
    [InlineData(-0.02, 5, 0.52)]
    public void LabelMargin_OfAValueIsItsDistanceFromTheNextClass(double value, int classCount, double margin)
    {
        ReleasedValue released = new(value, classCount);
        Assert.Equal(margin, released.LabelMargin, 1e-12);
        Assert.All([-0.999, 0.999], part => Assert.Equal(
            released.Label, new ReleasedValue(Math.Clamp(value + (part * margin), 0, classCount - 1), classCount).Label));
    }

    [Fact]
    public void DistanceTo_IsTheLargestAndTakesLikeWithLike()
    {
        ReleasedValue a = new([0.2, 0.5, 0.3]), b = new([0.25, 0.42, 0.33]);
        Assert.Equal(0.08, a.DistanceTo(b), 1e-12);
        Assert.Equal(0.5, new ReleasedValue(0.25).DistanceTo(new(0.75)));
        Assert.Throws<ArgumentException>(() => a.DistanceTo(new(1.1, 3)));
        Assert.Throws<ArgumentException>(() => new ReleasedValue(0.5).DistanceTo(new(0.5, 3)));
        Assert.Equal(a, new([0.2, 0.5, 0.3]));
        Assert.NotEqual(a, b);
        Assert.Throws<ArgumentException>(() => new ReleasedValue([0.5, 0.5]));
    }

    [Fact]
    public void ClassCount_IsAtLeastTwo() => Assert.Throws<ArgumentOutOfRangeException>(() => new ReleasedValue(0.5, 1));
}
