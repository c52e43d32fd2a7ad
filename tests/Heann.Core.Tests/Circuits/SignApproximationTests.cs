using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using Heann.Core.Ciphertexts;
using Heann.Core.Circuits;
using Heann.Core.Evaluation;
using Heann.Core.Tests.Evaluation;
using Heann.Core.Tests.Rings;

namespace Heann.Core.Tests.Circuits;

/// <summary>Signs and comparisons: optimal stages, the stated error everywhere, the same under encryption.</summary>
public sealed class SignApproximationTests(CkksScenes scenes)
{
    private readonly CkksScene _scene = scenes["N11L12Dnum2"];

    // The odd cubic αx − βx³ nearest to 1 on [a, 1] in closed form: equal errors −E, +E, −E at a, its peak and 1.
    [Theory]
    [InlineData(0.1)]
    [InlineData(0.25)]
    [InlineData(0.5)]
    public void FirstStage_OfDegreeThreeIsTheOneKnownInClosedForm(double a)
    {
        SignApproximation sign = SignApproximation.ForDepth(1, a, 2);

        // α − β = αa − βa³ ⇒ α = β(1 + a + a²); peak 2α/3·√(α/3β); the mean of end and peak is 1.
        double ratio = 1 + a + (a * a);
        double peak = 2.0 / 3 * ratio * Math.Sqrt(ratio / 3);
        double end = ratio - 1;
        double error = (peak - end) / (peak + end);
        Assert.Equal(3, Assert.Single(sign.Stages).Degree);
        Assert.InRange(sign.MaxError, error * 0.999, error * 1.002);
    }

    [Theory]
    [InlineData(1, 0.1, 4)]
    [InlineData(1, 0.01, 9)]
    [InlineData(4, 0.05, 10)]
    [InlineData(1, 0.001, 16)]
    public void Evaluate_HasTheStatedErrorOutsideTheThresholdAndTheRightSignInside(double bound, double threshold, int depth)
    {
        SignApproximation sign = SignApproximation.ForDepth(bound, threshold, depth);
        Assert.True(sign.Depth <= depth && sign.Stages.All(s => s.Parity == PolynomialParity.Odd));
        double worst = 0;
        for (int i = 0; i <= 20000; i++)
        {
            double x = bound * Math.Pow(threshold / bound, i / 20000.0);
            worst = Math.Max(worst, Math.Abs(sign.Evaluate(x) - 1));
            Assert.Equal(-sign.Evaluate(x), sign.Evaluate(-x), 1e-12);
            double inside = sign.Evaluate(threshold * i / 20000.0);
            Assert.InRange(inside, -1e-12, 1 + sign.MaxError);
        }

        Assert.InRange(worst, sign.MaxError * 0.9, (sign.MaxError * (1 + 1e-6)) + 1e-12);
    }

    [Fact]
    public void Create_TakesTheFewestLevelsThatReachTheError() => Prop.ForAll(
        Gen.Choose(4, 200).Zip(Gen.Choose(1, 7)).ToArbitrary(), pair =>
        {
            (double threshold, double error) = (pair.Item1 / 1000.0, Math.Pow(10, -pair.Item2));
            SignApproximation sign = SignApproximation.Create(1, threshold, error);
            Assert.True(sign.MaxError <= error);
            Assert.True(sign.Depth == 2 || SignApproximation.ForDepth(1, threshold, sign.Depth - 1).MaxError > error);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(15));

    // Between one and two levels a bit of ε; a single polynomial would double its degree with every bit.
    [Fact]
    public void Depth_GrowsWithTheLogarithmOfTheThresholdOnly()
    {
        int[] depths = [.. Enumerable.Range(2, 9).Select(bits => SignApproximation.Create(1, Math.Pow(2, -bits), 1e-3).Depth)];
        Assert.Equal(depths.Order(), depths);
        Assert.True(depths[^1] - depths[0] is >= 8 and <= 16, string.Join(", ", depths));
    }

    [Theory]
    [InlineData("sign", 0.25)]
    [InlineData("greater", 0.25)]
    [InlineData("abs", 0.2)]
    [InlineData("max", 0.2)]
    [InlineData("min", 0.2)]
    public void Evaluate_UnderEncryptionIsTheTwinAndBothAreTheFunction(string name, double threshold)
    {
        SeededRandom random = RingTestKit.Seeded(name.Length, 61);
        SignApproximation sign = SignApproximation.ForDepth(2, threshold, 10);
        Complex[] a = _scene.Slots(random, isReal: true);
        Complex[] b = _scene.Slots(random, isReal: true);
        using Ciphertext x = _scene.Encrypt(a, 12);
        using Ciphertext y = _scene.Encrypt(b, 12);
        using Ciphertext result = Run(name, _scene.Evaluator, x, y, sign);
        ClearValue twin = Run(name, _scene.Clear, _scene.Twin(a, 12), _scene.Twin(b, 12), sign);
        int levels = name is "sign" or "greater" ? sign.Depth : sign.Depth + 1;
        Assert.Equal((12 - levels, 12 - levels), (result.Level, twin.Level));
        Assert.True(result.Scale.RelativeDifference(_scene.Parameters.DefaultScale) < 1e-13);
        _scene.AssertSlots(i => twin[i], result, name, random);
        for (int i = 0; i < a.Length; i++)
        {
            (double p, double q) = (a[i].Real, b[i].Real);
            (double expected, double bound) = name switch
            {
                "sign" => (Math.Sign(p), Math.Abs(p) < threshold ? 1.01 : sign.MaxError),
                "greater" => (p > q ? 1 : 0, Math.Abs(p - q) < threshold ? 1.01 : sign.MaxError / 2),
                "abs" => (Math.Abs(p), Math.Max(threshold, 2 * sign.MaxError)),
                "max" => (Math.Max(p, q), Math.Max(threshold, 2 * sign.MaxError) / 2),
                _ => (Math.Min(p, q), Math.Max(threshold, 2 * sign.MaxError) / 2),
            };
            Assert.True(Math.Abs(twin[i].Real - expected) <= bound + 1e-9, $"{name}({p}, {q}) is {twin[i].Real}; seed {random.Seed}");
        }

        (double predicted, double measured) = _scene.NoiseBits(twin.ToComplex(), result);
        Assert.True(measured <= predicted + 1, $"{name}: predicted {predicted:F1}, measured {measured:F1} bits");
    }

    [Fact]
    public void Create_RefusesWhatItCannotReach()
    {
        Assert.Throws<ArgumentException>(() => SignApproximation.Create(1, 0, 0.1));
        Assert.Throws<ArgumentException>(() => SignApproximation.Create(1, 1, 0.1));
        Assert.Throws<ArgumentException>(() => SignApproximation.Create(1, 1e-5, 0.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => SignApproximation.Create(1, 0.1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => SignApproximation.Create(1, 0.1, 1e-15));
        Assert.Throws<ArgumentOutOfRangeException>(() => SignApproximation.ForDepth(1, 0.1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => SignApproximation.ForDepth(2, 0.1, 2));
        using CancellationTokenSource source = new();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => SignApproximation.Create(1, 0.1, 0.1, source.Token));
        SignApproximation sign = SignApproximation.ForDepth(1, 0.1, 4);
        using Ciphertext x = _scene.Encrypt(_scene.Slots(RingTestKit.Seeded(62)), 3);
        Assert.Contains("needs 4 level(s) and 3", Assert.Throws<LevelExhaustedException>(() => sign.Evaluate(_scene.Evaluator, x)).Message);
        using Ciphertext four = _scene.Encrypt(_scene.Slots(RingTestKit.Seeded(62)), 4);
        Assert.Contains("maximum or minimum needs 5",
            Assert.Throws<LevelExhaustedException>(() => Comparison.Max(_scene.Evaluator, four, four, sign)).Message);
        Assert.Contains("absolute value needs 5", Assert.Throws<LevelExhaustedException>(() => Comparison.Abs(_scene.Evaluator, four, sign)).Message);
    }

    private static T Run<T>(string name, CircuitEvaluator<T> e, T x, T y, SignApproximation sign)
        where T : class, ICircuitValue => name switch
        {
            "sign" => sign.Evaluate(e, x),
            "greater" => Comparison.Greater(e, x, y, sign),
            "abs" => Comparison.Abs(e, x, sign),
            "max" => Comparison.Max(e, x, y, sign),
            _ => Comparison.Min(e, x, y, sign),
        };
}
