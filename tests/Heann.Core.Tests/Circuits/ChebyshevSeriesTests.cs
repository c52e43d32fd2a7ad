using FsCheck;
using FsCheck.Fluent;
using Heann.Core.Circuits;

namespace Heann.Core.Tests.Circuits;

public class ChebyshevSeriesTests
{
    private static readonly Gen<double[]> Coefficients =
        from length in Gen.Choose(1, 50)
        from values in Gen.Choose(-1000, 1000).Select(i => i / 500.0).ArrayOf(length)
        select values;

    [Fact]
    public void Evaluate_EqualsTheSumOfCosines()
    {
        Gen<(double[] C, double Angle)> cases = from c in Coefficients from i in Gen.Choose(0, 1000) select (c, Math.PI * i / 1000);
        Prop.ForAll(cases.ToArbitrary(), item =>
        {
            double expected = item.C.Select((c, k) => c * Math.Cos(k * item.Angle)).Sum();
            return Math.Abs(expected - ChebyshevSeries.Evaluate(item.C, Math.Cos(item.Angle))) <= 1e-12 * (1 + item.C.Sum(Math.Abs));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Interpolate_RecoversASeries()
    {
        Gen<(double[] C, int Extra)> cases = from c in Coefficients from extra in Gen.Choose(0, 30) select (c, extra);
        Prop.ForAll(cases.ToArbitrary(), item =>
        {
            int length = item.C.Length;
            double[] found = ChebyshevSeries.Interpolate(t => ChebyshevSeries.Evaluate(item.C, t), length - 1, length + item.Extra);
            return found.Zip(item.C, (a, b) => Math.Abs(a - b)).Max() < 1e-12 * (1 + item.C.Sum(Math.Abs));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Divide_QuotientTimesDivisorPlusRemainderIsTheSeries()
    {
        Gen<(double[] C, int G)> cases = from c in Coefficients from g in Gen.Choose(1, 60) select (c, g);
        Prop.ForAll(cases.ToArbitrary(), item =>
        {
            (double[] quotient, double[] remainder) = ChebyshevSeries.Divide(item.C, item.G);
            double tolerance = 1e-12 * (1 + item.C.Sum(Math.Abs)) * item.C.Length;
            bool sizes = remainder.Length == Math.Min(item.G, item.C.Length) && quotient.Length == Math.Max(0, item.C.Length - item.G);
            return sizes && ((double[])[-1, -0.3, 0, 0.77, 1]).All(t => Math.Abs(
                ChebyshevSeries.Evaluate(item.C, t)
                - ChebyshevSeries.Evaluate(quotient, t) * Math.Cos(item.G * Math.Acos(t))
                - ChebyshevSeries.Evaluate(remainder, t)) < tolerance);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void WrongArguments_AreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ChebyshevSeries.Divide([1.0], 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => ChebyshevSeries.Interpolate(Math.Exp, -1, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => ChebyshevSeries.Interpolate(Math.Exp, 5, 5));
        Assert.Throws<ArgumentException>(() => ChebyshevSeries.Interpolate(t => 1 / (t - t), 2, 5));
        Assert.Throws<ArgumentNullException>(() => ChebyshevSeries.Interpolate(null!, 2, 5));
        Assert.Equal(0, ChebyshevSeries.Evaluate([], 0.5));
    }
}
