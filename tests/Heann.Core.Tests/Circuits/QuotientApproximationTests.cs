using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using Heann.Core.Ciphertexts;
using Heann.Core.Circuits;
using Heann.Core.Encoders;
using Heann.Core.Evaluation;
using Heann.Core.Parameters;
using Heann.Core.Tests.Evaluation;
using Heann.Core.Tests.Rings;

namespace Heann.Core.Tests.Circuits;

/// <summary>n/x: the closed form in the clear, the stated error reached and never exceeded, and the same under encryption.</summary>
public sealed class QuotientApproximationTests(CkksScenes scenes)
{
    private readonly CkksScene _scene = scenes["N6L7Dnum2"];

    private readonly CkksScene _deep = scenes["N11L12Dnum2"];

    // 1 − T_M(z)/T_M(z₀) by cosines and hyperbolic cosines, without any recurrence.
    [Theory]
    [InlineData(0.5, 1.5, 2)]
    [InlineData(5, 808, 6)]
    [InlineData(3, 40, 5)]
    [InlineData(1, 2, 1)]
    [InlineData(7, 90000, 10)]
    public void Quotient_IsTheChebyshevPolynomialAndItsErrorTheStatedOne(double a, double b, int iterations)
    {
        QuotientApproximation quotient = QuotientApproximation.Create(a, b, iterations);
        double degree = Math.Pow(2, iterations), atZero = Math.Cosh(degree * Math.Acosh((a + b) / (b - a)));
        ClearEvaluator twin = new(CkksParameters.CreateInsecure(
            13, [50, .. Enumerable.Repeat(40, 12)], [50, 50], 12, Scale.FromLog2(40)));
        double[] x = [a, b, .. Enumerable.Range(0, twin.SlotCount - 2).Select(i => a + ((b - a) * i / (twin.SlotCount - 3)))];
        double w = quotient.InputScale;
        ClearValue scaled = twin.Create(SlotVector.Padded([.. x.Select(v => w * v)], twin.SlotCount), iterations);
        ClearValue third = twin.Create(SlotVector.Constant(w / 3), iterations);
        ClearValue[] y = quotient.EvaluateScaled(twin, [third, scaled], scaled);
        double worst = 0;
        for (int i = 0; i < x.Length; i++)
        {
            double z = (a + b - (2 * x[i])) / (b - a);
            double one = 1 - (Math.Cos(degree * Math.Acos(Math.Clamp(z, -1, 1))) / atZero);
            Assert.Equal(one, y[1][i].Real, 1e-9);
            Assert.Equal(one / 3 / x[i], y[0][i].Real, 1e-9 / a);
            double[] plain = quotient.EvaluateScaled([w / 3, w * x[i]], w * x[i]);
            Assert.Equal(y[0][i].Real, plain[0], 1e-12 / a);
            Assert.Equal(y[1][i].Real, plain[1], 1e-12);
            worst = Math.Max(worst, Math.Abs(y[1][i].Real - 1));
        }

        Assert.InRange(worst, (quotient.MaxRelativeError * (1 - 1e-6)) - 1e-11, (quotient.MaxRelativeError * (1 + 1e-6)) + 1e-11);
        Assert.Equal((0, 0), (y[0].Level, y[1].Level));
    }

    [Fact]
    public void Property_TheErrorIsReachedAtTheEndsAndTheFewestIterationsAreChosen() => Prop.ForAll(
        Gen.Choose(1, 999).Zip(Gen.Choose(1, 12)).Zip(Gen.Choose(1, 100)).ToArbitrary(), sample =>
        {
            ((int low, int digits), int scale) = sample;
            (double a, double b) = (scale * low / 1000.0, scale);
            double error = Math.Pow(10, -digits);
            QuotientApproximation quotient = QuotientApproximation.ForRelativeError(a, b, error);
            Assert.True(quotient.MaxRelativeError <= error);
            Assert.True(
                quotient.IterationCount == 1 || QuotientApproximation.RelativeErrorAfter(a, b, quotient.IterationCount - 1) > error);

            // Never worse than Goldschmidt's after as many factors.
            double goldschmidt = Math.Pow((b - a) / (b + a), Math.Pow(2, quotient.IterationCount));
            Assert.True(quotient.MaxRelativeError <= goldschmidt * (1 + 1e-12));
            foreach (double x in (double[])[a, b, a + ((b - a) * 0.37), a + ((b - a) * 0.01)])
            {
                double relative = quotient.EvaluateScaled([quotient.InputScale * x], quotient.InputScale * x)[0] - 1;
                Assert.True(Math.Abs(relative) <= quotient.MaxRelativeError + 1e-10, $"{relative:E3} at {x}: {quotient}");
                if (x == a || x == b)
                {
                    Assert.Equal(quotient.MaxRelativeError, Math.Abs(relative), 1e-10);
                }
            }
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0.5, 1.5, 2)]
    [InlineData(3, 40, 5)]
    [InlineData(5, 808, 6)]
    public void EvaluateScaled_UnderEncryptionIsTheTwinAtTheAskedScale(double a, double b, int iterations)
    {
        QuotientApproximation quotient = QuotientApproximation.Create(a, b, iterations);
        SeededRandom random = RingTestKit.Seeded(iterations, 61);
        CkksScene scene = _deep;
        Complex[] slots =
            [.. Enumerable.Range(0, scene.SlotCount).Select(_ => (Complex)(quotient.InputScale * (a + ((b - a) * random.NextDouble()))))];
        Scale scale = Scale.FromLog2(35.5);
        int level = iterations + 1;
        Scale first = quotient.InputScaleOf(scene.Clear, level, scale);
        RecordingEvaluator recorder = new(scene.Parameters);
        using Ciphertext x = AtScale(scene.Evaluator, scene.Encrypt(slots, level + 1), first);
        ClearValue twin = AtScale(scene.Clear, scene.Twin(slots, level + 1), first);
        RecordedValue recorded = AtScale(recorder, recorder.Create(level + 1, magnitude: CkksScene.Magnitude(slots)), first);
        Ciphertext[] results = quotient.EvaluateScaled(scene.Evaluator, [x, x], x);
        ClearValue[] twins = quotient.EvaluateScaled(scene.Clear, [twin, twin], twin);
        Laws.AssertSame(twins[0], quotient.EvaluateScaled(recorder, [recorded, recorded], recorded)[0], "quotient");
        foreach (Ciphertext y in results)
        {
            Assert.Equal((1, 2), (y.Level, y.PartCount));
            Assert.True(y.Scale.RelativeDifference(scale) < 1e-12, $"{y.Scale.Value:R} instead of {scale.Value:R}");
            scene.AssertSlots(i => twins[0][i], y, "quotient", random);
            y.Dispose();
        }

        // The operand is as it was.
        scene.AssertSlots(i => twin[i], x, "operand", random);
    }

    [Fact]
    public void WhatHasNoMeaning_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => QuotientApproximation.Create(0, 1, 3));
        Assert.Throws<ArgumentException>(() => QuotientApproximation.Create(2, 1, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => QuotientApproximation.Create(1, 2, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => QuotientApproximation.Create(1, 2, 17));
        Assert.Throws<ArgumentOutOfRangeException>(() => QuotientApproximation.ForRelativeError(1, 2, 0));
        using Ciphertext x = _scene.Encrypt(_scene.Slots(RingTestKit.Seeded(62)), 2);
        QuotientApproximation quotient = QuotientApproximation.Create(1, 2, 3);
        Assert.Contains("quotient with 3 iterations needs 3 level(s) and 2",
            Assert.Throws<LevelExhaustedException>(() => quotient.EvaluateScaled(_scene.Evaluator, [x], x)).Message);
        Assert.Throws<LevelExhaustedException>(() => quotient.InputScaleOf(_scene.Evaluator, 2));
    }

    // By one level and a constant 1: what comes before a division makes its scale so.
    private static T AtScale<T>(CircuitEvaluator<T> e, T x, Scale scale)
        where T : class, ICircuitValue
    {
        using (x)
        {
            return InverseApproximation.Affine(e, x, 1, 0, scale);
        }
    }
}
