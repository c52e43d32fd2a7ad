using FsCheck;
using FsCheck.Fluent;
using Heann.Core.Circuits;

namespace Heann.Core.Tests.Circuits;

public class ApproximationPolynomialTests
{
    // Best errors known in closed form: x^(n+1) on [-1, 1] has 2^-n; |x| by a quadratic 1/8 (x^2 + 1/8);
    // 1/x on [a, b] by a line (sqrt b - sqrt a)^2 / (2ab).
    public static TheoryData<string, double, double, int, double> KnownBestErrors() => new()
    {
        { "x^6", -1, 1, 5, 1.0 / 32 },
        { "x^7", -1, 1, 6, 1.0 / 64 },
        { "x^7", -2, 2, 6, 2.0 },
        { "abs", -1, 1, 2, 1.0 / 8 },
        { "abs", -1, 1, 3, 1.0 / 8 },
        { "1/x", 1, 2, 1, (Math.Sqrt(2) - 1) * (Math.Sqrt(2) - 1) / 4 },
        { "1/x", 0.25, 4, 1, 2.25 / 2 },
    };

    [Theory]
    [MemberData(nameof(KnownBestErrors))]
    public void FitChebyshev_ReachesTheBestErrorKnownInClosedForm(string name, double a, double b, int degree, double best)
    {
        ApproximationPolynomial fit = ApproximationPolynomial.FitChebyshev(FunctionNamed(name), a, b, degree);
        Assert.Equal(FitMethod.Minimax, fit.Method);
        Assert.InRange(fit.MaxError, best * (1 - 1e-6), best * 1.001);
    }

    [Theory]
    [InlineData("sin", -3, 3, 11)]
    [InlineData("exp", -1, 1, 6)]
    [InlineData("exp", -2, 5, 12)]
    [InlineData("gelu", -6, 6, 12)]
    [InlineData("sqrt", 0.01, 1, 10)]
    public void FitChebyshev_BeatsInterpolationAndItsErrorHoldsEverywhere(string name, double a, double b, int degree)
    {
        Func<double, double> f = FunctionNamed(name);
        ApproximationPolynomial fit = ApproximationPolynomial.FitChebyshev(f, a, b, degree);
        double[] plain = ChebyshevSeries.Interpolate(t => f(a + (b - a) * (t + 1) / 2), degree, degree + 1);
        ApproximationPolynomial interpolant = ApproximationPolynomial.Measure(PolynomialBasis.Chebyshev, plain, a, b, f);
        Assert.Equal(FitMethod.Minimax, fit.Method);
        Assert.True(fit.MaxError < interpolant.MaxError);
        Random random = new(11);
        for (int i = 0; i < 20000; i++)
        {
            double x = a + (b - a) * random.NextDouble();
            Assert.True(Math.Abs(fit.Evaluate(x) - f(x)) <= fit.MaxError * (1 + 1e-7));
        }
    }

    [Fact]
    public void FitChebyshev_SymmetryGivesExactZeros()
    {
        ApproximationPolynomial odd = ApproximationPolynomial.FitChebyshev(Math.Sin, -2, 2, 9);
        ApproximationPolynomial even = ApproximationPolynomial.FitChebyshev(Math.Cos, -2, 2, 9);
        ApproximationPolynomial shifted = ApproximationPolynomial.FitChebyshev(x => 0.25 + Math.Atan(x), -2, 2, 9);
        ApproximationPolynomial none = ApproximationPolynomial.FitChebyshev(Math.Sin, -2, 3, 9);
        Assert.Equal((PolynomialParity.Odd, 9), (odd.Parity, odd.Degree));
        Assert.Equal((PolynomialParity.Even, 8), (even.Parity, even.Degree));
        Assert.Equal(0.25, shifted.Coefficients[0]);
        Assert.All(new[] { 2, 4, 6, 8 }, k => Assert.Equal(0, shifted.Coefficients[k]));
        Assert.Equal(PolynomialParity.None, none.Parity);
        Assert.Equal(-odd.Evaluate(1.2345), odd.Evaluate(-1.2345));
    }

    [Fact]
    public void FitChebyshev_AnErrorOfRoundingSizeIsReportedAsSeries()
    {
        ApproximationPolynomial fit = ApproximationPolynomial.FitChebyshev(Math.Exp, -1, 1, 24);
        Assert.Equal(FitMethod.ChebyshevSeries, fit.Method);
        Assert.InRange(fit.MaxError, 0, 1e-14);
    }

    [Fact]
    public void FitChebyshev_RecoversPolynomials()
    {
        Gen<double[]> cases = from length in Gen.Choose(2, 20)
            from c in Gen.Choose(-100, 100).Select(i => i / 50.0).ArrayOf(length)
            select c;
        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            ApproximationPolynomial wanted = new(PolynomialBasis.Chebyshev, c, -3, 5, 0);
            ApproximationPolynomial found = ApproximationPolynomial.FitChebyshev(wanted.Evaluate, -3, 5, c.Length - 1);
            return found.MaxError < 1e-11;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Evaluate_ChebyshevAndPowerFormAgree()
    {
        // 8x^4 - 8x^2 + 1 = T_4; on [2, 6] the variable is (x - 4)/2.
        ApproximationPolynomial chebyshev = new(PolynomialBasis.Chebyshev, [0, 0, 0, 0, 1.0], 2, 6, 0);
        ApproximationPolynomial power = new(PolynomialBasis.Power, [1.0, 0, -8, 0, 8], -1, 1, 0);
        Assert.Equal((0.5, -2.0), (chebyshev.InputScale, chebyshev.InputOffset));
        Assert.Equal((1.0, 0.0), (power.InputScale, power.InputOffset));
        foreach (double x in (double[])[2, 2.5, 4, 5.9, 7])
        {
            Assert.Equal(power.Evaluate(chebyshev.InputScale * x + chebyshev.InputOffset), chebyshev.Evaluate(x), 1e-10);
        }
    }

    [Fact]
    public void Constructor_CutsTrailingZerosAndChecksItsArguments()
    {
        ApproximationPolynomial polynomial = new(PolynomialBasis.Power, [1.0, 2, 0, 0], 0, 1, 0.5);
        Assert.Equal((1, 0.5), (polynomial.Degree, polynomial.MaxError));
        Assert.True(polynomial.Covers(1) && !polynomial.Covers(1.01) && !polynomial.Covers(double.NaN));
        Assert.Contains("degree 1 on [0, 1]", polynomial.ToString(), StringComparison.Ordinal);
        Assert.ThrowsAny<ArgumentException>(() => new ApproximationPolynomial(PolynomialBasis.Power, [], 0, 1, 0));
        Assert.ThrowsAny<ArgumentException>(() => new ApproximationPolynomial(PolynomialBasis.Power, new double[1025], 0, 1, 0));
        Assert.ThrowsAny<ArgumentException>(() => new ApproximationPolynomial(PolynomialBasis.Power, [double.NaN], 0, 1, 0));
        Assert.ThrowsAny<ArgumentException>(() => new ApproximationPolynomial(PolynomialBasis.Power, [1.0], 1, 1, 0));
        Assert.ThrowsAny<ArgumentException>(() => new ApproximationPolynomial(PolynomialBasis.Power, [1.0], 0, double.PositiveInfinity, 0));
        Assert.ThrowsAny<ArgumentException>(() => new ApproximationPolynomial(PolynomialBasis.Power, [1.0], 0, 1, double.NaN));
        Assert.ThrowsAny<ArgumentException>(() => new ApproximationPolynomial((PolynomialBasis)7, [1.0], 0, 1, 0));
        Assert.ThrowsAny<ArgumentException>(() => ApproximationPolynomial.FitChebyshev(Math.Log, -1, 1, 3));
        Assert.ThrowsAny<ArgumentException>(() => ApproximationPolynomial.FitChebyshev(Math.Exp, -1, 1, -1));
    }

    private static Func<double, double> FunctionNamed(string name) => name switch
    {
        "x^6" => x => Math.Pow(x, 6),
        "x^7" => x => x * Math.Pow(x, 6),
        "abs" => Math.Abs,
        "1/x" => x => 1 / x,
        "sin" => Math.Sin,
        "exp" => Math.Exp,
        "gelu" => x => x / (1 + Math.Exp(-1.702 * x)),
        "sqrt" => Math.Sqrt,
        _ => throw new ArgumentException(name),
    };
}
