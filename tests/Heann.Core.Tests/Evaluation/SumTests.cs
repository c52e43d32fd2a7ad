using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;
using Heann.Core.Rings;
using Heann.Core.Tests.Rings;

namespace Heann.Core.Tests.Evaluation;

/// <summary>Sums of many terms, real and imaginary parts, integer weights: to the bit against what they are short for, and refusals.</summary>
public sealed class SumTests(CkksScenes scenes)
{
    private readonly CkksScene _scene = scenes["N10L2Dnum3"];

    [Fact]
    public void SumOfProducts_IsToTheBitTheSumOfTensorProductsRelinearisedOnce() => Prop.ForAll(
        Gen.Choose(1, 9).Zip(Gen.Choose(0, 1000)).ToArbitrary(), pair =>
        {
            (int count, int seed) = (pair.Item1, pair.Item2);
            SeededRandom random = RingTestKit.Seeded(seed, count);
            Ciphertext[] values = [.. Enumerable.Range(0, 4).Select(_ => _scene.Encrypt(_scene.Slots(random)))];
            Ciphertext[] x = [.. Enumerable.Range(0, count).Select(_ => values[random.Next(4)])];
            Ciphertext[] y = [.. Enumerable.Range(0, count).Select(_ => values[random.Next(4)])];
            CkksEvaluator e = _scene.Evaluator;
            Ciphertext expected = e.TensorProduct(x[0], y[0]);
            for (int i = 1; i < count; i++)
            {
                using Ciphertext term = e.TensorProduct(x[i], y[i]);
                e.AddInto(expected, term, expected);
            }

            using Ciphertext sum = e.TensorProductSum(x, y);
            using Ciphertext relinearised = e.Relinearize(expected);
            using Ciphertext direct = e.SumOfProducts(x, y);
            Assert.Equal(_scene.Residues(expected), _scene.Residues(sum));
            Assert.Equal(_scene.Residues(relinearised), _scene.Residues(direct));
            Laws.AssertSame(expected, sum, "three parts");
            Laws.AssertSame(relinearised, direct, "two parts");
            expected.Dispose();
            Array.ForEach(values, value => value.Dispose());
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void TensorProductSums_AreToTheBitTheSumsOfTheirRows() => Prop.ForAll(
        (from rows in Gen.Choose(1, 10) from columns in Gen.Choose(1, 5) from seed in Gen.Choose(0, 1000) select (rows, columns, seed)).ToArbitrary(),
        shape =>
        {
            SeededRandom random = RingTestKit.Seeded(shape.rows, shape.columns, shape.seed);
            Ciphertext[] values = [.. Enumerable.Range(0, 4).Select(_ => _scene.Encrypt(_scene.Slots(random)))];
            Ciphertext[] x = [.. Enumerable.Range(0, shape.rows * shape.columns).Select(_ => values[random.Next(4)])];
            Ciphertext[] y = [.. Enumerable.Range(0, shape.columns).Select(_ => values[random.Next(4)])];
            CkksEvaluator e = _scene.Evaluator;
            Ciphertext[] sums = e.TensorProductSums(x, y);
            Assert.Equal(shape.rows, sums.Length);
            for (int r = 0; r < sums.Length; r++)
            {
                using Ciphertext expected = e.TensorProductSum(x.AsSpan(r * shape.columns, shape.columns), y);
                Assert.Equal(_scene.Residues(expected), _scene.Residues(sums[r]));
                Laws.AssertSame(expected, sums[r], $"row {r}");
            }

            // An operand as destination is replaced last.
            Ciphertext first = e.TensorProductSum(x.AsSpan(0, shape.columns), y);
            Ciphertext[] destinations = [x[0], .. sums.Skip(1)];
            e.TensorProductSumsInto(x, y, destinations);
            Assert.Equal(_scene.Residues(first), _scene.Residues(x[0]));
            first.Dispose();
            Array.ForEach([.. sums, .. values], value => value.Dispose());
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void SumOfProducts_TakesOneKeySwitchHoweverManyProducts()
    {
        RecordingEvaluator recorder = new(_scene.Parameters);
        RecordedValue[] x = [.. Enumerable.Range(0, 20).Select(_ => recorder.Create())];
        recorder.Rescale(recorder.SumOfProducts(x, x));
        Assert.Equal((20, 1, 1), (recorder.ProductCount, recorder.KeySwitchCount, recorder.RescaleCount));
    }

    [Fact]
    public void Sum_IsToTheBitOneAdditionAfterAnotherAndCountsARepeatedTermOftenEnough()
    {
        SeededRandom random = RingTestKit.Seeded(41);
        CkksEvaluator e = _scene.Evaluator;
        using Ciphertext x = _scene.Encrypt(_scene.Slots(random));
        using Ciphertext y = _scene.Encrypt(_scene.Slots(random));
        using Ciphertext sum = e.Sum(x, y, x, x);
        using Ciphertext expected = e.Add(e.MultiplyInteger(x, 3), y);
        Assert.Equal(_scene.Residues(expected), _scene.Residues(sum));
        Laws.AssertSame(expected, sum, "3x + y");
    }

    [Fact]
    public void SplitAndJoin_AreInverseToEachOtherAndExactButForTheKeySwitch()
    {
        SeededRandom random = RingTestKit.Seeded(42);
        CkksEvaluator e = _scene.Evaluator;
        Complex[] a = _scene.Slots(random);
        using Ciphertext x = _scene.Encrypt(a);
        (Ciphertext real, Ciphertext imaginary) = e.Split(x);
        using Ciphertext joined = e.Join(real, imaginary);
        Assert.Equal((x.Level, x.Scale * new Scale(2)), (joined.Level, joined.Scale));
        _scene.AssertSlots(i => a[i].Real, real, "real part", random);
        _scene.AssertSlots(i => a[i].Imaginary, imaginary, "imaginary part", random);
        _scene.AssertSlots(a, joined, "joined", random);

        // Re x + i·Im x = (x + x̄ + x − x̄)/2: residues of 2x, the switched parts cancel.
        using Ciphertext twice = e.Add(x, x);
        Assert.Equal(_scene.Residues(twice), _scene.Residues(joined));
        real.Dispose();
        imaginary.Dispose();
    }

    [Fact]
    public void MultiplyImaginaryUnit_FourTimesIsTheIdentityToTheBit()
    {
        using Ciphertext x = _scene.Encrypt(_scene.Slots(RingTestKit.Seeded(43)));
        using Ciphertext y = _scene.Evaluator.Copy(x);
        for (int i = 0; i < 4; i++)
        {
            _scene.Evaluator.MultiplyImaginaryUnitInto(y, y);
        }

        Assert.Equal(_scene.Residues(x), _scene.Residues(y));
        Laws.AssertSame(x, y, "i⁴");
    }

    [Theory]
    [InlineData("SumOfProducts", 1)]
    [InlineData("Sum", 2)]
    [InlineData("Split", 3)]
    [InlineData("weights", 4)]
    public void Operation_HasThePredictedError(string operation, int seed)
    {
        CkksScene scene = scenes["N10L5Dnum3"];
        SeededRandom random = RingTestKit.Seeded(seed, 44);
        Complex[][] slots = [.. Enumerable.Range(0, 8).Select(_ => scene.UnitSlots(random))];
        Ciphertext[] x = [.. slots.Select(s => scene.Encrypt(s))];
        CkksEvaluator e = scene.Evaluator;
        long[] weights = [.. Enumerable.Range(0, 8).Select(_ => random.NextInt64(-1 << 20, 1 << 20))];
        (Ciphertext actual, Func<int, Complex> expected) = operation switch
        {
            "SumOfProducts" => (e.Rescale(e.SumOfProducts(x, [.. x[1..], x[0]])),
                (Func<int, Complex>)(i => Enumerable.Range(0, 8).Aggregate(Complex.Zero, (z, k) => z + (slots[k][i] * slots[(k + 1) % 8][i])))),
            "Sum" => (e.Sum(x), i => slots.Aggregate(Complex.Zero, (z, s) => z + s[i])),
            "Split" => (e.Join(e.Rotate(e.Split(x[0]).Real, 0), e.Split(x[1]).Imaginary), i => new(slots[0][i].Real, slots[1][i].Imaginary)),
            _ => (Weighted(e, weights, x), i => slots.Select((s, k) => s[i] * weights[k] / (1 << 20)).Aggregate(Complex.Zero, (z, w) => z + w)),
        };
        (double predicted, double measured) = scene.NoiseBits([.. Enumerable.Range(0, scene.SlotCount).Select(expected)], actual);
        Assert.InRange(measured, predicted - 1.5, predicted + 0.6);
    }

    [Fact]
    public void Operation_RefusesWhatDoesNotFit()
    {
        CkksEvaluator e = _scene.Evaluator;
        using Ciphertext x = _scene.Encrypt(_scene.Slots(RingTestKit.Seeded(45)));
        using Ciphertext lower = e.DropLevel(x, 1);
        using Ciphertext zero = e.DropLevel(x, 0);
        using Ciphertext scaled = e.MultiplyConstant(x, 1, Scale.FromLog2(3));
        using Ciphertext d = e.Allocate(0);
        Assert.Throws<ArgumentOutOfRangeException>(() => e.Sum());
        Assert.Throws<LevelMismatchException>(() => e.Sum(x, lower));
        Assert.Throws<ScaleMismatchException>(() => e.Sum(x, scaled));
        Assert.Throws<ScaleMismatchException>(() => e.SumOfProducts([x, x], [x, scaled]));
        Assert.Contains("2 and 1", Assert.Throws<ArgumentException>(() => e.SumOfProducts([x, x], [x])).Message);
        Assert.Throws<LevelExhaustedException>(() => e.SumOfProducts([zero], [zero]));
        Assert.Contains("3 left factors are not 1 rows of 2", Assert.Throws<ArgumentException>(() => e.TensorProductSumsInto([x, x, x], [x, x], [d])).Message);
        Assert.Contains("occurs twice", Assert.Throws<ArgumentException>(() => e.TensorProductSumsInto([x, x], [x], [d, d])).Message);
        Assert.Throws<ScaleMismatchException>(() => e.TensorProductSums([x, scaled], [x]));
        Assert.Throws<LevelMismatchException>(() => e.TensorProductSums([x, lower], [x]));
        Assert.Throws<LevelExhaustedException>(() => e.MultiplyIntegerMatrixInto([1], [zero], new Scale(2), [d]));
        Assert.Contains("3 weights", Assert.Throws<ArgumentException>(() => e.MultiplyIntegerMatrixInto([1, 2, 3], [x], new Scale(1), [d])).Message);
        Assert.Contains("2^62", Assert.Throws<ArgumentOutOfRangeException>(() => e.MultiplyIntegerMatrixInto([long.MinValue], [x], new Scale(1), [d])).Message);
        Assert.Contains("occurs twice", Assert.Throws<ArgumentException>(() => e.MultiplyIntegerMatrixInto([1, 1], [x], new Scale(1), [d, d])).Message);
        Assert.Contains("occurs twice", Assert.Throws<ArgumentException>(() => e.RotateManyInto(x, [1, 2], [d, d])).Message);
        Assert.Contains("need as many", Assert.Throws<ArgumentException>(() => e.RotateManyInto(x, [1, 2], [d])).Message);
        Assert.Contains("destination each", Assert.Throws<ArgumentException>(() => e.SplitInto(x, d, d)).Message);
    }

    [Fact]
    public void Destination_IsAsItWasWhenAnOperationIsRefused()
    {
        CkksEvaluator e = _scene.Evaluator;
        SeededRandom random = RingTestKit.Seeded(46);
        using Ciphertext x = _scene.Encrypt(_scene.Slots(random));
        using Ciphertext d = _scene.Encrypt(_scene.Slots(random), 1);
        ulong[][] before = _scene.Residues(d);
        Assert.Throws<MissingKeyException>(() => e.RotateInto(x, 77, d));
        Assert.Throws<MissingKeyException>(() => e.RotateManyInto(x, [1, 77], [d, x]));
        Assert.Throws<LevelMismatchException>(() => e.SumInto([x, d], d));
        using CancellationTokenSource source = new();
        source.Cancel();
        CkksEvaluator cancelled = _scene.Context.CreateEvaluator(_scene.Keys, cancellation: source.Token);
        Assert.Throws<OperationCanceledException>(() => cancelled.AddInto(x, x, d));
        Assert.Equal((1, 0L), (d.Level, cancelled.OperationCount));
        Assert.Equal(before, _scene.Residues(d));
    }

    private static Ciphertext Weighted(CkksEvaluator e, long[] weights, Ciphertext[] x)
    {
        Ciphertext result = e.Allocate(0);
        e.MultiplyIntegerMatrixInto(weights, x, Scale.FromLog2(20), [result]);
        return result;
    }
}
