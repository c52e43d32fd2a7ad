using System.Numerics;
using Heann.Core.Ciphertexts;
using Heann.Core.Circuits;
using Heann.Core.Encoders;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Rings;
using Heann.Core.Tests.Rings;

namespace Heann.Core.Tests.Evaluation;

public sealed class RecordingEvaluatorTests(CkksScenes scenes)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Keys_RecordedAreExactlyThoseTheCircuitNeeds(int seed)
    {
        CkksScene scene = scenes["N6L7Dnum2"];
        RecordingEvaluator recorder = new(scene.Parameters);
        RandomCircuit.Run(recorder, recorder.Create(), recorder.Create(), seed);
        SeededRandom random = RingTestKit.Seeded(seed, 1);
        (Complex[] a, Complex[] b) = (scene.Slots(random), scene.Slots(random));
        using Ciphertext x = scene.Encrypt(a);
        using Ciphertext y = scene.Encrypt(b);
        using EvaluationKeys keys = scene.Context.KeyGenerator.CreateEvaluationKeys(scene.Secret, recorder.Keys);
        using Ciphertext result = RandomCircuit.Run(scene.Context.CreateEvaluator(keys), x, y, seed);
        Assert.True(recorder.Keys.Galois.Count > 2 && recorder.Keys.RelinearizationLevel is not null);
        foreach (KeyRequest request in WithOneKeyLess(recorder.Keys))
        {
            using EvaluationKeys fewer = scene.Context.KeyGenerator.CreateEvaluationKeys(scene.Secret, request);
            CkksEvaluator evaluator = scene.Context.CreateEvaluator(fewer);
            Assert.Throws<MissingKeyException>(() => RandomCircuit.Run(evaluator, x, y, seed));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void RandomCircuit_FollowsTheSameLawsOnAllThreeEvaluatorsAndComputesTheTwinsSlots(int seed)
    {
        CkksScene scene = scenes["N6L7Dnum2"];
        SeededRandom random = RingTestKit.Seeded(seed, 2);
        (Complex[] a, Complex[] b) = (scene.Slots(random), scene.Slots(random));
        RecordingEvaluator recorder = new(scene.Parameters);
        RecordedValue recorded = RandomCircuit.Run(
            recorder, recorder.Create(magnitude: CkksScene.Magnitude(a)), recorder.Create(magnitude: CkksScene.Magnitude(b)), seed);
        ClearValue twin = RandomCircuit.Run(scene.Clear, scene.Twin(a), scene.Twin(b), seed);
        Laws.AssertSame(twin, recorded, $"seed {seed}");
        using EvaluationKeys keys = scene.Context.KeyGenerator.CreateEvaluationKeys(scene.Secret, recorder.Keys);
        using Ciphertext x = scene.Encrypt(a);
        using Ciphertext y = scene.Encrypt(b);
        using Ciphertext result = RandomCircuit.Run(scene.Context.CreateEvaluator(keys), x, y, seed);
        Assert.Equal((twin.Level, twin.Scale, twin.PartCount, twin.Noise.Magnitude),
            (result.Level, result.Scale, result.PartCount, result.Noise.Magnitude));

        // A key made for a higher level has another layout than the recorder supposes for the lower one: at most a few bits apart.
        Assert.InRange(Math.Log2(result.Noise.Sigma / recorded.Noise.Sigma), -3, 1);
        scene.AssertSlots(i => twin[i], result, $"circuit {seed}", random);
    }

    [Fact]
    public void Counts_AreThoseOfTheOperations()
    {
        RecordingEvaluator e = new(Registry.Parameters("N10L5Dnum3"));
        RecordedValue x = e.Create();
        RecordedValue y = e.Rescale(e.Multiply(x, x));
        e.RotateMany(y, [0, 1, 2]);
        e.RotateSum(y, [0, 1, 2, 3]);
        e.Rescale(e.MultiplyPlain(y, SlotVector.Constant(2.0)));
        e.Rescale(e.Transform(y, new(new DiagonalMatrix(4, -3, 4, (_, _) => 1), 2)));
        Assert.Equal(1, e.ProductCount);
        Assert.Equal(1 + 8, e.PlainProductCount);
        Assert.Equal(3, e.RescaleCount);

        // 1 relinearisation, 2 + 3 rotations, 1 baby step, giant steps −2, −1 and 1, 2.
        Assert.Equal(1 + 2 + 3 + 1 + 4, e.KeySwitchCount);
        Assert.Equal(5, e.Keys.RelinearizationLevel);
        Assert.Equal([1, 2, 3, 510], e.Keys.Galois.Keys.Select(k => k.RotationSteps).Order());
        Assert.All(e.Keys.Galois.Values, level => Assert.Equal(4, level));
        Assert.True(e.TransformCount > 0 && e.MultiplyAddCount > 0 && e.PeakBytes > 0);
    }

    [Fact]
    public void PeakBytes_CountsWhatIsAliveAtOnce()
    {
        RecordingEvaluator e = new(Registry.Parameters("N10L5Dnum3"));
        const long Fresh = 8L * 1024 * 6 * 2;
        RecordedValue a = e.Create();
        Assert.Equal(Fresh, e.PeakBytes);
        RecordedValue b = e.Add(a, a);
        Assert.Equal(2 * Fresh, e.PeakBytes);
        b.Dispose();
        b.Dispose();
        using RecordedValue c = e.Add(a, a);
        Assert.Equal(2 * Fresh, e.PeakBytes);
        using RecordedValue d = e.TensorProduct(a, c);
        Assert.Equal(2 * Fresh + (Fresh * 3 / 2), e.PeakBytes);
    }

    [Fact]
    public void EstimateSeconds_GrowsWithTheCircuitAndFallsWithThreads()
    {
        RecordingEvaluator e = new(Registry.Parameters("N10L5Dnum3"));
        RecordedValue x = e.Create();
        e.Multiply(x, x);
        double one = e.EstimateSeconds(new CostModel(0.25, 0.75, 1, 0.5));
        Assert.Equal(
            ((e.TransformCount * 512 * 10 * 0.25) + (e.MultiplyAddCount * 1024 * 0.75)) * 1e-9, one, 1e-12);
        Assert.Equal(one / 2, e.EstimateSeconds(new CostModel(0.25, 0.75, 3, 0.5)), 1e-12);
        e.Multiply(x, x);
        Assert.Equal(2 * one, e.EstimateSeconds(new CostModel(0.25, 0.75, 1, 0.5)), 1e-12);
        Assert.True(e.EstimateSeconds(CostModel.Default(2)) < e.EstimateSeconds(CostModel.Default(1)));
    }

    [Fact]
    public void Circuit_ThatDoesNotFitFailsOnTheRecorderAsItWouldOnCiphertexts()
    {
        RecordingEvaluator e = new(Registry.Parameters("N10L2Dnum3"));
        RecordedValue x = e.Create();
        RecordedValue y = e.Rescale(e.Multiply(x, x));
        Assert.Throws<LevelMismatchException>(() => e.Add(x, y));
        RecordedValue z = e.Rescale(e.Multiply(y, y));
        Assert.Throws<LevelExhaustedException>(() => e.Multiply(z, z));
        Assert.Throws<ScaleMismatchException>(() => e.Add(z, e.DropLevel(x, 0)));
        Assert.Throws<LevelExhaustedException>(() =>
            PolynomialEvaluator.Evaluate(e, x, new(PolynomialBasis.Power, [0, 0, 0, 0, 1], -1, 1, 0)));
    }

    private static IEnumerable<KeyRequest> WithOneKeyLess(KeyRequest full)
    {
        foreach (GaloisElement missing in full.Galois.Keys)
        {
            KeyRequest request = new();
            request.AddRelinearization(full.RelinearizationLevel!.Value);
            foreach ((GaloisElement element, int level) in full.Galois.Where(pair => pair.Key != missing))
            {
                request.AddGalois(element, level);
            }

            yield return request;
        }

        // Too low by one level is as good as missing.
        foreach (GaloisElement lowered in full.Galois.Where(pair => pair.Value > 0).Select(pair => pair.Key))
        {
            KeyRequest request = new();
            request.AddRelinearization(full.RelinearizationLevel!.Value);
            foreach ((GaloisElement element, int level) in full.Galois)
            {
                request.AddGalois(element, element == lowered ? level - 1 : level);
            }

            yield return request;
        }

        KeyRequest withoutRelinearization = new();
        foreach ((GaloisElement element, int level) in full.Galois)
        {
            withoutRelinearization.AddGalois(element, level);
        }

        yield return withoutRelinearization;
    }
}
