using System.Numerics;
using Heann.Core.Ciphertexts;
using Heann.Core.Circuits;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Tests.Evaluation;
using Heann.Core.Tests.Rings;

namespace Heann.Core.Tests.Circuits;

public sealed class PolynomialEvaluatorTests(CkksScenes scenes)
{
    private readonly CkksScene _scene = scenes["N6L7Dnum2"];

    public static TheoryData<PolynomialBasis, int> BasesAndDegrees
    {
        get
        {
            TheoryData<PolynomialBasis, int> data = [];
            foreach (PolynomialBasis basis in Enum.GetValues<PolynomialBasis>())
            {
                for (int degree = 1; degree <= 31; degree++)
                {
                    data.Add(basis, degree);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(BasesAndDegrees))]
    public void Evaluate_IsTheNaiveSumOfPowersOrChebyshevPolynomialsAtTheLeastDepthAndTheAskedScale(PolynomialBasis basis, int degree)
    {
        SeededRandom random = RingTestKit.Seeded((int)basis, degree);
        double[] c = [.. Enumerable.Range(0, degree + 1).Select(_ => (random.NextDouble() * 2) - 1)];
        ApproximationPolynomial p = new(basis, c, -1, 1, 0);
        Complex[] slots = _scene.Slots(random, isReal: true);
        int depth = (int)Math.Ceiling(Math.Log2(degree + 1));
        using Ciphertext x = _scene.Encrypt(slots, depth + 1);
        Scale scale = Scale.FromLog2(39.5);
        using Ciphertext y = PolynomialEvaluator.Evaluate(_scene.Evaluator, x, p, scale);
        Assert.Equal((1, 2), (y.Level, y.PartCount));
        Assert.True(y.Scale.RelativeDifference(scale) < 1e-14, $"{y.Scale.Value:R} instead of {scale.Value:R}");
        _scene.AssertSlots(i => Naive(basis, c, slots[i].Real), y, $"degree {degree}", random);
        ClearValue twin = PolynomialEvaluator.Evaluate(_scene.Clear, _scene.Twin(slots, depth + 1), p, scale);
        Assert.True(slots.Select((z, i) => Math.Abs(twin[i].Real - Naive(basis, c, z.Real))).Max() < 1e-10, $"seed {random.Seed}");
        Laws.AssertSame(twin, PolynomialEvaluator.Evaluate(new RecordingEvaluator(_scene.Parameters), Recorded(slots, depth + 1), p, scale), $"degree {degree}");
    }

    [Theory]
    [InlineData(-8, 8, 15, 5)]
    [InlineData(-3, 5, 7, 4)]
    [InlineData(0, 1, 7, 4)]
    [InlineData(-1, 1, 15, 4)]
    [InlineData(-1.5, 0.5, 7, 3)]
    [InlineData(100, 101, 3, 3)]
    public void Evaluate_MapsOtherIntervalsForOneLevelMoreUnlessOnlyTheOffsetDiffers(double low, double high, int degree, int levels)
    {
        SeededRandom random = RingTestKit.Seeded(degree, levels);
        ApproximationPolynomial p = ApproximationPolynomial.FitChebyshev(t => Math.Sin(t) + (t / 20), low, high, degree);
        Complex[] slots = [.. Enumerable.Range(0, _scene.SlotCount).Select(_ => (Complex)(low + ((high - low) * random.NextDouble())))];
        using Ciphertext x = _scene.Encrypt(slots);
        using Ciphertext y = PolynomialEvaluator.Evaluate(_scene.Evaluator, x, p);
        Assert.Equal((_scene.TopLevel - levels, true), (y.Level, y.Scale.Matches(_scene.Parameters.DefaultScale)));
        _scene.AssertSlots(i => p.Evaluate(slots[i].Real), y, p.ToString(), random);
    }

    [Fact]
    public void EvaluateMapped_TakesTheVariableOfTheBasis()
    {
        SeededRandom random = RingTestKit.Seeded(7);
        ApproximationPolynomial p = ApproximationPolynomial.FitChebyshev(Math.Exp, -3, 5, 7);
        Complex[] t = _scene.Slots(random, isReal: true);
        using Ciphertext x = _scene.Encrypt(t, 3);
        using Ciphertext y = PolynomialEvaluator.EvaluateMapped(_scene.Evaluator, x, p);
        Assert.Equal(0, y.Level);
        _scene.AssertSlots(i => p.Evaluate((t[i].Real - p.InputOffset) / p.InputScale), y, "mapped", random);
    }

    [Fact]
    public void Evaluate_ComputesTheExactFunctionOnATwinThatIsAskedTo()
    {
        SeededRandom random = RingTestKit.Seeded(8);
        ApproximationPolynomial p = ApproximationPolynomial.FitChebyshev(Math.Exp, -3, 5, 3);
        Complex[] slots = [.. _scene.Slots(random, isReal: true).Select(z => (4 * z) + 1)];
        ClearEvaluator exact = new(_scene.Parameters, usesExactFunctions: true);
        ClearValue value = exact.Create(Core.Encoders.SlotVector.Padded(slots, _scene.SlotCount), magnitude: CkksScene.Magnitude(slots));
        ClearValue result = PolynomialEvaluator.Evaluate(exact, value, p, exact: Math.Exp);
        ClearValue polynomial = PolynomialEvaluator.Evaluate(_scene.Clear, _scene.Twin(slots), p, exact: Math.Exp);
        Laws.AssertSame(polynomial, result, "exact and polynomial");
        Assert.True(slots.Select((z, i) => Math.Abs(result[i].Real - Math.Exp(z.Real))).Max() < 1e-10);
        Assert.True(slots.Select((z, i) => Math.Abs(polynomial[i].Real - Math.Exp(z.Real))).Max() > 1e-3);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(15)]
    [InlineData(31)]
    public void Recorder_AsksForTheOneKeyAndCountsThePlan(int degree)
    {
        RecordingEvaluator recorder = new(_scene.Parameters);
        ApproximationPolynomial p = new(PolynomialBasis.Chebyshev, [.. Enumerable.Range(1, degree + 1).Select(i => 1.0 / i)], -1, 1, 0);
        PolynomialPlan plan = PolynomialPlan.Create(p);
        PolynomialEvaluator.Evaluate(recorder, recorder.Create(), p);
        Assert.Equal((plan.RelinearizationCount, plan.ProductCount), (recorder.KeySwitchCount, recorder.ProductCount));
        Assert.Equal(plan.RescaleCount, recorder.RescaleCount);
        Assert.Equal(_scene.TopLevel, recorder.Keys.RelinearizationLevel);
        Assert.Empty(recorder.Keys.Galois);
    }

    [Fact]
    public void Evaluate_RefusesTooFewLevelsConstantsAndThreeParts()
    {
        using Ciphertext x = _scene.Encrypt(_scene.Slots(RingTestKit.Seeded(9), isReal: true), 3);
        ApproximationPolynomial fifteen = ApproximationPolynomial.FitChebyshev(Math.Exp, -1, 1, 15);
        LevelExhaustedException error = Assert.Throws<LevelExhaustedException>(() => PolynomialEvaluator.Evaluate(_scene.Evaluator, x, fifteen));
        Assert.Contains("degree 15 needs 4 level(s) and 3 are left; choose parameters with 1 more", error.Message);
        ApproximationPolynomial wide = ApproximationPolynomial.FitChebyshev(Math.Exp, -2, 2, 7);
        Assert.Contains("needs 4 level(s) and 3", Assert.Throws<LevelExhaustedException>(() => PolynomialEvaluator.Evaluate(_scene.Evaluator, x, wide)).Message);
        Assert.ThrowsAny<ArgumentException>(() => PolynomialEvaluator.Evaluate(_scene.Evaluator, x, new ApproximationPolynomial(PolynomialBasis.Power, [2.0], -1, 1, 0)));
        using Ciphertext three = _scene.Evaluator.TensorProduct(x, x);
        Assert.Throws<InvalidOperationException>(() => PolynomialEvaluator.Evaluate(_scene.Evaluator, three, new ApproximationPolynomial(PolynomialBasis.Power, [0, 0, 1.0], -1, 1, 0)));
    }

    private static double Naive(PolynomialBasis basis, double[] c, double x) =>
        c.Select((coefficient, k) => coefficient * (basis == PolynomialBasis.Power ? Math.Pow(x, k) : Math.Cos(k * Math.Acos(x)))).Sum();

    private static RecordedValue Recorded(RecordingEvaluator recorder, Complex[] slots, int level) =>
        recorder.Create(level, magnitude: CkksScene.Magnitude(slots));

    private RecordedValue Recorded(Complex[] slots, int level) => Recorded(new RecordingEvaluator(_scene.Parameters), slots, level);
}
