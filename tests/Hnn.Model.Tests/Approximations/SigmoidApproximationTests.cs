using FsCheck;
using FsCheck.Fluent;
using Heann.Core.Circuits;
using Hnn.Model.Approximations;

namespace Hnn.Model.Tests.Approximations;

public class SigmoidApproximationTests
{
    [Theory]
    [InlineData(15, 8, 9e-4, 4)]
    [InlineData(15, 4, 4e-6, 4)]
    [InlineData(7, 4, 1.3e-3, 3)]
    public void Fit_KeepsTheDesignedErrorAndDepth(int degree, double halfWidth, double error, int depth)
    {
        ApproximationPolynomial fit = SigmoidApproximation.Fit(degree, halfWidth);
        Assert.Equal(FitMethod.Minimax, fit.Method);
        Assert.InRange(fit.MaxError, 0.95 * error, error);
        Assert.Equal(depth, PolynomialPlan.Create(fit).Depth);
        Assert.Equal((degree, 0.5), (fit.Degree, fit.Coefficients[0]));
        for (int k = 2; k <= degree; k += 2)
        {
            Assert.Equal(0, fit.Coefficients[k]);
        }
    }

    [Fact]
    public void Fit_IsHalfPlusOddAndItsErrorHoldsOnTheInterval()
    {
        Gen<(int Degree, double Width, double X)> cases =
            from degree in Gen.Choose(1, 31)
            from width in Gen.Choose(1, 24).Select(i => i / 2.0)
            from x in Gen.Choose(-10000, 10000)
            select (degree, width, x / 10000.0 * width);
        Prop.ForAll(cases.ToArbitrary(), item =>
        {
            ApproximationPolynomial fit = SigmoidApproximation.Fit(item.Degree, item.Width);
            double value = fit.Evaluate(item.X);
            bool isClose = Math.Abs(value - 1 / (1 + Math.Exp(-item.X))) <= fit.MaxError * (1 + 1e-6) + 1e-14;
            return isClose && Math.Abs(value + fit.Evaluate(-item.X) - 1) <= 1e-15;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Fit_ErrorFallsWithTheDegree()
    {
        double[] errors = [.. Enumerable.Range(0, 10).Select(i => SigmoidApproximation.Fit(2 * i + 1, 8).MaxError)];
        Assert.All(errors.Zip(errors[1..]), pair => Assert.True(pair.Second < pair.First));
    }

    [Theory]
    [InlineData(-1000, 0)]
    [InlineData(0, 0.5)]
    [InlineData(1000, 1)]
    public void Sigmoid_IsStable(double x, double expected) => Assert.Equal(expected, SigmoidApproximation.Sigmoid(x));

    [Fact]
    public void Fit_RefusesWrongArguments()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => SigmoidApproximation.Fit(0, 8));
        Assert.Throws<ArgumentOutOfRangeException>(() => SigmoidApproximation.Fit(1024, 8));
        Assert.Throws<ArgumentOutOfRangeException>(() => SigmoidApproximation.Fit(7, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => SigmoidApproximation.Fit(7, double.NaN));
    }
}
