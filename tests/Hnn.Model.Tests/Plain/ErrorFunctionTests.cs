using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Hnn.Model.Plain;

namespace Hnn.Model.Tests.Plain;

public sealed class ErrorFunctionTests
{
    private const double MaxError = 1e-14; // what ErrorFunction states

    [Fact]
    public void Erf_IsThatOfTheCLibrary()
    {
        JsonElement[] points = [.. TestData.Vectors("distilbert/expected.json").GetProperty("erf").EnumerateArray()];
        Assert.True(points.Length > 200);
        Assert.All(points, p =>
        {
            (double x, double expected) = (p[0].GetDouble(), p[1].GetDouble());
            double allowed = MaxError * Math.Min(1, Math.Abs(10 * x)); // near 0 erf is about x, and so is its error
            Assert.True(Math.Abs(ErrorFunction.Erf(x) - expected) <= allowed, $"erf({x:R}) = {expected:R}");
        });
    }

    [Fact]
    public void Erf_IsTheIntegral() => Prop.ForAll(Gen.Choose(-7_000_000, 7_000_000).ToArbitrary(), n =>
        Math.Abs(ErrorFunction.Erf(n * 1e-6) - NaiveDistilBert.Erf(n * 1e-6)) < 1e-10).QuickCheckThrowOnFailure();

    [Fact]
    public void Erf_IsOddMonotoneAndBounded() => Prop.ForAll(ArbMap.Default.ArbFor<NormalFloat>(), number =>
    {
        double x = number.Get, y = ErrorFunction.Erf(x);
        return ErrorFunction.Erf(-x) == -y && Math.Abs(y) <= 1 + MaxError && ErrorFunction.Erf(x + 0.125) >= y - MaxError;
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(double.PositiveInfinity, 1)]
    [InlineData(double.NegativeInfinity, -1)]
    [InlineData(double.NaN, double.NaN)]
    [InlineData(0.0, 0)]
    [InlineData(double.Epsilon, double.Epsilon)]
    public void Erf_HasItsLimits(double x, double expected) => Assert.Equal(expected, ErrorFunction.Erf(x));
}
