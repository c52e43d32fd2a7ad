using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using Heann.Core.Ciphertexts;
using Heann.Core.Circuits;
using Heann.Core.Evaluation;
using Heann.Core.Tests.Evaluation;
using Heann.Core.Tests.Rings;

namespace Heann.Core.Tests.Circuits;

/// <summary>1/x, 1/√x and √x: the stated error in the clear, to the last digits, and under encryption within the predicted noise.</summary>
public sealed class InverseApproximationTests(CkksScenes scenes)
{
    private readonly CkksScene _scene = scenes["N6L7Dnum2"];

    private readonly CkksScene _deep = scenes["N11L12Dnum2"];

    // Σ_i e^i truncated: the geometric sum, computed without any product form.
    [Theory]
    [InlineData(0.5, 1.5, 2)]
    [InlineData(0.1, 1, 4)]
    [InlineData(3, 40, 5)]
    [InlineData(1, 2, 0)]
    public void Inverse_IsTheGeometricSumAndItsErrorTheStatedOne(double a, double b, int iterations)
    {
        InverseApproximation inverse = InverseApproximation.Create(a, b, iterations);
        (double[] x, ClearValue y) = OnTwin(a, b, inverse.Depth, (e, value) => inverse.Evaluate(e, value));
        double w = 2 / (a + b);
        double worst = 0;
        for (int i = 0; i < x.Length; i++)
        {
            double e = 1 - (w * x[i]);
            double sum = Enumerable.Range(0, 1 << (iterations + 1)).Sum(k => w * Math.Pow(e, k));
            Assert.Equal(sum, y[i].Real, 1e-12 / a);
            worst = Math.Max(worst, Math.Abs(y[i].Real - (1 / x[i])));
        }

        Assert.InRange(worst, inverse.MaxError * (1 - 1e-6), (inverse.MaxError * (1 + 1e-6)) + (1e-14 / a));
        Assert.Equal(0, y.Level);
    }

    [Theory]
    [InlineData(0.5, 1.5, 1)]
    [InlineData(0.1, 1, 3)]
    [InlineData(0.01, 2, 6)]
    [InlineData(5, 6, 2)]
    public void SquareRoots_HaveAtMostTheStatedErrorAndReachIt(double a, double b, int iterations)
    {
        SquareRootApproximation root = SquareRootApproximation.Create(a, b, iterations);
        (double[] x, ClearValue inverse) = OnTwin(a, b, root.InverseDepth, (e, value) => root.EvaluateInverse(e, value));
        (_, ClearValue plain) = OnTwin(a, b, root.Depth, (e, value) => root.Evaluate(e, value));
        double worst = x.Select((v, i) => Math.Abs((inverse[i].Real * Math.Sqrt(v)) - 1)).Max();
        Assert.InRange(worst, root.MaxRelativeError * (1 - 1e-6), (root.MaxRelativeError * (1 + 1e-6)) + 1e-13);
        Assert.True(x.Select((v, i) => Math.Abs(plain[i].Real - Math.Sqrt(v))).Max() <= (root.MaxError * (1 + 1e-6)) + 1e-13);
        Assert.True(x.Select((v, i) => Math.Abs(inverse[i].Real - (1 / Math.Sqrt(v)))).Max() <= (root.MaxInverseError * (1 + 1e-6)) + 1e-13);
        Assert.Equal((0, 0), (inverse.Level, plain.Level));
    }

    [Fact]
    public void Property_TheFewestIterationsAreChosenAndMoreAreNeverWorse() => Prop.ForAll(
        Gen.Choose(1, 500).Zip(Gen.Choose(1, 12)).ToArbitrary(), pair =>
        {
            (double a, double b) = (pair.Item1 / 1000.0, 1.0);
            double error = Math.Pow(10, -pair.Item2);
            InverseApproximation inverse = InverseApproximation.ForError(a, b, error / a);
            SquareRootApproximation root = SquareRootApproximation.ForRelativeError(a, b, error);
            Assert.True(inverse.MaxError <= error / a && root.MaxRelativeError <= error);
            Assert.True(inverse.IterationCount == 0 || InverseApproximation.ErrorAfter(a, b, inverse.IterationCount - 1) > error / a);
            Assert.True(root.IterationCount == 1 || SquareRootApproximation.RelativeErrorAfter(a, b, root.IterationCount - 1) > error);
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("inverse", 0.5, 1.5, 3)]
    [InlineData("inverse", 0.2, 1, 5)]
    [InlineData("inverse", 1, 3, 0)]
    [InlineData("inverse root", 0.5, 1.5, 2)]
    [InlineData("inverse root", 0.2, 1, 3)]
    [InlineData("root", 0.5, 2, 2)]
    [InlineData("root", 0.05, 1, 3)]
    public void Evaluate_UnderEncryptionIsTheTwinWithinThePredictedNoiseAtTheAskedScale(string function, double a, double b, int iterations)
    {
        SeededRandom random = RingTestKit.Seeded(iterations, 51);
        CkksScene scene = _deep;
        Complex[] slots = [.. Enumerable.Range(0, scene.SlotCount).Select(_ => (Complex)(a + ((b - a) * random.NextDouble())))];
        int depth = Depth(function, a, b, iterations);
        Scale scale = Scale.FromLog2(35.5);
        using Ciphertext x = scene.Encrypt(slots, depth + 1);
        using Ciphertext y = Run(scene.Evaluator, x, function, (a, b, iterations), scale);
        ClearValue twin = Run(scene.Clear, scene.Twin(slots, depth + 1), function, (a, b, iterations), scale);
        RecordingEvaluator recorder = new(scene.Parameters);
        RecordedValue recorded = Run(recorder, recorder.Create(depth + 1, magnitude: CkksScene.Magnitude(slots)), function, (a, b, iterations), scale);
        Laws.AssertSame(twin, recorded, function);
        Assert.Equal((1, 2), (y.Level, y.PartCount));
        Assert.True(y.Scale.RelativeDifference(scale) < 1e-13, $"{y.Scale.Value:R} instead of {scale.Value:R}");
        scene.AssertSlots(i => twin[i], y, function, random);

        // A bound: every factor at its largest, which few slots reach, and no credit for errors that an iteration corrects.
        (double predicted, double measured) = scene.NoiseBits(twin.ToComplex(), y);
        double slack = 2 + (Math.Log2(b / a) * iterations / 2);
        Assert.InRange(measured, predicted - slack, predicted + 1);
    }

    [Fact]
    public void EvaluateInto_WritesOverItsOperandAndMovesNothingIntoItself()
    {
        SeededRandom random = RingTestKit.Seeded(53);
        Complex[] slots = [.. Enumerable.Range(0, _scene.SlotCount).Select(_ => (Complex)(1 + random.NextDouble()))];
        CkksEvaluator e = _scene.Evaluator;
        SignApproximation sign = SignApproximation.ForDepth(2, 1, 3);
        (Func<Ciphertext, Ciphertext> Plain, Action<Ciphertext> Into)[] forms =
        [
            (x => InverseApproximation.Create(1, 2, 1).Evaluate(e, x), x => InverseApproximation.Create(1, 2, 1).EvaluateInto(e, x, null, x)),
            (x => SquareRootApproximation.Create(1, 2, 1).Evaluate(e, x), x => SquareRootApproximation.Create(1, 2, 1).EvaluateInto(e, x, null, x)),
            (x => SquareRootApproximation.Create(1, 2, 1).EvaluateInverse(e, x),
                x => SquareRootApproximation.Create(1, 2, 1).EvaluateInverseInto(e, x, null, x)),
            (x => sign.Evaluate(e, x), x => sign.EvaluateInto(e, x, null, x)),
            (x => InnerSum.Evaluate(e, x, 1, 4), x => InnerSum.EvaluateInto(e, x, 1, 4, x)),
        ];
        foreach ((Func<Ciphertext, Ciphertext> plain, Action<Ciphertext> into) in forms)
        {
            using Ciphertext x = _scene.Encrypt(slots);
            using Ciphertext expected = plain(x);
            into(x);
            Assert.Equal(_scene.Residues(expected), _scene.Residues(x));
            Laws.AssertSame(expected, x, "into");
            Assert.Throws<ArgumentException>(() => e.MoveInto(x, x));
        }
    }

    [Fact]
    public void Create_RefusesWhatHasNoMeaning()
    {
        Assert.Throws<ArgumentException>(() => InverseApproximation.Create(0, 1, 3));
        Assert.Throws<ArgumentException>(() => InverseApproximation.Create(2, 1, 3));
        Assert.Throws<ArgumentException>(() => SquareRootApproximation.Create(-1, 1, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => SquareRootApproximation.Create(1, 2, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => InverseApproximation.Create(1, 2, 17));
        Assert.Throws<ArgumentOutOfRangeException>(() => InverseApproximation.ForError(1, 2, 0));
        Assert.Contains("16 iterations", Assert.Throws<ArgumentException>(() => InverseApproximation.ForError(1e-6, 1, 1e-9)).Message);
        using Ciphertext x = _scene.Encrypt(_scene.Slots(RingTestKit.Seeded(52)), 3);
        Assert.Contains("inverse with 2 iterations needs 4 level(s) and 3",
            Assert.Throws<LevelExhaustedException>(() => InverseApproximation.Create(1, 2, 2).Evaluate(_scene.Evaluator, x)).Message);
        Assert.Throws<LevelExhaustedException>(() => SquareRootApproximation.Create(1, 2, 1).Evaluate(_scene.Evaluator, x));
        Assert.Throws<LevelExhaustedException>(() => SquareRootApproximation.Create(1, 2, 2).EvaluateInverse(_scene.Evaluator, x));
    }

    private static int Depth(string function, double a, double b, int iterations) => function switch
    {
        "inverse" => InverseApproximation.Create(a, b, iterations).Depth,
        "root" => SquareRootApproximation.Create(a, b, iterations).Depth,
        _ => SquareRootApproximation.Create(a, b, iterations).InverseDepth,
    };

    private static T Run<T>(CircuitEvaluator<T> e, T x, string function, (double A, double B, int K) how, Scale scale)
        where T : class, ICircuitValue => function switch
        {
            "inverse" => InverseApproximation.Create(how.A, how.B, how.K).Evaluate(e, x, scale),
            "root" => SquareRootApproximation.Create(how.A, how.B, how.K).Evaluate(e, x, scale),
            _ => SquareRootApproximation.Create(how.A, how.B, how.K).EvaluateInverse(e, x, scale),
        };

    // On the clear twin of many levels, on a grid that has both ends and, for roots, the peak at x = S/3.
    private static (double[] X, ClearValue Y) OnTwin(double a, double b, int level, Func<ClearEvaluator, ClearValue, ClearValue> run)
    {
        ClearEvaluator twin = new(Core.Parameters.CkksParameters.CreateInsecure(
            13, [50, .. Enumerable.Repeat(40, 15)], [50, 50], 15, Scale.FromLog2(40)));
        double peak = (a + Math.Sqrt(a * b) + b) / 3;
        double[] x = [a, b, peak, .. Enumerable.Range(0, twin.SlotCount - 3).Select(i => a + ((b - a) * i / (twin.SlotCount - 4)))];
        return (x, run(twin, twin.Create(Core.Encoders.SlotVector.Padded(x, twin.SlotCount), level)));
    }
}
