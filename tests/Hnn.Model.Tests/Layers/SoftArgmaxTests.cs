using FsCheck;
using FsCheck.Fluent;
using Heann.Core;
using Heann.Core.Ciphertexts;
using Heann.Core.Encoders;
using Heann.Core.Evaluation;
using Hnn.Model.Approximations;
using Hnn.Model.Layers;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Layers;

/// <summary>The soft-argmax of more than two classes, in one ciphertext and in n: encrypted = clear twin = exact softmax within the stated
/// error.</summary>
public sealed class SoftArgmaxTests(ITestOutputHelper output)
{
    // Classes, T, ends of the interval, degree.
    public static TheoryData<int, double, double, double, int> Shapes => new()
    {
        { 3, 2, -8, 8, 31 }, { 4, 1, -4, 4, 15 }, { 5, 0.9, -6, 6, 15 }, { 6, 0.5, -3, 5, 15 }, { 7, 3, -5, 2, 15 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void OneCiphertext_EqualsTheTwinEncryptedAndTheSoftmax(int classCount, double temperature, double low, double high, int degree)
    {
        foreach (Release release in Enum.GetValues<Release>())
        {
            SoftArgmax softArgmax = new(new(temperature, low, high) { Degree = degree, Release = release }, classCount);
            LayerScene scene = new(InsecureSets.For(softArgmax.ProductLevels, 10));
            double[] logits = Logits(new(classCount), softArgmax);
            SlotVector mapped = Packed(softArgmax, logits);
            AssertIsTheSoftmax(softArgmax, logits, scene.Clear(new OneLayer(softArgmax), [mapped], mapped)[0], softArgmax.MaxError);
            ClearEvaluator exactly = new(scene.Parameters, usesExactFunctions: true);
            AssertIsTheSoftmax(
                softArgmax, logits, softArgmax.Forward(exactly, exactly.Create(mapped), exactly.Parameters.DefaultScale).ToReal(), 1e-13);
            double error = scene.AssertEncryptedEqualsClear(new OneLayer(softArgmax), [mapped], mapped, ErrorBudgets.Softmax);
            output.WriteLine(
                $"{classCount} classes, {release}, {softArgmax.ProductLevels.Count} levels: polynomials {softArgmax.MaxError:E2}, noise {error:E2}");
        }
    }

    // Every slot another sentence.
    [Theory]
    [MemberData(nameof(Shapes))]
    public void OneCiphertextForEachClass_EqualsTheTwinEncryptedAndTheSoftmax(
        int classCount, double temperature, double low, double high, int degree)
    {
        foreach (Release release in Enum.GetValues<Release>())
        {
            SoftArgmax softArgmax = new(new(temperature, low, high) { Degree = degree, Release = release }, classCount);
            LayerScene scene = new(InsecureSets.For(Enumerable.Repeat(true, softArgmax.Depth), 10));
            Random random = new(classCount);
            double[][] logits = [.. Enumerable.Range(0, scene.Parameters.SlotCount).Select(_ => Logits(random, softArgmax))];
            double[][] mapped = [.. logits.Select(x => Mapped(softArgmax, x))];
            SlotVector[] inputs = [.. Enumerable.Range(0, classCount).Select(c => SlotVector.Periodic([.. mapped.Select(t => t[c])]))];
            double[][] clear = scene.Clear(new ManyLayer(softArgmax), inputs, inputs[0]);
            Assert.Equal(release == Release.Probabilities ? classCount : 1, clear.Length);
            for (int s = 0; s < logits.Length; s++)
            {
                double[] expected = Expected(softArgmax, logits[s]);
                for (int i = 0; i < clear.Length; i++)
                {
                    Assert.InRange(Math.Abs(clear[i][s] - expected[i]), 0, Bound(softArgmax, softArgmax.MaxError));
                }
            }

            double error = scene.AssertEncryptedEqualsClear(new ManyLayer(softArgmax), inputs, inputs[0], ErrorBudgets.Softmax);
            output.WriteLine($"{classCount} classes, {release}, {softArgmax.Depth} levels: noise {error:E2}");
        }
    }

    [Fact]
    public void Property_TheTwinIsTheSoftmaxWithinTheStatedError() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(40), Prop.ForAll(
            (from classCount in Gen.Choose(3, 7)
             from tenths in Gen.Choose(3, 40)
             from width in Gen.Choose(2, 7)
             from release in Gen.Elements(Enum.GetValues<Release>())
             from seed in Gen.Choose(0, 1 << 20)
             select (classCount, tenths, width, release, seed)).ToArbitrary(),
            sample =>
            {
                SoftArgmaxConfig config = new(sample.tenths / 10.0, -sample.width, sample.width) { Degree = 31, Release = sample.release };
                SoftArgmax softArgmax = new(config, sample.classCount);
                double[] logits = Logits(new(sample.seed), softArgmax);
                ClearEvaluator twin = new(InsecureSets.For(softArgmax.ProductLevels, 6));
                ClearValue result = softArgmax.Forward(twin, twin.Create(Packed(softArgmax, logits)), twin.Parameters.DefaultScale);
                Assert.Equal(0, result.Level);
                AssertIsTheSoftmax(softArgmax, logits, result.ToReal(), softArgmax.MaxError);
            }));

    // A neighbour of y that were a probability would release more than was asked for.
    [Fact]
    public void SoftArgmaxAlone_StandsInEverySlotAndNothingElse()
    {
        SoftArgmax softArgmax = new(new(1, -4, 4) { Release = Release.SoftArgmax }, 5);
        ClearEvaluator twin = new(InsecureSets.For(softArgmax.ProductLevels, 6));
        double[] slots = softArgmax.Forward(
            twin, twin.Create(Packed(softArgmax, [1, -1, 0.5, 2, 0])), twin.Parameters.DefaultScale).ToReal();
        Assert.All(slots, slot => Assert.Equal(slots[0], slot, 1e-12));
    }

    [Fact]
    public void OutOfRangeArguments_AreDetectedFromTheDecryptedValues()
    {
        SoftArgmax softArgmax = new(new(1, -4, 4), 5);
        ClearEvaluator twin = new(InsecureSets.For(softArgmax.ProductLevels, 6));
        double[] slots = softArgmax.Forward(
            twin, twin.Create(Packed(softArgmax, [9, 0, 0, 0, 0])), twin.Parameters.DefaultScale).ToReal();
        Assert.True(new ReleasedValue(slots[..5]).IsOutOfRange);
    }

    [Fact]
    public void TwoClasses_AreTheSigmoidInEitherForm()
    {
        SoftArgmax softArgmax = new(new(2, -8, 8));
        Assert.Equal((1, 2, Release.SoftArgmax), (softArgmax.PlaceCount, softArgmax.ClassCount, softArgmax.Release));
        Assert.Equal([true, true, true, true], softArgmax.ProductLevels);
        ClearEvaluator twin = new(InsecureSets.For(softArgmax.ProductLevels, 6));
        ClearValue mapped = twin.Create(SlotVector.Constant(0.25));
        ClearValue one = softArgmax.Forward(twin, mapped, twin.Parameters.DefaultScale);
        Assert.Equal(one.ToReal(), Assert.Single(softArgmax.Forward(twin, [mapped], twin.Parameters.DefaultScale)).ToReal());
        Assert.Equal(softArgmax.Polynomial.Evaluate(2), one[0].Real, 1e-12);
        LinearWeights folded = softArgmax.FoldInto(new([1, 2, 5, 7], [0.5, 1], 2, 2));
        Assert.Equal([4.0 / 16, 5.0 / 16], folded.Weight);
        Assert.Equal([0.5 / 16], folded.Bias);
    }

    [Fact]
    public void WhatHasNoMeaning_IsRefused()
    {
        SoftArgmax softArgmax = new(new(1, -4, 4), 5);
        ClearEvaluator twin = new(InsecureSets.For(softArgmax.ProductLevels, 6));
        ClearValue mapped = twin.Create(SlotVector.Constant(0));
        Assert.Contains("5 classes take 5", Assert.Throws<ArgumentException>(
            () => softArgmax.Forward(twin, [mapped], twin.Parameters.DefaultScale)).Message, StringComparison.Ordinal);
        ClearValue low = twin.Create(SlotVector.Constant(0), level: softArgmax.Depth - 1);
        Assert.Contains($"takes {softArgmax.Depth} levels", Assert.Throws<LevelExhaustedException>(
            () => softArgmax.Forward(twin, low, twin.Parameters.DefaultScale)).Message, StringComparison.Ordinal);
        Assert.Contains("the classifier has 3", Assert.Throws<ArgumentException>(
            () => softArgmax.FoldInto(RandomNetwork.Map(new(1), 3, 4))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new SoftArgmax(new(1, -4, 4) { Release = Release.Probabilities }, 2));
        Assert.Throws<ArgumentException>(() => new SoftArgmax(new(1, 1, 4), 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SoftArgmax(new(1, -4, 4), 1));
    }

    private static double Bound(SoftArgmax softArgmax, double probability) =>
        (softArgmax.Release == Release.SoftArgmax ? probability * softArgmax.ClassCount * (softArgmax.ClassCount - 1) / 2 : probability) + 1e-12;

    private static void AssertIsTheSoftmax(SoftArgmax softArgmax, double[] logits, double[] slots, double error)
    {
        double[] expected = Expected(softArgmax, logits);
        for (int slot = 0; slot < slots.Length; slot++)
        {
            int place = slot % softArgmax.PlaceCount;
            double want = softArgmax.Release == Release.SoftArgmax ? expected[0] : place < expected.Length ? expected[place] : 0;
            Assert.InRange(Math.Abs(slots[slot] - want), 0, Bound(softArgmax, error));
        }
    }

    private static double[] Expected(SoftArgmax softArgmax, double[] logits)
    {
        double[] powers = [.. logits.Select(x => Math.Exp(x / softArgmax.Temperature))];
        double[] probabilities = [.. powers.Select(p => p / powers.Sum())];
        return softArgmax.Release == Release.SoftArgmax ? [probabilities.Select((p, i) => i * p).Sum()] : probabilities;
    }

    // Random logits whose arguments just fit the interval, with a mean that is none of it.
    private static double[] Logits(Random random, SoftArgmax softArgmax)
    {
        double[] raw = [.. Enumerable.Range(0, softArgmax.ClassCount).Select(_ => (2 * random.NextDouble()) - 1)];
        double[] centred = [.. raw.Select(v => v - raw.Average())];
        double factor = Math.Min(softArgmax.Polynomial.UpperBound / centred.Max(), softArgmax.Polynomial.LowerBound / centred.Min());
        double size = factor * random.NextDouble() * softArgmax.Temperature, shift = random.NextDouble() * 100;
        return [.. centred.Select(v => (v * size) + shift)];
    }

    private static double[] Mapped(SoftArgmax softArgmax, double[] logits)
    {
        LinearWeights identity = new(
            [.. Enumerable.Range(0, logits.Length * logits.Length).Select(i => i / logits.Length == i % logits.Length ? 1.0 : 0)],
            new double[logits.Length], logits.Length, logits.Length);
        LinearWeights folded = softArgmax.FoldInto(identity);
        return [.. Enumerable.Range(0, logits.Length).Select(o => folded.Bias[o] + logits.Select((x, i) => folded[o, i] * x).Sum())];
    }

    private static SlotVector Packed(SoftArgmax softArgmax, double[] logits)
    {
        double[] mapped = Mapped(softArgmax, logits);
        return SlotVector.Periodic([.. Enumerable.Range(0, softArgmax.PlaceCount).Select(i => i < mapped.Length ? mapped[i] : 0)]);
    }

    private sealed record OneLayer(SoftArgmax SoftArgmax) : ILayer
    {
        public T[] Forward<T>(CircuitEvaluator<T> evaluator, T[] x, T mask)
            where T : class, ICircuitValue => [SoftArgmax.Forward(evaluator, x[0], new Scale(x[0].Scale.Value))];
    }

    private sealed record ManyLayer(SoftArgmax SoftArgmax) : ILayer
    {
        public T[] Forward<T>(CircuitEvaluator<T> evaluator, T[] x, T mask)
            where T : class, ICircuitValue => SoftArgmax.Forward(evaluator, x, new Scale(x[0].Scale.Value));
    }
}
