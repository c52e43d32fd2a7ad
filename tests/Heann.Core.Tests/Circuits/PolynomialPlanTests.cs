using FsCheck;
using FsCheck.Fluent;
using Heann.Core.Circuits;

namespace Heann.Core.Tests.Circuits;

public class PolynomialPlanTests
{
    private const double Scale = 1099511627776; // 2^40

    public static TheoryData<PolynomialBasis, PolynomialParity> Shapes()
    {
        TheoryData<PolynomialBasis, PolynomialParity> data = [];
        foreach (PolynomialBasis basis in Enum.GetValues<PolynomialBasis>())
        {
            foreach (PolynomialParity parity in Enum.GetValues<PolynomialParity>())
            {
                data.Add(basis, parity);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Evaluate_EqualsDirectEvaluationAtTheLeastDepthForEveryDegree(PolynomialBasis basis, PolynomialParity parity)
    {
        Random random = new(42);
        for (int degree = 1; degree <= 63; degree++)
        {
            ApproximationPolynomial polynomial = RandomPolynomial(random, basis, parity, degree);
            PolynomialPlan plan = PolynomialPlan.Create(polynomial);
            Assert.Equal((int)Math.Ceiling(Math.Log2(polynomial.Degree + 1)), plan.Depth);
            CheckAgainstDirect(polynomial, plan, random);
        }
    }

    [Theory]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(200)]
    [InlineData(255)]
    public void Evaluate_KeepsTheDepthLawForHighDegrees(int degree)
    {
        Random random = new(degree);
        ApproximationPolynomial polynomial = RandomPolynomial(random, PolynomialBasis.Chebyshev, PolynomialParity.None, degree);
        PolynomialPlan plan = PolynomialPlan.Create(polynomial);
        Assert.Equal((int)Math.Ceiling(Math.Log2(degree + 1)), plan.Depth);
        CheckAgainstDirect(polynomial, plan, random);
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(3, 2)]
    [InlineData(7, 3)]
    [InlineData(15, 4)]
    [InlineData(31, 5)]
    [InlineData(63, 6)]
    public void Depth_IsAsDesigned(int degree, int depth) => Assert.Equal(depth, PolynomialPlan.MinimalDepth(degree));

    // Key switches and ciphertext products of the plans in use; a better search may lower them, nothing may raise them.
    [Theory]
    [InlineData(PolynomialParity.Odd, 3, 2, 2)]
    [InlineData(PolynomialParity.Odd, 7, 4, 5)]
    [InlineData(PolynomialParity.Odd, 9, 5, 5)]
    [InlineData(PolynomialParity.Odd, 15, 7, 8)]
    [InlineData(PolynomialParity.Odd, 31, 10, 13)]
    [InlineData(PolynomialParity.None, 7, 4, 5)]
    [InlineData(PolynomialParity.None, 15, 7, 8)]
    [InlineData(PolynomialParity.None, 31, 10, 13)]
    public void Create_NeedsFewKeySwitches(PolynomialParity parity, int degree, int keySwitches, int products)
    {
        PolynomialPlan plan = PolynomialPlan.Create(RandomPolynomial(new Random(1), PolynomialBasis.Chebyshev, parity, degree));
        Assert.InRange(plan.RelinearizationCount, 1, keySwitches);
        Assert.InRange(plan.ProductCount, 1, products);
    }

    [Fact]
    public void Create_MoreDepthNeverCostsMoreKeySwitches()
    {
        Random random = new(3);
        foreach (int degree in (int[])[5, 15, 31])
        {
            ApproximationPolynomial polynomial = RandomPolynomial(random, PolynomialBasis.Chebyshev, PolynomialParity.Odd, degree);
            PolynomialPlan tight = PolynomialPlan.Create(polynomial);
            PolynomialPlan loose = PolynomialPlan.Create(polynomial, tight.Depth + 1);
            Assert.Equal(tight.Depth + 1, loose.Depth);
            Assert.True(loose.RelinearizationCount <= tight.RelinearizationCount);
            CheckAgainstDirect(polynomial, loose, random);
        }
    }

    [Fact]
    public void Create_OddPolynomialUsesNoEvenTermAndConstantStaysAtTheRoot()
    {
        double[] coefficients = [0.5, 1, 0, -0.25, 0, 0.125, 0, -0.0625, 0, 0.3, 0, 0.2, 0, -0.1, 0, 0.05];
        PolynomialPlan plan = PolynomialPlan.Create(new ApproximationPolynomial(PolynomialBasis.Chebyshev, coefficients, -8, 8, 0));
        Assert.Equal(0.5, plan.Root.Constant);
        AssertParity(plan.Root, odd: true);
        Assert.Equal(7, plan.RelinearizationCount);
    }

    [Fact]
    public void Create_RefusesConstantsAndTooLittleDepth()
    {
        ApproximationPolynomial constant = new(PolynomialBasis.Power, [2.0, 0], -1, 1, 0);
        ApproximationPolynomial cubic = new(PolynomialBasis.Power, [0, 0, 0, 1.0], -1, 1, 0);
        Assert.Throws<ArgumentException>(() => PolynomialPlan.Create(constant));
        Assert.Throws<ArgumentOutOfRangeException>(() => PolynomialPlan.Create(cubic, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => PolynomialPlan.Create(cubic, 17));
        Assert.Throws<ArgumentNullException>(() => PolynomialPlan.Create(null!));
        Assert.Throws<ArgumentOutOfRangeException>(() => PolynomialPlan.MinimalDepth(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => PolynomialPlan.PowerDepth(0));
    }

    [Fact]
    public void Evaluate_ReleasesEverythingWhenAnOperationThrows()
    {
        Random random = new(5);
        ApproximationPolynomial polynomial = RandomPolynomial(random, PolynomialBasis.Chebyshev, PolynomialParity.None, 15);
        // Three primes for four levels: the last rescaling has none to divide by.
        TrackedArithmetic arithmetic = new(PolynomialBasis.Chebyshev, [Scale, Scale, Scale]);
        PolynomialPlan plan = PolynomialPlan.Create(polynomial);
        Assert.Throws<IndexOutOfRangeException>(() => plan.Evaluate(new Tracked(0.3, 0, Scale), Scale, arithmetic));
        Assert.Equal(0, arithmetic.Alive);
    }

    [Fact]
    public void Evaluate_EqualsDirectEvaluationForRandomLacunaryPolynomials()
    {
        Gen<double> coefficient = Gen.Frequency((2, Gen.Constant(0.0)), (1, Gen.Choose(-1000, 1000).Select(i => i / 1000.0)));
        Gen<double[]> coefficients =
            from length in Gen.Choose(2, 40)
            from body in coefficient.ArrayOf(length)
            from lead in Gen.Choose(1, 1000)
            select (double[])[.. body, lead / 1000.0];
        Gen<(PolynomialBasis Basis, double[] Coefficients)> cases =
            from basis in Gen.Elements(PolynomialBasis.Power, PolynomialBasis.Chebyshev)
            from values in coefficients
            select (basis, values);
        Prop.ForAll(cases.ToArbitrary(), item =>
        {
            ApproximationPolynomial polynomial = new(item.Basis, item.Coefficients, -1, 1, 0);
            PolynomialPlan plan = PolynomialPlan.Create(polynomial);
            CheckAgainstDirect(polynomial, plan, new Random(7));
            return plan.Depth == PolynomialPlan.MinimalDepth(polynomial.Degree);
        }).QuickCheckThrowOnFailure();
    }

    private static void CheckAgainstDirect(ApproximationPolynomial polynomial, PolynomialPlan plan, Random random)
    {
        // Primes that differ by level, and a variable whose scale is none of them: the scales must still meet.
        double[] primes = [.. Enumerable.Range(0, plan.Depth).Select(_ => Scale * (0.5 + random.NextDouble()))];
        double sum = 0;
        foreach (double c in polynomial.Coefficients)
        {
            sum += Math.Abs(c);
        }

        foreach (double t in (double[])[-1, -0.7312, 0, 0.1, 0.9999, 1, random.NextDouble() * 2 - 1])
        {
            TrackedArithmetic arithmetic = new(plan.Basis, primes);
            Tracked result = plan.Evaluate(new Tracked(t, 0, 1.1 * Scale), Scale, arithmetic);
            Assert.Equal(polynomial.Evaluate(t), result.Value, 1e-12 * sum * plan.Degree);
            Assert.Equal((plan.Depth, Scale), (result.Depth, result.Scale));
            Assert.Equal(1, arithmetic.Alive);
            Assert.Equal(
                (plan.ProductCount, plan.ConstantProductCount, plan.RelinearizationCount, plan.RescaleCount),
                (arithmetic.Products, arithmetic.ConstantProducts, arithmetic.Relinearizations, arithmetic.Rescalings));
        }
    }

    private static void AssertParity(PlanNode node, bool odd)
    {
        Assert.All(node.Terms, term => Assert.Equal(odd ? 1 : 0, term.Power % 2));
        Assert.All(node.Products, product => AssertParity(product.Quotient, odd ^ (product.Power % 2 == 1)));
    }

    private static ApproximationPolynomial RandomPolynomial(Random random, PolynomialBasis basis, PolynomialParity parity, int degree)
    {
        int rest = parity == PolynomialParity.Odd ? 1 : 0;
        degree = parity != PolynomialParity.None && degree % 2 != rest ? degree + 1 : degree;
        double[] coefficients = new double[degree + 1];
        for (int k = 0; k <= degree; k++)
        {
            coefficients[k] = parity == PolynomialParity.None || k % 2 == rest ? 0.1 + random.NextDouble() : 0;
        }

        return new ApproximationPolynomial(basis, coefficients, -1, 1, 0);
    }
}
