using System.Numerics;
using Heann.Core.Ciphertexts;
using Heann.Core.Circuits;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Rings;
using Heann.Core.Tests.Rings;

namespace Heann.Core.Tests.Circuits;

public sealed class InnerSumTests(CkksScenes scenes)
{
    private readonly CkksScene _scene = scenes["N6L7Dnum2"];

    public static TheoryData<int, int> StridesAndCounts => new()
    {
        { 1, 1 }, { 1, 2 }, { 1, 4 }, { 1, 8 }, { 1, 32 }, { 2, 8 }, { 4, 8 }, { -1, 8 }, { -2, 4 }, { 3, 8 }, { 16, 2 },
    };

    [Theory]
    [MemberData(nameof(StridesAndCounts))]
    public void Evaluate_SumsAtTheStrideForEveryRadixWithExactlyTheKeysItNames(int stride, int count)
    {
        SeededRandom random = RingTestKit.Seeded(stride, count);
        Complex[] a = _scene.Slots(random);
        using Ciphertext x = _scene.Encrypt(a, 2);
        foreach (int radix in (int[])[2, 4, 8, 16, 32])
        {
            int[] rotations = [.. InnerSum.Rotations(stride, count, radix)];
            RecordingEvaluator recorder = new(_scene.Parameters);
            InnerSum.Evaluate(recorder, recorder.Create(2), stride, count, radix);
            Assert.Equal(
                recorder.Keys.Galois.Keys.Select(e => e.RotationSteps).Order(),
                rotations.Select(k => GaloisElement.Rotation(k).Normalize(64).RotationSteps).Distinct().Order());
            Assert.Equal(rotations.Length, recorder.KeySwitchCount);
            using EvaluationKeys keys = _scene.Context.KeyGenerator.CreateEvaluationKeys(_scene.Secret, recorder.Keys);
            using Ciphertext sum = InnerSum.Evaluate(_scene.Context.CreateEvaluator(keys), x, stride, count, radix);
            Assert.Equal((x.Level, x.Scale), (sum.Level, sum.Scale));
            Complex Expected(int j) => Enumerable.Range(0, count).Aggregate(Complex.Zero, (z, i) => z + a[(j + (i * stride) + 1024) % 32]);
            _scene.AssertSlots(Expected, sum, $"stride {stride}, count {count}, radix {radix}", random);
            ClearValue twin = InnerSum.Evaluate(_scene.Clear, _scene.Twin(a, 2), stride, count, radix);
            Assert.All(Enumerable.Range(0, 32), j => Assert.True((twin[j] - Expected(j)).Magnitude < 1e-12));
        }

        scenes["N6L7Dnum2"].AssertSlots(a, x, "the operand", random);
    }

    [Theory]
    [InlineData(1, 8, 4, -7)]
    [InlineData(2, 4, 2, 1)]
    [InlineData(1, 16, 4, -8)]
    [InlineData(-1, 8, 8, 3)]
    public void Evaluate_SumsOverAWindowThatBeginsElsewhere(int stride, int count, int radix, int start)
    {
        SeededRandom random = RingTestKit.Seeded(stride, count, start);
        Complex[] a = _scene.Slots(random);
        RecordingEvaluator recorder = new(_scene.Parameters);
        InnerSum.Evaluate(recorder, recorder.Create(1), stride, count, radix, start);
        using EvaluationKeys keys = _scene.Context.KeyGenerator.CreateEvaluationKeys(_scene.Secret, recorder.Keys);
        using Ciphertext x = _scene.Encrypt(a, 1);
        using Ciphertext sum = InnerSum.Evaluate(_scene.Context.CreateEvaluator(keys), x, stride, count, radix, start);
        _scene.AssertSlots(
            j => Enumerable.Range(start, count).Aggregate(Complex.Zero, (z, i) => z + a[(j + (i * stride) + 1024) % 32]), sum, $"start {start}", random);
    }

    [Fact]
    public void Rotations_AreFewestKeySwitchesForSmallRadices()
    {
        Assert.Equal([1, 2, 4, 8], InnerSum.Rotations(1, 16, 2));
        Assert.Equal([1, 2, 3, 4, 8, 12], InnerSum.Rotations(1, 16, 4));
        Assert.Equal([3, 6, 9, 12], InnerSum.Rotations(3, 8, 4));
        Assert.Empty(InnerSum.Rotations(1, 1));
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(3, 2)]
    [InlineData(-4, 2)]
    [InlineData(4, 1)]
    [InlineData(4, 3)]
    [InlineData(4, 0)]
    public void Evaluate_RefusesCountsAndRadicesThatAreNoPowersOfTwo(int count, int radix)
    {
        using Ciphertext x = _scene.Encrypt(_scene.Slots(RingTestKit.Seeded(1)), 1);
        Assert.Contains($"got {count} and {radix}", Assert.Throws<ArgumentException>(() => InnerSum.Evaluate(_scene.Evaluator, x, 1, count, radix)).Message);
        Assert.Throws<ArgumentException>(() => InnerSum.Rotations(1, count, radix).ToArray());
    }
}
