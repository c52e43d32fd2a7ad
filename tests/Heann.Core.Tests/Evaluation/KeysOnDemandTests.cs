using System.Collections.Concurrent;
using Heann.Core.Ciphertexts;
using Heann.Core.Encoders;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Rings;
using Heann.Core.Tests.Keys;
using Heann.Core.Tests.Rings;

namespace Heann.Core.Tests.Evaluation;

/// <summary>Operations with keys that are read when they are needed give what they give with keys in memory, to the bit, whatever the
/// memory.</summary>
public sealed class KeysOnDemandTests(CkksScenes scenes)
{
    public static TheoryData<double> Capacities => [0, 1, 3, 5.5, 1000];

    [Theory]
    [MemberData(nameof(Capacities))]
    public void EveryOperation_IsTheSameToTheBit(double capacity)
    {
        CkksScene scene = scenes["N6L7Dnum2"];
        string[] names = [.. Operation.AtAnyLevel, .. Operation.AboveLevel0];
        RecordingEvaluator recorder = new(scene.Parameters);
        Array.ForEach(names, name => Operation.Run(name, recorder, recorder.Create(3), recorder.Create(3)));
        using MemoryStream stream = new(scene.Context.Codecs.EvaluationKeys.ToBytes(scene.Keys));
        using EvaluationKeys keys = KeysOnDemand.Open(scene.Context, stream, recorder.Keys, Bytes(scene, capacity));
        CkksEvaluator evaluator = scene.Context.CreateEvaluator(keys);
        SeededRandom random = RingTestKit.Seeded(401);
        using Ciphertext x = scene.Encrypt(scene.Slots(random), 3), y = scene.Encrypt(scene.Slots(random), 3);
        foreach (string name in names)
        {
            using Ciphertext expected = Operation.Run(name, scene.Evaluator, x, y), actual = Operation.Run(name, evaluator, x, y);
            AssertSame(scene, expected, actual, name);
        }

        // All are used; where they fit, each is read once.
        Assert.True(capacity < keys.Count ? keys.ReadCount > keys.Count : keys.ReadCount == keys.Count, $"{keys.ReadCount} reads of {keys.Count} keys");
        Assert.InRange(keys.ByteCount, 0, Bytes(scene, capacity));
    }

    // Three layouts among the keys, so that groups by layout and groups by memory meet; a level below all of them.
    [Theory]
    [MemberData(nameof(Capacities))]
    public void RotationsWithKeysOfSeveralLevels_AreTheSameToTheBit(double capacity)
    {
        CkksScene scene = scenes["N10L5Dnum3"];
        KeyRequest request = new();
        int[] steps = [1, 0, 2, -3, 5, 1, 4, -1, 2, 6];
        foreach ((int step, int i) in steps.Select((step, i) => (step, i)))
        {
            request.AddGalois(GaloisElement.Rotation(step), 2 + (i % 3));
        }

        using EvaluationKeys inMemory = scene.Context.KeyGenerator.CreateEvaluationKeys(scene.Secret, request);
        using MemoryStream stream = new(scene.Context.Codecs.EvaluationKeys.ToBytes(inMemory));
        using EvaluationKeys onDemand = KeysOnDemand.Open(scene.Context, stream, request, Bytes(scene, capacity));
        CkksEvaluator first = scene.Context.CreateEvaluator(inMemory), second = scene.Context.CreateEvaluator(onDemand);
        using Ciphertext x = scene.Encrypt(scene.Slots(RingTestKit.Seeded(402)), 2);
        Ciphertext[] expected = first.RotateMany(x, steps), actual = second.RotateMany(x, steps);
        Assert.All(steps.Select((step, i) => (step, i)), pair => AssertSame(scene, expected[pair.i], actual[pair.i], $"{pair}"));
        using Ciphertext expectedSum = first.RotateSum(x, steps), actualSum = second.RotateSum(x, steps);
        AssertSame(scene, expectedSum, actualSum, "sum");
        Array.ForEach([.. expected, .. actual], z => z.Dispose());
    }

    [Fact]
    public void HoistedRotationsThatDoNotFit_GoInGroupsAndReadOnlyWhatIsMissing()
    {
        CkksScene scene = scenes["N10L5Dnum3"];
        using EvaluationKeys keys = KeysOnDemand.Of(scene, Bytes(scene, 3));
        CkksEvaluator evaluator = scene.Context.CreateEvaluator(keys);
        using Ciphertext x = scene.Encrypt(scene.Slots(RingTestKit.Seeded(403)), 2);
        int[] steps = [1, 2, 3, 4, 5];
        for (int round = 0; round < 4; round++)
        {
            Array.ForEach(evaluator.RotateMany(x, steps), z => z.Dispose());
            Assert.Equal(5 + (2 * round), keys.ReadCount); // three are there already
        }

        Assert.Equal(Bytes(scene, 3), keys.PeakByteCount);

        // The division of a sum comes once: it takes all its keys.
        evaluator.RotateSum(x, [0, .. steps]).Dispose();
        Assert.Equal((Bytes(scene, 5), Bytes(scene, 3)), (keys.PeakByteCount, keys.ByteCount));
    }

    [Fact]
    public void LinearTransforms_KeepTheirBoundAndTheirBits()
    {
        CkksScene scene = scenes["N10L5Dnum3"];
        LinearTransform transform = new(new DiagonalMatrix(16, -15, 15, (j, k) => Math.Sin(j + (3 * k))), 8);
        using Ciphertext x = scene.Encrypt(scene.Slots(RingTestKit.Seeded(404)), 3);
        using Ciphertext expected = scene.Evaluator.Transform(x, transform);
        foreach (int capacity in (int[])[1, 4, 100])
        {
            using EvaluationKeys keys = KeysOnDemand.Of(scene, Bytes(scene, capacity));
            using Ciphertext actual = scene.Context.CreateEvaluator(keys).Transform(x, transform);
            AssertSame(scene, expected, actual, $"{capacity} keys");
            Assert.InRange(keys.PeakByteCount, 1, Bytes(scene, capacity));
            Assert.True(keys.ReadCount >= transform.Rotations.Count());
        }
    }

    // Each thread holds what it needs: the same residues, and afterwards no more keys than there is room for.
    [Theory]
    [MemberData(nameof(Capacities))]
    public void ManyThreads_GetTheSameResidues(double capacity)
    {
        CkksScene scene = scenes["N6L7Dnum2"];
        using EvaluationKeys keys = KeysOnDemand.Of(scene, Bytes(scene, capacity));
        CkksEvaluator evaluator = scene.Context.CreateEvaluator(keys);
        SeededRandom random = RingTestKit.Seeded(405);
        using Ciphertext x = scene.Encrypt(scene.Slots(random), 3), y = scene.Encrypt(scene.Slots(random), 3);
        string[] names = ["rot 3", "rot -2", "rot many", "rot sum", "conj", "x y", "sum of products", "transform", "transform many", "relin 3 -> 3"];
        ConcurrentDictionary<int, ulong[][]> actual = [];
        Parallel.For(0, 4 * names.Length, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            using Ciphertext z = Operation.Run(names[i % names.Length], evaluator, x, y);
            actual[i] = scene.Residues(z);
        });
        for (int i = 0; i < actual.Count; i++)
        {
            using Ciphertext expected = Operation.Run(names[i % names.Length], scene.Evaluator, x, y);
            Assert.Equal(scene.Residues(expected), actual[i]);
        }

        Assert.InRange(keys.ByteCount, 0, Bytes(scene, capacity));
    }

    [Fact]
    public void MissingAndLowKeys_AreNamedWithoutReadingAny()
    {
        CkksScene scene = scenes["N10L5Dnum3"];
        KeyRequest request = KeyRequest.ForRotations([1, 2], 2);
        using EvaluationKeys inMemory = scene.Context.KeyGenerator.CreateEvaluationKeys(scene.Secret, request);
        using MemoryStream stream = new(scene.Context.Codecs.EvaluationKeys.ToBytes(inMemory));
        using EvaluationKeys keys = KeysOnDemand.Open(scene.Context, stream, request, long.MaxValue);
        CkksEvaluator expected = scene.Context.CreateEvaluator(inMemory), actual = scene.Context.CreateEvaluator(keys);
        using Ciphertext low = scene.Encrypt(scene.Slots(RingTestKit.Seeded(406)), 2);
        using Ciphertext high = scene.Encrypt(scene.Slots(RingTestKit.Seeded(407)), 3);
        foreach (Action<CkksEvaluator> run in (Action<CkksEvaluator>[])[
            e => e.Rotate(low, 3), e => e.Rotate(high, 1), e => e.Conjugate(low), e => e.Multiply(high, high),
            e => e.RotateMany(low, [1, 2, 3]), e => e.RotateMany(high, [1]), e => e.RotateSum(low, [1, 3]),
            e => e.Transform(low, new(new DiagonalMatrix(8, 0, 7, (_, _) => 1), 4))])
        {
            string message = Assert.Throws<MissingKeyException>(() => run(expected)).Message;
            Assert.Equal(message, Assert.Throws<MissingKeyException>(() => run(actual)).Message);
        }

        Assert.Equal((0L, 0L), (keys.ReadCount, keys.PeakByteCount));
    }

    [Fact]
    public void SetThatIsDisposedWhileOperationsRun_LetsThemEndOrRefusesThem()
    {
        CkksScene scene = scenes["N10L5Dnum3"];
        using Ciphertext x = scene.Encrypt(scene.Slots(RingTestKit.Seeded(408)), 3);
        using Ciphertext expected = scene.Evaluator.RotateSum(x, [1, 2, 3, 4]);
        for (int round = 0; round < 5; round++)
        {
            EvaluationKeys keys = KeysOnDemand.Of(scene, Bytes(scene, round));
            CkksEvaluator evaluator = scene.Context.CreateEvaluator(keys);
            int refused = 0;
            Parallel.For(0, 16, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
            {
                if (i == 8)
                {
                    keys.Dispose();
                    return;
                }

                try
                {
                    using Ciphertext actual = evaluator.RotateSum(x, [1, 2, 3, 4]);
                    AssertSame(scene, expected, actual, $"round {round}, {i}");
                }
                catch (ObjectDisposedException)
                {
                    Interlocked.Increment(ref refused);
                }
            });
            Assert.InRange(refused, 0, 15);
            Assert.Equal(0, keys.ByteCount);
            Assert.Throws<ObjectDisposedException>(() => evaluator.Rotate(x, 1));
        }
    }

    private static long Bytes(CkksScene scene, double keys) =>
        (long)(keys * scene.Parameters.KeySwitchLayoutAt(scene.TopLevel).KeyByteCount);

    private static void AssertSame(CkksScene scene, Ciphertext expected, Ciphertext actual, string what)
    {
        Assert.Equal(
            (what, expected.Level, expected.PartCount, expected.Scale, expected.Noise),
            (what, actual.Level, actual.PartCount, actual.Scale, actual.Noise));
        Assert.Equal(scene.Residues(expected), scene.Residues(actual));
    }
}
