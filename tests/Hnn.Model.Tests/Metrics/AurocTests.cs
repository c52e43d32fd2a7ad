using FsCheck;
using FsCheck.Fluent;
using Hnn.Model.Metrics;

namespace Hnn.Model.Tests.Metrics;

public sealed class AurocTests
{
    // Few different scores, so that ties are common.
    private static readonly Arbitrary<(double Score, bool IsPositive)[]> Samples =
        Gen.Choose(-4, 4).SelectMany(s => Gen.Elements(true, false).Select(p => (s / 2.0, p)))
            .ListOf().Select(list => list.ToArray()).ToArbitrary();

    [Fact]
    public void Compute_EqualsTheCountOverAllPairs() => Prop.ForAll(Samples, samples =>
    {
        double[] positives = [.. samples.Where(s => s.IsPositive).Select(s => s.Score)];
        double[] negatives = [.. samples.Where(s => !s.IsPositive).Select(s => s.Score)];
        double wins = positives.Sum(p => negatives.Sum(n => p > n ? 1 : p == n ? 0.5 : 0));
        double? expected = positives.Length * negatives.Length == 0 ? null : wins / ((double)positives.Length * negatives.Length);
        return Of(samples) == expected;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Compute_DependsOnTheOrderOfScoresAloneAndTurnsWithTheirSign() => Prop.ForAll(Samples, samples =>
    {
        double? area = Of(samples);
        double? stretched = Of([.. samples.Select(s => (Math.Exp(s.Score), s.IsPositive))]);
        double? reversed = Of([.. samples.Select(s => (-s.Score, s.IsPositive)).Reverse()]);
        return stretched == area && (area is null ? reversed is null : Math.Abs(reversed!.Value + area.Value - 1) < 1e-15);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Compute_OfKnownSets()
    {
        Assert.Equal(0.75, Auroc.Compute([0.1, 0.4, 0.35, 0.8], [false, false, true, true])); // scikit-learn's example
        Assert.Equal(1, Auroc.Compute([1, 2, 3], [false, true, true]));
        Assert.Equal(0.5, Auroc.Compute([1, 1, 1], [false, true, true]));
        Assert.Equal(1, Auroc.Compute([double.NegativeInfinity, double.PositiveInfinity], [false, true]));
        Assert.Null(Auroc.Compute([1, 2], [true, true]));
        Assert.Null(Auroc.Compute([1, 2], [false, false]));
        Assert.Null(Auroc.Compute([], []));
    }

    [Fact]
    public void WrongArguments_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => Auroc.Compute([1, 2], [true]));
        Assert.Throws<ArgumentException>(() => Auroc.Compute([1, double.NaN], [true, false]));
    }

    private static double? Of((double Score, bool IsPositive)[] samples) =>
        Auroc.Compute([.. samples.Select(s => s.Score)], [.. samples.Select(s => s.IsPositive)]);
}
