using FsCheck;
using FsCheck.Fluent;
using Hnn.Model.Approximations;

namespace Hnn.Model.Tests.Approximations;

/// <summary>The sum's interval by convexity, and the stated error against the exact softmax.</summary>
public sealed class SoftmaxApproximationTests
{
    [Theory]
    [InlineData(3, -8, 8, 15)]
    [InlineData(5, -6, 6, 15)]
    [InlineData(5, -4, 4, 7)]
    [InlineData(5, -3, 7, 31)]
    [InlineData(7, -6, 3, 15)]
    [InlineData(64, -5, 5, 15)]
    public void Exponential_HasTheStatedErrorOnADenseGridAndNoneInTheMiddle(int classCount, double low, double high, int degree)
    {
        SoftmaxApproximation softmax = new(classCount, low, high, degree);
        double w = softmax.Division.InputScale;
        double worst = Enumerable.Range(0, 20001).Select(i => low + ((high - low) * i / 20000))
            .Max(a => Math.Abs(softmax.Exponential.Evaluate(a) - (w * Math.Exp(a))));
        Assert.InRange(worst, softmax.Exponential.MaxError * 0.999, softmax.Exponential.MaxError * (1 + 1e-9) + 1e-16);
        double middle = (low + high) / 2;
        Assert.Equal(w * Math.Exp(middle), softmax.Exponential.Evaluate(middle), 1e-15);

        // δ(1 + n)/(n(1 − δ)) with δ in units of exp.
        double delta = softmax.Exponential.MaxError / w;
        Assert.Equal(delta * (1 + classCount) / (classCount * (1 - delta)), softmax.ExponentialPart, (1e-6 * softmax.ExponentialPart) + 1e-12);
        Assert.True(softmax.Division.MaxRelativeError <= SoftmaxApproximation.PartError);
        Assert.Equal(softmax.ExponentialPart + ((1 + softmax.ExponentialPart) * softmax.Division.MaxRelativeError), softmax.MaxError, 1e-15);
    }

    [Fact]
    public void Property_SumsStayInTheIntervalAndProbabilitiesWithinTheStatedError() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(Samples(), sample =>
        {
            (int classCount, double low, double high, double[] arguments) = sample;
            SoftmaxApproximation softmax = new(classCount, low, high, 31);
            double sum = arguments.Sum(Math.Exp);
            Assert.InRange(sum, classCount * (1 - 1e-12), softmax.LargestSum * (1 + 1e-12));
            double[] got = softmax.Evaluate(arguments);
            Assert.All(got.Zip(arguments), pair => Assert.InRange(Math.Abs(pair.First - (Math.Exp(pair.Second) / sum)), 0, softmax.MaxError + 1e-12));
            Assert.False(new ReleasedValue(got).IsOutOfRange);
        }));

    // The corners by trying them all: every argument at an end but one, which is what is left.
    [Theory]
    [InlineData(3, -8, 8)]
    [InlineData(4, -2, 6)]
    [InlineData(5, -6, 6)]
    [InlineData(6, -5, 1)]
    [InlineData(7, -1, 6)]
    public void LargestSum_IsThatOfTheBestCorner(int classCount, double low, double high)
    {
        double best = Enumerable.Range(0, classCount).Select(atHigh => (atHigh, Left: -(atHigh * high) - ((classCount - 1 - atHigh) * low)))
            .Where(corner => corner.Left >= low - 1e-12 && corner.Left <= high + 1e-12)
            .Max(corner => (corner.atHigh * Math.Exp(high)) + ((classCount - 1 - corner.atHigh) * Math.Exp(low)) + Math.Exp(corner.Left));
        Assert.Equal(1, new SoftmaxApproximation(classCount, low, high, 31).LargestSum / best, 1e-12);
    }

    [Theory]
    [InlineData(5, 4, 15)]
    [InlineData(5, 6, 15)]
    [InlineData(5, 9, 31)]
    [InlineData(5, 16, 31)]
    public void SmallestDegree_IsTheLowestThatServes(int classCount, double halfWidth, int expected)
    {
        Assert.Equal(expected, SoftmaxApproximation.SmallestDegree(classCount, -halfWidth, halfWidth, 63));
        Assert.True(new SoftmaxApproximation(classCount, -halfWidth, halfWidth, expected).ExponentialPart <= SoftmaxApproximation.PartError);
        Assert.Null(SoftmaxApproximation.SmallestDegree(classCount, -halfWidth, halfWidth, (expected - 1) / 2));
        Assert.Null(SoftmaxApproximation.SmallestDegree(classCount, -64, 64, 63));
    }

    [Fact]
    public void ArgumentsOutsideTheInterval_GiveValuesThatNoSoftmaxHas()
    {
        SoftmaxApproximation softmax = new(5, -6, 6, 15);
        foreach (double far in (double[])[9, 12, 40])
        {
            ReleasedValue released = new(softmax.Evaluate([far, -far / 4, -far / 4, -far / 4, -far / 4]));
            Assert.True(released.IsOutOfRange, $"{far}: {string.Join(", ", released.Probabilities!)}");
            Assert.Null(released.Label);
        }
    }

    [Fact]
    public void WhatHasNoMeaning_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new SoftmaxApproximation(2, -4, 4, 15));
        Assert.Contains("[1, 4]", Assert.Throws<ArgumentException>(() => new SoftmaxApproximation(3, 1, 4, 15)).Message, StringComparison.Ordinal);
        Assert.Contains("degree 3", Assert.Throws<ArgumentException>(() => new SoftmaxApproximation(3, -8, 8, 3)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new SoftmaxApproximation(3, -4, 4, 15, 0));
        Assert.Equal(9, new SoftmaxApproximation(3, -4, 4, 15, 9).Division.IterationCount);
    }

    // Arguments of mean 0 in the interval: some at its ends, the corners among them.
    private static Arbitrary<(int, double, double, double[])> Samples() => (
        from classCount in Gen.Choose(3, 7)
        from low in Gen.Choose(-60, -10)
        from high in Gen.Choose(10, 60)
        from raw in Gen.Choose(-100, 100).ArrayOf(classCount)
        from seed in Gen.Choose(0, 3)
        select Fit(classCount, low / 10.0, high / 10.0, raw, seed)).ToArbitrary();

    private static (int, double, double, double[]) Fit(int classCount, double low, double high, int[] raw, int spread)
    {
        double mean = raw.Average();
        double[] centred = [.. raw.Select(v => v - mean)];
        double factor = Math.Min(
            centred.Max() == 0 ? 1 : high / centred.Max(), centred.Min() == 0 ? 1 : low / centred.Min());
        return (classCount, low, high, [.. centred.Select(v => Math.Clamp(v * factor * (3 - spread) / 3, low, high))]);
    }
}
