using System.Numerics;
using Heann.Core.Ciphertexts;
using Heann.Core.Circuits;
using Heann.Core.Evaluation;
using Heann.Core.Tests.Evaluation;
using Heann.Core.Tests.Rings;

namespace Heann.Core.Tests.Circuits;

/// <summary>Integer-weight matrices over ciphertext columns against the naive sum, in the clear and under encryption.</summary>
public sealed class ModularMatrixProductTests(CkksScenes scenes)
{
    private readonly CkksScene _scene = scenes["N10L2Dnum3"];

    [Theory]
    [InlineData(1, 1, 36, 1)]
    [InlineData(5, 3, 36, 2)]
    [InlineData(17, 9, 26, 8)]
    [InlineData(4, 16, 12, 3)]
    public void Evaluate_IsTheNaiveSumWithinThePredictedNoise(int rows, int columns, int weightBits, int groupSize)
    {
        SeededRandom random = RingTestKit.Seeded(rows, columns);
        double[,] w = Random(rows, columns, random);
        double[] bias = [.. Enumerable.Range(0, rows).Select(_ => random.NextDouble() - 0.5)];
        ModularMatrixProduct product = new(w, Scale.FromLog2(weightBits), bias);
        Complex[][] slots = [.. Enumerable.Range(0, columns).Select(_ => _scene.UnitSlots(random))];
        Ciphertext[] x = [.. slots.Select(s => _scene.Encrypt(s))];
        ClearValue[] twins = product.Evaluate(_scene.Clear, [.. slots.Select(s => _scene.Twin(s))]);
        double squares = 0;
        double predictedSquares = 0;
        int seen = 0;
        product.Stream(_scene.Evaluator, x, (row, y) =>
        {
            Assert.Equal(seen++, row);
            Assert.Equal(1, y.Level);
            Complex Rounded(int i) => bias[row] + Enumerable.Range(0, columns).Aggregate(Complex.Zero, (z, c) => z + (product.Weight(row, c) * slots[c][i]));
            Complex Wanted(int i) => bias[row] + Enumerable.Range(0, columns).Aggregate(Complex.Zero, (z, c) => z + (w[row, c] * slots[c][i]));
            Laws.AssertSame(twins[row], y, $"row {row}");
            Complex[] decrypted = _scene.Decrypt(y);
            double bound = 20 * y.Noise.SlotError(_scene.Parameters.RingDegree, y.Scale);
            for (int i = 0; i < decrypted.Length; i++)
            {
                Assert.True((twins[row][i] - Rounded(i)).Magnitude < 1e-12);
                Assert.True((decrypted[i] - Wanted(i)).Magnitude < bound, $"row {row}, slot {i}; seed {random.Seed}");
                squares += Math.Pow((decrypted[i] - Wanted(i)).Magnitude, 2) / 2;
            }

            predictedSquares += decrypted.Length * Math.Pow(y.Noise.SlotError(_scene.Parameters.RingDegree, y.Scale), 2);
            y.Dispose();
        }, groupSize);
        Assert.Equal(rows, seen);

        // Of few weights the rounding is one draw: only with many is it near its expectation.
        Assert.InRange(Math.Log2(squares / predictedSquares) / 2, rows * columns < 16 ? -6 : -1, 1);
    }

    // Cut anywhere, the blocks' sums are the whole product: same integers, same residues.
    [Theory]
    [InlineData(1, 1, 1, 1)]
    [InlineData(5, 7, 2, 3)]
    [InlineData(9, 4, 9, 1)]
    [InlineData(10, 6, 3, 6)]
    public void Blocks_AddUpToTheWholeProduct(int rows, int columns, int rowStep, int columnStep)
    {
        SeededRandom random = RingTestKit.Seeded(rows, columns, 11);
        double[] bias = [.. Enumerable.Range(0, rows).Select(_ => random.NextDouble() - 0.5)];
        ModularMatrixProduct product = new(Random(rows, columns, random), Scale.FromLog2(30), bias);
        Ciphertext[] x = [.. Enumerable.Range(0, columns).Select(_ => _scene.Encrypt(_scene.UnitSlots(random)))];
        Ciphertext?[] whole = new Ciphertext?[rows];
        product.AddTo(_scene.Evaluator, x, whole);
        Ciphertext?[] sums = new Ciphertext?[rows];
        for (int r = 0; r < rows; r += rowStep)
        {
            int rowEnd = Math.Min(rows, r + rowStep);
            for (int c = 0; c < columns; c += columnStep)
            {
                int columnEnd = Math.Min(columns, c + columnStep);
                ModularMatrixProduct block = product.Block(r..rowEnd, c..columnEnd);
                Assert.Equal((rowEnd - r, columnEnd - c), (block.RowCount, block.ColumnCount));
                Assert.Equal(product.Weight(r, c), block.Weight(0, 0));
                block.AddTo(_scene.Evaluator, x.AsSpan(c, columnEnd - c), sums.AsSpan(r, rowEnd - r));
            }
        }

        Assert.All(whole.Zip(sums), pair =>
        {
            (Ciphertext expected, Ciphertext sum) = (pair.First!, pair.Second!);
            Assert.Equal(_scene.Residues(expected), _scene.Residues(sum));
            Assert.Equal((expected.Level, expected.Scale), (sum.Level, sum.Scale));
            Assert.Equal(1, sum.Noise.Sigma / expected.Noise.Sigma, 1e-9);
        });
        Assert.Contains("rows and columns", Assert.Throws<ArgumentException>(() => product.Block(..0, ..)).Message, StringComparison.Ordinal);
        Assert.ThrowsAny<ArgumentException>(() => product.Block(..(rows + 1), ..));
    }

    [Theory]
    [InlineData(3, 5, 4)]
    [InlineData(9, 2, 1)]
    public void ColumnsOfDifferentScales_MeetAtOneScaleWithinThePredictedNoise(int rows, int columns, int groupSize)
    {
        SeededRandom random = RingTestKit.Seeded(rows, columns, 7);
        double[,] w = Random(rows, columns, random);
        Complex[][] slots = [.. Enumerable.Range(0, columns).Select(_ => _scene.UnitSlots(random))];

        // Each column at a scale of its own, each weight at what is missing to 2^66.
        Scale[] scales = [.. Enumerable.Range(0, columns).Select(c => Scale.FromLog2(36 + (c * 0.75)))];
        Ciphertext[] x = [.. slots.Select((s, c) => _scene.Encrypt(s, 2, scales[c]))];
        ModularMatrixProduct product = new(w, [.. scales.Select(scale => Scale.FromLog2(66) / scale.Value)]);
        ClearValue[] twins = product.Evaluate(_scene.Clear, [.. slots.Select((s, c) => _scene.Twin(s, 2, scales[c]))]);
        product.Stream(_scene.Evaluator, x, (row, y) =>
        {
            Laws.AssertSame(twins[row], y, $"row {row}");
            Assert.Equal(66 - _scene.Parameters.BasisQ[2].Log2, y.Scale.Log2, 1e-9);
            Complex[] decrypted = _scene.Decrypt(y);
            double bound = 20 * y.Noise.SlotError(_scene.Parameters.RingDegree, y.Scale);
            for (int i = 0; i < decrypted.Length; i++)
            {
                Complex wanted = Enumerable.Range(0, columns).Aggregate(Complex.Zero, (z, c) => z + (w[row, c] * slots[c][i]));
                Assert.True((twins[row][i] - wanted).Magnitude < 1e-6, $"twin, row {row}, slot {i}; seed {random.Seed}");
                Assert.True((decrypted[i] - wanted).Magnitude < bound, $"row {row}, slot {i}; seed {random.Seed}");
            }

            y.Dispose();
        }, groupSize);
    }

    [Fact]
    public void AddTo_OverAFewColumnsAtATimeIsToTheBitOneProductBeforeItsRescaling()
    {
        SeededRandom random = RingTestKit.Seeded(91);
        double[,] w = Random(5, 7, random);
        double[] bias = [.. Enumerable.Range(0, 5).Select(_ => random.NextDouble())];
        Scale scale = Scale.FromLog2(30);
        Ciphertext[] x = [.. Enumerable.Range(0, 7).Select(_ => _scene.Encrypt(_scene.Slots(random)))];
        double[,] Columns(int first, int count)
        {
            double[,] part = new double[5, count];
            for (int i = 0; i < part.Length; i++)
            {
                part[i / count, i % count] = w[i / count, first + (i % count)];
            }

            return part;
        }

        Ciphertext[] expected = new ModularMatrixProduct(w, scale, bias).Evaluate(_scene.Evaluator, x);
        Ciphertext?[] sums = new Ciphertext?[5];
        new ModularMatrixProduct(Columns(0, 3), scale, bias).AddTo(_scene.Evaluator, x.AsSpan(0, 3), sums, groupSize: 2);
        new ModularMatrixProduct(Columns(3, 4), scale).AddTo(_scene.Evaluator, x.AsSpan(3, 4), sums, groupSize: 3);
        for (int r = 0; r < 5; r++)
        {
            using Ciphertext sum = _scene.Evaluator.Rescale(sums[r]!);
            Assert.Equal(_scene.Residues(expected[r]), _scene.Residues(sum));
            Assert.Equal(expected[r].Noise.Sigma, sum.Noise.Sigma, expected[r].Noise.Sigma * 1e-3);
            expected[r].Dispose();
            sums[r]!.Dispose();
        }
    }

    [Fact]
    public void Evaluate_NeedsNoKeysAndOneRescalingARow()
    {
        RecordingEvaluator recorder = new(_scene.Parameters);
        RecordedValue[] x = [.. Enumerable.Range(0, 6).Select(_ => recorder.Create())];
        RecordedValue[] y = new ModularMatrixProduct(Random(11, 6, RingTestKit.Seeded(1)), Scale.FromLog2(30)).Evaluate(recorder, x);
        Assert.Equal((11, 66L, 11, 0), (y.Length, recorder.IntegerProductCount, recorder.RescaleCount, recorder.KeySwitchCount));
        Assert.Empty(recorder.Keys.Galois);
        Assert.Null(recorder.Keys.RelinearizationLevel);
    }

    [Fact]
    public void Product_RefusesWhatDoesNotFit()
    {
        Assert.Throws<ArgumentException>(() => new ModularMatrixProduct(new double[0, 3], new Scale(2)));
        Assert.Throws<ArgumentException>(() => new ModularMatrixProduct(new double[2, 3], new Scale(2), [1, 2, 3]));
        Assert.Contains("row 0, column 1", Assert.Throws<ArgumentException>(() => new ModularMatrixProduct(new[,] { { 1, double.NaN } }, new Scale(2))).Message);
        Assert.Contains("lower the scale", Assert.Throws<ArgumentException>(() => new ModularMatrixProduct(new[,] { { 4.0 } }, Scale.FromLog2(60))).Message);
        ModularMatrixProduct product = new(new[,] { { 1.0, 2 } }, Scale.FromLog2(20));
        using Ciphertext x = _scene.Encrypt(_scene.Slots(RingTestKit.Seeded(2)), 0);
        Assert.Contains("takes as many values; got 1", Assert.Throws<ArgumentException>(() => product.Evaluate(_scene.Evaluator, [x])).Message);
        Assert.Throws<LevelExhaustedException>(() => product.Evaluate(_scene.Evaluator, [x, x]));
        Assert.Contains("1 scales", Assert.Throws<ArgumentException>(() => new ModularMatrixProduct(new[,] { { 1.0, 2 } }, [Scale.FromLog2(20)])).Message);
        using Ciphertext y = _scene.Encrypt(_scene.Slots(RingTestKit.Seeded(2)));
        Ciphertext?[] one = [null], two = [null, null];
        Assert.Contains("as many sums; got 2", Assert.Throws<ArgumentException>(() => product.AddTo(_scene.Evaluator, [y, y], two)).Message);
        ModularMatrixProduct unequal = new(new[,] { { 1.0, 2 } }, [Scale.FromLog2(20), Scale.FromLog2(21)]);
        Assert.Throws<ScaleMismatchException>(() => unequal.AddTo(_scene.Evaluator, [y, y], one));
        Assert.Null(one[0]);
        long[] weights = [1, 2];
        Assert.Contains("2 columns take as many", Assert.Throws<ArgumentException>(
            () => _scene.Evaluator.MultiplyIntegerMatrixInto(weights, [y, y], [new Scale(2)], [x])).Message);
    }

    private static double[,] Random(int rows, int columns, Random random)
    {
        double[,] w = new double[rows, columns];
        for (int i = 0; i < w.Length; i++)
        {
            w[i / columns, i % columns] = (2 * random.NextDouble()) - 1;
        }

        return w;
    }
}
