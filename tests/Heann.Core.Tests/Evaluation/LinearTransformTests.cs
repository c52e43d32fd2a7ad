using System.Numerics;
using Heann.Core.Ciphertexts;
using Heann.Core.Encoders;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Rings;
using Heann.Core.Tests.Rings;

namespace Heann.Core.Tests.Evaluation;

public sealed class LinearTransformTests(CkksScenes scenes)
{
    public static TheoryData<int, int, int> PeriodsAndShifts => new()
    {
        { 1, -3, 4 }, { 2, -1, 1 }, { 4, 0, 3 }, { 8, -7, 7 }, { 16, -15, 15 }, { 32, 0, 31 }, { 32, -31, 31 },
        { 8, 1, 7 }, { 8, -7, -1 }, { 16, 5, 5 }, { 16, -5, -5 }, { 4, 0, 0 }, { 2, 40, 45 }, { 2, -70, -60 },
    };

    [Theory]
    [MemberData(nameof(PeriodsAndShifts))]
    public void Transform_IsTheDenseMatrixVectorProductForEveryNumberOfBabySteps(int period, int minShift, int maxShift)
    {
        CkksScene scene = scenes["N6L7Dnum2"];
        SeededRandom random = RingTestKit.Seeded(period, minShift, maxShift);
        Dictionary<(int, int), double> entries = [];
        DiagonalMatrix matrix = new(period, minShift, maxShift, (j, k) => entries[(j, k)] = random.NextDouble() - 0.5);
        double[,] dense = Dense(scene.SlotCount, period, entries);
        Complex[] slots = scene.Slots(random);
        Complex[] expected = [.. Enumerable.Range(0, slots.Length).Select(i =>
            Enumerable.Range(0, slots.Length).Aggregate(Complex.Zero, (z, j) => z + (dense[i, j] * slots[j])))];
        using Ciphertext x = scene.Encrypt(slots, 2);
        for (int babySteps = 1; babySteps <= 64; babySteps *= 2)
        {
            LinearTransform transform = new(matrix, babySteps);
            KeyRequest request = Request(transform, 2);
            using EvaluationKeys keys = scene.Context.KeyGenerator.CreateEvaluationKeys(scene.Secret, request);
            using Ciphertext y = scene.Context.CreateEvaluator(keys).Transform(x, transform);
            Assert.Equal((2, x.Scale * new Scale(scene.Parameters.BasisQ[2].Value)), (y.Level, y.Scale));
            string what = $"period {period}, shifts {minShift} to {maxShift}, {babySteps} baby steps";
            scene.AssertSlots(expected, y, what, random);
            ClearValue twin = scene.Clear.Transform(scene.Twin(slots, 2), transform);
            Assert.True(expected.Zip(twin.ToComplex(), (a, b) => (a - b).Magnitude).Max() < 1e-12, what);
        }
    }

    [Theory]
    [InlineData(1, -7, 7)]
    [InlineData(4, -7, 7)]
    [InlineData(4, 0, 15)]
    [InlineData(8, -15, -1)]
    [InlineData(16, -100, 100)]
    public void Rotations_AreExactlyTheKeysNeededAtMostOnePerBabyStepAndTwoMore(int babySteps, int minShift, int maxShift)
    {
        CkksScene scene = scenes["N10L5Dnum3"];
        LinearTransform transform = new(new DiagonalMatrix(16, minShift, maxShift, (_, _) => 1), babySteps);
        Assert.Equal(transform.Rotations.Count(), transform.Rotations.Distinct().Count());
        Assert.True(transform.Rotations.Count() <= babySteps + 1);
        Assert.Equal(minShift < 0, transform.Rotations.Contains(-babySteps));
        Assert.Equal(maxShift >= babySteps, transform.Rotations.Contains(babySteps));
        RecordingEvaluator recorder = new(scene.Parameters);
        recorder.Transform(recorder.Create(), transform);
        Assert.Equal(
            transform.Rotations.Select(k => GaloisElement.Rotation(k).Normalize(1024)).OrderBy(e => e.RotationSteps),
            recorder.Keys.Galois.Keys.OrderBy(e => e.RotationSteps));
    }

    [Fact]
    public void Transform_InTheLargerRingSkipsGapsAndWritesOverItsOperand()
    {
        CkksScene scene = scenes["N10L5Dnum3"];
        SeededRandom random = RingTestKit.Seeded(14);
        int[] shifts = [-40, -39, 0, 3, 37];
        Dictionary<(int, int), double> entries = [];
        DiagonalMatrix matrix = new(512, -40, 40, (j, k) => entries[(j, k)] = shifts.Contains(k) ? random.NextDouble() - 0.5 : 0);
        Assert.Equal(shifts, matrix.Shifts);
        LinearTransform transform = new(matrix, 4);
        Complex[] a = scene.Slots(random);
        using Ciphertext x = scene.Encrypt(a, 3);
        scene.Evaluator.TransformInto(x, transform, Scale.FromLog2(30), x);
        scene.AssertSlots(i => shifts.Aggregate(Complex.Zero, (z, k) => z + (entries[(i, k)] * a[(i + k + 512) % 512])), x, "gaps", random);
    }

    [Fact]
    public void Join_KeepsBothMapsAndRefusesWhatIsNotTwoRealMapsOfOnePeriod()
    {
        DiagonalMatrix a = new(4, -1, 1, (j, k) => j + (10 * k)), b = new(4, 1, 2, (j, k) => -j - k), joined = DiagonalMatrix.Join(a, b);
        Assert.Equal([-1, 0, 1, 2], joined.Shifts);
        Assert.True(a.IsReal && a.ImaginaryDiagonal(0).IsEmpty && !joined.IsReal);
        Assert.Equal(a.Diagonal(1), joined.Diagonal(1));
        Assert.Equal(b.Diagonal(1), joined.ImaginaryDiagonal(1));
        Assert.Equal([0.0, 0, 0, 0], joined.Diagonal(2));
        Assert.Equal(new Complex(a.Diagonal(1)[3], b.Diagonal(1)[3]), joined.Shifted(1, 1)[0]);
        Assert.Contains("periods 4 and 8", Refused(a, new(8, 0, 0, (_, _) => 1)), StringComparison.Ordinal);
        Assert.Contains("complex", Refused(a, joined), StringComparison.Ordinal);

        static string Refused(DiagonalMatrix x, DiagonalMatrix y) => Assert.Throws<ArgumentException>(() => DiagonalMatrix.Join(x, y)).Message;
    }

    [Fact]
    public void Transform_ByTheZeroMapGivesZero()
    {
        CkksScene scene = scenes["N6L7Dnum2"];
        DiagonalMatrix zero = new(4, -1, 1, (_, _) => 0);
        Assert.Equal([0], zero.Shifts);
        SeededRandom random = RingTestKit.Seeded(16);
        Complex[] slots = scene.Slots(random);
        using Ciphertext x = scene.Encrypt(slots, 2);
        LinearTransform transform = new(zero, 4);
        Assert.Empty(transform.Rotations);
        using EvaluationKeys keys = scene.Context.KeyGenerator.CreateEvaluationKeys(scene.Secret, Request(transform, 2));
        using Ciphertext y = scene.Context.CreateEvaluator(keys).Transform(x, transform);
        scene.AssertSlots(new Complex[slots.Length], y, "zero map", random);
        Assert.All(scene.Clear.Transform(scene.Twin(slots, 2), transform).ToComplex(), z => Assert.Equal(Complex.Zero, z));
    }

    [Fact]
    public void LinearTransform_AndDiagonalMatrixRefuseWhatMakesNoSense()
    {
        CkksScene scene = scenes["N6L7Dnum2"];
        DiagonalMatrix matrix = new(64, 0, 1, (_, _) => 1);
        foreach (int count in (int[])[0, 3, -4])
        {
            Assert.Contains($"got {count}", Assert.Throws<ArgumentOutOfRangeException>(() => new LinearTransform(matrix, count)).Message);
        }

        Assert.Contains("got 3", Assert.Throws<ArgumentException>(() => new DiagonalMatrix(3, 0, 1, (_, _) => 1)).Message);
        Assert.Contains("Diagonal -1 must have 4 finite entries; it has 3 of 4",
            Assert.Throws<ArgumentException>(() => new DiagonalMatrix(4, -1, 1, (j, _) => j == 1 ? double.NaN : 1)).Message);
        using Ciphertext x = scene.Encrypt(scene.Slots(RingTestKit.Seeded(15)));
        Assert.Contains("period 64 does not fit 32 slots",
            Assert.Throws<ArgumentException>(() => scene.Evaluator.Transform(x, new(matrix, 1))).Message);
        using Ciphertext atZero = scene.Evaluator.DropLevel(x, 0);
        Assert.Throws<LevelExhaustedException>(() => scene.Evaluator.Transform(atZero, new(new DiagonalMatrix(4, 0, 1, (_, _) => 1), 1)));
    }

    [Theory]
    [InlineData(1, 1, 2)]
    [InlineData(2, 3, 4)]
    [InlineData(3, 2, 8)]
    public void TransformMany_IsTheDenseBlockProductWithTheRecordedKeysAndTheSameLaws(int outputs, int inputs, int babySteps)
    {
        CkksScene scene = scenes["N6L7Dnum2"];
        SeededRandom random = RingTestKit.Seeded(outputs, inputs, babySteps);
        Complex[][] slots = [.. Enumerable.Range(0, inputs).Select(_ => scene.Slots(random))];
        LinearTransform[,] blocks = new LinearTransform[outputs, inputs];
        double[,][,] dense = new double[outputs, inputs][,];
        for (int o = 0; o < outputs; o++)
        {
            for (int i = 0; i < inputs; i++)
            {
                // Some blocks lean to one side: the giant steps of a row are those of all its blocks.
                Dictionary<(int, int), double> entries = [];
                int center = 9 * ((o + i) % 3 - 1);
                blocks[o, i] = new(new DiagonalMatrix(8, center - 3, center + 3, (j, k) => entries[(j, k)] = random.NextDouble() - 0.5),
                    babySteps);
                dense[o, i] = Dense(scene.SlotCount, 8, entries);
            }
        }

        RecordingEvaluator recorder = new(scene.Parameters);
        RecordedValue[] recorded = recorder.TransformMany([.. slots.Select(a => recorder.Create(2, magnitude: CkksScene.Magnitude(a)))],
            blocks);
        using EvaluationKeys keys = scene.Context.KeyGenerator.CreateEvaluationKeys(scene.Secret, recorder.Keys);
        Ciphertext[] y = scene.Context.CreateEvaluator(keys).TransformMany([.. slots.Select(a => scene.Encrypt(a, 2))], blocks);
        ClearValue[] twin = scene.Clear.TransformMany([.. slots.Select(a => scene.Twin(a, 2))], blocks);
        Assert.Equal(outputs, y.Length);
        for (int o = 0; o < outputs; o++)
        {
            Complex Expected(int row) => Enumerable.Range(0, inputs).Aggregate(
                Complex.Zero, (z, i) => z
                    + Enumerable.Range(0, 32).Aggregate(Complex.Zero, (w, j) => w + (dense[o, i][row, j] * slots[i][j])));
            scene.AssertSlots(Expected, y[o], $"row {o}", random);
            Assert.All(Enumerable.Range(0, 32), row => Assert.True((twin[o][row] - Expected(row)).Magnitude < 1e-12));
            Laws.AssertSame(y[o], recorded[o], $"row {o}");
            Laws.AssertSame(twin[o], recorded[o], $"row {o}");
        }
    }

    [Fact]
    public void TransformMany_RefusesShapesBabyStepsLevelsAndScalesThatDoNotFit()
    {
        CkksScene scene = scenes["N6L7Dnum2"];
        RecordingEvaluator e = new(scene.Parameters);
        LinearTransform two = new(new DiagonalMatrix(4, 0, 3, (_, _) => 1), 2);
        LinearTransform four = new(new DiagonalMatrix(4, 0, 3, (_, _) => 1), 4);
        RecordedValue x = e.Create(3);
        Assert.Contains("1 × 2 transforms do not fit 1 inputs",
            Assert.Throws<ArgumentException>(() => e.TransformMany([x], new[,] { { two, two } })).Message);
        Assert.Contains("4 and 2 baby steps",
            Assert.Throws<ArgumentException>(() => e.TransformMany([x, x], new[,] { { two, four } })).Message);
        Assert.Throws<ArgumentException>(() => e.TransformMany([], new LinearTransform[1, 0]));
        Assert.Contains("2 and 3",
            Assert.Throws<LevelMismatchException>(() => e.TransformMany([x, e.Create(2)], new[,] { { two, two } })).Message);
        Assert.Contains("2^30.00 and 2^40.00", Assert.Throws<ScaleMismatchException>(() =>
            e.TransformMany([x, e.Create(3, Scale.FromLog2(30))], new[,] { { two, two } })).Message);
        Assert.Throws<LevelExhaustedException>(() => e.TransformMany([e.Create(0)], new[,] { { two } }));
    }

    [Fact]
    public void Shifted_RotatesADiagonalToTheRight()
    {
        DiagonalMatrix matrix = new(4, 2, 2, (j, _) => j + 1);
        Assert.Equal([1, 2, 3, 4], matrix.Diagonal(2).ToArray());
        Assert.Equal([4, 1, 2, 3], matrix.Shifted(2, 1).Real.ToArray());
        Assert.Equal([2, 3, 4, 1], matrix.Shifted(2, -1).Real.ToArray());
        Assert.Equal([3, 4, 1, 2], matrix.Shifted(2, 6).Real.ToArray());
    }

    // Entry (row, column) written out; shifts that meet on one column add up.
    private static double[,] Dense(int slotCount, int period, Dictionary<(int Row, int Shift), double> entries)
    {
        double[,] dense = new double[slotCount, slotCount];
        foreach (((int row, int shift), double value) in entries)
        {
            for (int i = row; i < slotCount; i += period)
            {
                dense[i, (((i + shift) % slotCount) + slotCount) % slotCount] += value;
            }
        }

        return dense;
    }

    private static KeyRequest Request(LinearTransform transform, int level)
    {
        KeyRequest request = new();
        foreach (int rotation in transform.Rotations)
        {
            request.AddGalois(GaloisElement.Rotation(rotation), level);
        }

        return request;
    }
}
