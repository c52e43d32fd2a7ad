using System.Numerics;
using Heann.Core.Ciphertexts;
using Heann.Core.Encoders;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Rings;
using Heann.Core.Tests.Rings;

namespace Heann.Core.Tests.Evaluation;

/// <summary>Every operation on ciphertexts, on the clear twin and on the recorder, against its naive meaning and against each
/// other.</summary>
public sealed class EvaluatorTests(CkksScenes scenes)
{
    public static TheoryData<string, int> SetsAndLevels => new()
    {
        { "N10L5Dnum3", 0 }, { "N10L5Dnum3", 1 }, { "N10L5Dnum3", 5 }, { "N10Mixed", 3 }, { "N10L2Dnum3", 1 }, { "N10L2Dnum3", 2 },
    };

    [Theory]
    [MemberData(nameof(SetsAndLevels))]
    public void Operation_ComputesItsNaiveMeaningOnCiphertextsAndOnTheClearTwin(string set, int level)
    {
        CkksScene scene = scenes[set];
        SeededRandom random = RingTestKit.Seeded(level, set.Length);
        (Complex[] a, Complex[] b) = (scene.Slots(random), scene.Slots(random));
        using Ciphertext x = scene.Encrypt(a, level);
        using Ciphertext y = scene.Encrypt(b, level);
        ulong[][] before = [.. scene.Residues(x), .. scene.Residues(y)];
        foreach (string name in Names(level))
        {
            using Ciphertext result = Operation.Run(name, scene.Evaluator, x, y);
            ClearValue twin = Operation.Run(name, scene.Clear, scene.Twin(a, level), scene.Twin(b, level));
            scene.AssertSlots(i => Operation.Naive(name, a, b, i), result, $"{name}, level {level}", random);
            for (int i = 0; i < a.Length; i++)
            {
                Assert.True((twin[i] - Operation.Naive(name, a, b, i)).Magnitude < 1e-11,
                    $"{name}: the twin differs in slot {i}; seed {random.Seed}");
            }
        }

        Assert.Equal(before, [.. scene.Residues(x), .. scene.Residues(y)]);
    }

    // With the keys that the recorder asked for, all at one level, the layouts agree and so do the predictions, to the last bit.
    [Theory]
    [MemberData(nameof(SetsAndLevels))]
    public void Operation_FollowsTheSameLawsOnAllThreeEvaluators(string set, int level)
    {
        CkksScene scene = scenes[set];
        SeededRandom random = RingTestKit.Seeded(level, set.Length, 1);
        (Complex[] a, Complex[] b) = (scene.Slots(random), scene.Slots(random));
        RecordingEvaluator recorder = new(scene.Parameters);
        Dictionary<string, RecordedValue> recorded = Names(level).ToDictionary(name => name, name => Operation.Run(
            name, recorder, recorder.Create(level, magnitude: CkksScene.Magnitude(a)),
                recorder.Create(level, magnitude: CkksScene.Magnitude(b))));
        using EvaluationKeys keys = scene.Context.KeyGenerator.CreateEvaluationKeys(scene.Secret, recorder.Keys);
        CkksEvaluator evaluator = scene.Context.CreateEvaluator(keys);
        using Ciphertext x = scene.Encrypt(a, level);
        using Ciphertext y = scene.Encrypt(b, level);
        foreach (string name in recorded.Keys)
        {
            using Ciphertext result = Operation.Run(name, evaluator, x, y);
            ClearValue twin = Operation.Run(name, scene.Clear, scene.Twin(a, level), scene.Twin(b, level));
            Laws.AssertSame(result, recorded[name], name);
            Laws.AssertSame(twin, recorded[name], name);
        }
    }

    [Theory]
    [InlineData("x + y", "x + y -> x")]
    [InlineData("x + y", "x + y -> y")]
    [InlineData("x + y", "x + y -> dirty")]
    [InlineData("x + x", "x + x -> x")]
    [InlineData("x - y", "x - y -> x")]
    [InlineData("x - y", "x - y -> y")]
    [InlineData("-x", "-x -> x")]
    [InlineData("x + v", "x + v -> x")]
    [InlineData("n x", "n x -> x")]
    [InlineData("x v", "x v -> x")]
    [InlineData("rot 3", "rot 3 -> x")]
    [InlineData("rot 3", "rot 3 -> dirty")]
    [InlineData("rot sum", "rot sum -> x")]
    [InlineData("x y", "x y -> x")]
    [InlineData("x y", "x y -> y")]
    [InlineData("x x", "x x -> x")]
    [InlineData("3 copied", "3 -> x")]
    [InlineData("3 copied", "3 -> dirty")]
    [InlineData("3 rescaled", "3 rescaled -> 3")]
    [InlineData("x y", "relin 3 -> 3")]
    [InlineData("x + c", "x + c -> x")]
    [InlineData("conj", "conj -> x")]
    [InlineData("copy", "copy -> dirty")]
    [InlineData("i x", "i x -> x")]
    [InlineData("sum", "sum -> x")]
    [InlineData("sum", "sum -> y")]
    [InlineData("sum", "sum -> dirty")]
    [InlineData("rot many", "rot many -> x")]
    [InlineData("re", "re -> x")]
    [InlineData("re", "re -> itself")]
    [InlineData("re", "re -> dirty")]
    [InlineData("im", "im -> x")]
    [InlineData("join", "join -> x")]
    [InlineData("join", "join -> y")]
    [InlineData("integers", "integers -> x")]
    [InlineData("integers", "integers -> dirty")]
    [InlineData("weights", "weights -> y")]
    [InlineData("sum of products", "sum of products -> x")]
    [InlineData("sum of products", "sum of products -> y")]
    [InlineData("sum of products 3", "sum of products 3 -> dirty")]
    [InlineData("x x", "x x -> dirty")]
    [InlineData("n 3", "n 3 -> 3")]
    [InlineData("transform many", "transform many -> x")]
    public void Destination_ThatIsAnOperandOrHeldSomethingTakesTheSameResidues(string plain, string aliased)
    {
        CkksScene scene = scenes["N10L5Dnum3"];
        SeededRandom random = RingTestKit.Seeded(9);
        using Ciphertext x = scene.Encrypt(scene.Slots(random), 3);
        using Ciphertext y = scene.Encrypt(scene.Slots(random), 3);
        using Ciphertext expected = Operation.Run(plain, scene.Evaluator, x, y);
        using Ciphertext actual = Operation.Run(aliased, scene.Evaluator, x, y);
        Assert.Equal(scene.Residues(expected), scene.Residues(actual));
        Laws.AssertSame(expected, actual, aliased);
        Assert.Equal((expected.KeyId, expected.ByteCount), (actual.KeyId, actual.ByteCount));
    }

    [Theory]
    [InlineData("N10L5Dnum3", 4)]
    [InlineData("N10Mixed", 5)]
    public void RotateMany_GivesTheRotationsInOrderEachToTheBitAsRotateDoes(string set, int level)
    {
        CkksScene scene = scenes[set];
        SeededRandom random = RingTestKit.Seeded(10);
        using Ciphertext x = scene.Encrypt(scene.Slots(random), level);
        int[] steps = [0, 3, -2, 3, 8, scene.SlotCount - 1];
        Ciphertext[] many = scene.Evaluator.RotateMany(x, steps);
        Assert.Equal(steps.Length, many.Length);
        for (int i = 0; i < steps.Length; i++)
        {
            using Ciphertext one = scene.Evaluator.Rotate(x, steps[i]);
            Assert.Equal(scene.Residues(one), scene.Residues(many[i]));
            Laws.AssertSame(one, many[i], $"rotation by {steps[i]}");
            many[i].Dispose();
        }

        Assert.Empty(scene.Evaluator.RotateMany(x, []));
    }

    [Fact]
    public void RotateSum_WorksWithKeysOfMixedLayouts()
    {
        CkksScene scene = scenes["N10L5Dnum3"];
        SeededRandom random = RingTestKit.Seeded(11);
        KeyRequest request = new();
        foreach ((int step, int level) in ((int, int)[])[(1, 5), (2, 2), (3, 3), (4, 5), (-1, 2)])
        {
            request.AddGalois(GaloisElement.Rotation(step), level);
        }

        using EvaluationKeys keys = scene.Context.KeyGenerator.CreateEvaluationKeys(scene.Secret, request);
        CkksEvaluator evaluator = scene.Context.CreateEvaluator(keys);
        Complex[] a = scene.Slots(random);
        int[] steps = [1, 2, 0, 3, 4, -1, 0];
        for (int level = 0; level <= 2; level++)
        {
            using Ciphertext x = scene.Encrypt(a, level);
            using Ciphertext sum = evaluator.RotateSum(x, steps);
            scene.AssertSlots(i => steps.Aggregate(Complex.Zero, (z, k) => z + a[(i + k + a.Length) % a.Length]), sum, $"level {level}",
                random);
            Ciphertext[] many = evaluator.RotateMany(x, steps);
            for (int k = 0; k < steps.Length; k++)
            {
                scene.AssertSlots(i => a[(i + steps[k] + a.Length) % a.Length], many[k], $"rotation by {steps[k]} at level {level}",
                    random);
            }
        }
    }

    [Fact]
    public void EncodedPlaintexts_AreAddedAndMultipliedAsTheirVectorsAreAlsoCompactOnes()
    {
        CkksScene scene = scenes["N10L5Dnum3"];
        SeededRandom random = RingTestKit.Seeded(12);
        Complex[] a = scene.Slots(random);
        using Ciphertext x = scene.Encrypt(a, 3);
        Scale weightScale = Scale.FromLog2(30);
        foreach (SlotVector v in (SlotVector[])[SlotVector.Periodic(Operation.Pattern), SlotVector.Constant(0.5),
            SlotVector.Constant(new Complex(0, 1)), SlotVector.Padded(scene.Slots(random), scene.SlotCount)])
        {
            using Plaintext p = scene.Context.Encoder.Encode(v, 3);
            using Plaintext w = scene.Context.Encoder.Encode(v, 3, weightScale);
            using Ciphertext sum = scene.Evaluator.AddPlain(x, p);
            using Ciphertext product = scene.Evaluator.MultiplyPlain(x, w);
            Assert.Equal(scene.Residues(scene.Evaluator.AddPlain(x, v)), scene.Residues(sum));
            Assert.Equal(scene.Residues(scene.Evaluator.MultiplyPlain(x, v, weightScale)), scene.Residues(product));
            Laws.AssertSame(scene.Evaluator.MultiplyPlain(x, v, weightScale), product, "product");
            scene.AssertSlots(i => a[i] + v[i], sum, "sum", random);
            scene.AssertSlots(i => a[i] * v[i], product, "product", random);
            using Ciphertext aliased = scene.Evaluator.Copy(x);
            scene.Evaluator.MultiplyPlainInto(aliased, w, aliased);
            Assert.Equal(scene.Residues(product), scene.Residues(aliased));
        }
    }

    [Fact]
    public void Evaluation_FromManyThreadsGivesTheSameResiduesAsFromOne()
    {
        CkksScene scene = scenes["N10L2Dnum3"];
        SeededRandom random = RingTestKit.Seeded(13);
        using Ciphertext x = scene.Encrypt(scene.Slots(random));
        using Ciphertext y = scene.Encrypt(scene.Slots(random));
        CkksEvaluator fresh = scene.Context.CreateEvaluator(scene.Keys);
        string[] names = ["x y rescaled", "rot 3", "transform", "rot sum", "conj", "x x y y"];
        ulong[][][] expected = [.. names.Select(name => scene.Residues(Operation.Run(name, scene.Evaluator, x, y)))];
        Parallel.For(0, 12, i => Assert.Equal(expected[i % 6], scene.Residues(Operation.Run(names[i % 6], fresh, x, y))));
    }

    private static IEnumerable<string> Names(int level) =>
        level == 0 ? Operation.AtAnyLevel : Operation.AtAnyLevel.Concat(Operation.AboveLevel0);
}
