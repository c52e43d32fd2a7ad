using System.Globalization;
using Heann.Core;
using Heann.Core.Backends;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Rings;
using Hnn.Model.Client;
using Hnn.Model.Compilation;
using Hnn.Model.Server;
using Hnn.Model.Tests.Layers;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Compilation;

/// <summary>LevelPlan: what it promises of hnn-tiny, what it refuses, and that it depends on the shape alone.</summary>
public sealed class LevelPlanTests
{
    public static TheoryData<int> Buckets => [.. ReferenceModel.Config.Buckets];

    [Theory]
    [MemberData(nameof(Buckets))]
    public void HnnTiny_IsSecureAndUsesItsLevelsUp(int bucket)
    {
        LevelPlan plan = ReferenceModel.Plan(bucket);
        Assert.Equal(0, plan.Steps[^1].Level);
        Assert.Equal((2 * 8) + 3 + 5, plan.Parameters.MaxLevel);
        Assert.False(plan.Layout.SharesKeys);
        Assert.Equal(128, plan.Parameters.SecurityBits);
        Assert.Equal(15, plan.Parameters.LogN);
        Assert.True(plan.Parameters.BasisQP.Log2 <= 868, $"{plan.Parameters} is above the table's 868 bits at N = 2^15.");

        // The largest modulus that any key lives under is the table's too.
        Assert.True(plan.Keys.Galois.Values.Max(level => plan.Parameters.KeySwitchLayoutAt(level).Basis.Log2) <= 868);
    }

    [Fact]
    public void HnnTiny_TakesTheSmallestPrimesThatArePreciseAndTheFasterOfTheTwoWays()
    {
        LevelPlan plan = ReferenceModel.Plan(64);
        Assert.InRange(plan.PredictedError, 0, LevelPlan.MaxPredictedError);
        int bits = (int)Math.Round(plan.Parameters.DefaultScale.Log2);
        LevelPlan Other(int logN, int productBits, bool sharesKeys)
        {
            int[] sizes = LevelPlan.PrimeBits(ReferenceModel.Config, productBits, 25, sharesKeys);
            return LevelPlan.Create(
                ReferenceModel.Config, 64, ParamGen.ForSpecialPrimes(logN, sizes, 2, Scale.FromLog2(productBits))!);
        }

        Assert.True(Other(15, bits - 1, false).PredictedError > LevelPlan.MaxPredictedError);
        LevelPlan sharing = Other(15, bits, true);
        Assert.True(sharing.Layout.SharesKeys);
        Assert.Equal(plan.Parameters.MaxLevel + 2, sharing.Parameters.MaxLevel);
        Assert.True(sharing.EstimateSeconds(CostModel.Default(1)) > plan.EstimateSeconds(CostModel.Default(1)));
    }

    [Theory]
    [MemberData(nameof(Buckets))]
    public void HnnTiny_NamesItsStepsAndGoesDown(int bucket)
    {
        LevelPlan plan = ReferenceModel.Plan(bucket);
        (string Name, int Spent)[] block =
        [
            (".attention.qkv", 1), (".attention.scores", 1), (".attention.weights", 1), (".attention.context", 1),
            (".attention.out", 1), (".ff.1", 1), (".ff.activation", 1), (".ff.2", 1),
            (string.Empty, 0),
        ];
        (string Name, int Spent)[] expected =
        [
            .. block.Select(step => ("layers.0" + step.Name, step.Spent)), .. block.Select(step => ("layers.1" + step.Name, step.Spent)),
            ("head.pre", 1), ("head.activation", 1), ("head.classifier", 1), ("soft-argmax", 5),
        ];
        Assert.Equal(expected.Select(step => step.Name), plan.Steps.Select(step => step.Name));
        int level = plan.Parameters.MaxLevel;
        foreach (((string name, int spent), PlanStep step) in expected.Zip(plan.Steps))
        {
            level -= spent;
            Assert.Equal((name, level), (name, step.Level));
            Assert.True(step.PredictedError is > 0 and < 1e-3, $"{step}");
        }

        Assert.Equal(plan.Steps.Select(step => step.KeySwitchCount).Order(), plan.Steps.Select(step => step.KeySwitchCount));
        Assert.Equal(plan.Steps.Select(step => step.TransformCount).Order(), plan.Steps.Select(step => step.TransformCount));
        Assert.Equal(plan.Steps.Select(step => step.MultiplyAddCount).Order(), plan.Steps.Select(step => step.MultiplyAddCount));
        Assert.Equal((plan.KeySwitchCount, 0), (plan.Steps[^1].KeySwitchCount, plan.Steps[^1].Level));

        // The residual stream keeps the scale of the request to the end; between, primes near the scale keep it near. Real and imaginary
        // parts come at twice the scale: scores so, their squares at four times, the contexts' real parts at eight times.
        double scale = plan.Parameters.DefaultScale.Log2;
        Assert.All(
            plan.Steps.Where(step => step.Name is "layers.0" or "layers.1" or "soft-argmax"),
            step => Assert.Equal(scale, step.Scale.Log2, 1e-12));
        Assert.All(plan.Steps, step => Assert.Equal(scale + Doublings(step.Name), step.Scale.Log2, 0.01));

        static int Doublings(string name) => name[Math.Min(name.Length, "layers.0.".Length)..] switch
        {
            "attention.scores" => 1,
            "attention.weights" or "ff.activation" => 2,
            "attention.context" => 3,
            _ => 0,
        };
    }

    [Fact]
    public void HnnTiny_TakesMoreTimeForLongerSentencesAndFewKeys()
    {
        LevelPlan[] plans = [.. ReferenceModel.Config.Buckets.Select(ReferenceModel.Plan)];
        CostModel model = CostModel.Default(2);
        Assert.Equal(plans.Select(p => p.EstimateSeconds(model)).Order(), plans.Select(p => p.EstimateSeconds(model)));
        Assert.All(plans, plan =>
        {
            Assert.True(plan.KeySwitchCount > plan.ProductCount, $"{plan.KeySwitchCount} key switches, {plan.ProductCount} products");
            Assert.True(plan.PlainProductCount > 1000 && plan.RescaleCount > plan.Parameters.MaxLevel);
            Assert.Equal(plan.KeyBytes + plan.CiphertextPeakBytes, plan.PeakBytes);
            Assert.True(plan.CiphertextPeakBytes > 2 * plan.RequestBytes);
            Assert.True(plan.KeyCount < 48, $"{plan.KeyCount} keys");
        });
    }

    [Theory]
    [InlineData(192, 16, 1199)]
    [InlineData(256, 16, 929)]
    public void Create_ReachesHigherSecurityByALargerRing(int securityBits, int logN, int limit)
    {
        LevelPlan plan = LevelPlan.Create(ReferenceModel.Config, 16, securityBits);
        Assert.True(plan.Parameters.SecurityBits >= securityBits);
        Assert.Equal(logN, plan.Parameters.LogN);
        Assert.True(plan.Parameters.BasisQP.Log2 <= limit);
        Assert.Equal(0, plan.Steps[^1].Level);
    }

    [Theory]
    [MemberData(nameof(Buckets))]
    public void Keys_AreExactlyThoseThatTheRealWeightsAskFor(int bucket)
    {
        LevelPlan plan = ReferenceModel.Plan(bucket);
        AssertSame(plan.Keys, Ask(plan, ReferenceModel.Weights.Network));
    }

    [Theory]
    [InlineData(4, 2, 11, 1, 4, 10)]
    [InlineData(8, 4, 40, 2, 16, 9)]
    [InlineData(6, 3, 5, 1, 8, 8)]
    [InlineData(16, 2, 32, 1, 2, 11)]
    [InlineData(4, 1, 1, 1, 8, 7)]
    public void Keys_AreExactlyThoseThatRandomWeightsAskFor(int hidden, int heads, int intermediate, int layers, int bucket, int logN)
    {
        RandomNetwork network = new(hidden, heads, intermediate, layers, bucket, 55);
        LevelPlan plan = LevelPlan.Create(network.Config, bucket, InsecureSets.For(network.Config, logN));
        AssertSame(plan.Keys, Ask(plan, network.Weights()));
        Assert.All(plan.Keys.Galois.Keys, key => Assert.False(key.IsIdentity(plan.Parameters.RingDegree)));
        Assert.Equal(0, plan.Steps[^1].Level);
    }

    [Fact]
    public void Create_GivesBothHalvesTheSamePlanFromTheirConfigsAlone()
    {
        HnnConfig again = HnnConfig.Load(Path.Combine(TestData.HnnTiny, "config.json"));
        foreach (int bucket in again.Buckets)
        {
            LevelPlan client = ReferenceModel.Plan(bucket), server = LevelPlan.Create(again, bucket);
            Assert.Equal(client.Parameters.Id, server.Parameters.Id);
            Assert.Equal(client.Parameters.BasisQP.Moduli, server.Parameters.BasisQP.Moduli);
            AssertSame(client.Keys, server.Keys);
            Assert.Equal(client.Steps, server.Steps);

            // A client's keys serve all its sentences, of whatever bucket: one set of parameters.
            Assert.Equal(ReferenceModel.Plan(again.Buckets[0]).Parameters.Id, client.Parameters.Id);
        }
    }

    [Fact]
    public void Create_RefusesANetworkThatNoRingHolds()
    {
        HnnConfig deep = ReferenceModel.Config with { LayerCount = 20 };
        int levels = (20 * 8) + 3 + 5, bits = LevelPlan.PrimeBits(deep, 30, 25, sharesKeys: false).Sum();
        string message = Assert.Throws<InsufficientSecurityException>(() => LevelPlan.Create(deep, 16)).Message;
        Assert.All([$"{levels} levels", $"{bits} bits", "16384 slots", "3523"], part => Contains(part));
        message = Assert.Throws<InsufficientSecurityException>(
            () => LevelPlan.Create(ReferenceModel.Config with { LayerCount = 9 }, 16, 256)).Message;
        Assert.All(["80 levels", "1866", "256-bit"], part => Contains(part));
        message = Assert.Throws<InsufficientSecurityException>(
            () => LevelPlan.Create(ReferenceModel.Config with { Buckets = [16, 1024] }, 16)).Message;
        Contains((1024 * 256).ToString(CultureInfo.InvariantCulture));

        void Contains(string part) => Assert.Contains(part, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_RefusesWhatIsNotTheModels()
    {
        string message = Assert.Throws<ArgumentException>(() => LevelPlan.Create(ReferenceModel.Config, 8)).Message;
        Assert.Contains("16, 32, 64", message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => LevelPlan.Create(ReferenceModel.Config, 16, 100));
        Assert.Throws<ArgumentException>(
            () => LevelPlan.Create(ReferenceModel.Config with { SoftArgmax = new(2, -4, 8) }, 16));
        RandomNetwork shallow = new(4, 2, 8, 1, 4, 1);
        Assert.Throws<LevelExhaustedException>(
            () => LevelPlan.Create(shallow.Config with { LayerCount = 2 }, 4, InsecureSets.For(shallow.Config, 10)));
        Assert.Throws<ArgumentException>(() => LevelPlan.Create(shallow.Config, 4, InsecureSets.For(shallow.Config, 5)));
    }

    [Theory]
    [InlineData(3, Release.Probabilities)]
    [InlineData(5, Release.Probabilities)]
    [InlineData(5, Release.SoftArgmax)]
    [InlineData(8, Release.SoftArgmax)]
    public void MoreClasses_TakeTheLevelsOfTheirSoftmaxAndTheKeysOfTheRealWeights(int classes, Release release)
    {
        RandomNetwork network = new(4, 2, 8, 1, 4, 1, classes);
        HnnConfig config = network.Config.WithRelease(release) with { SoftArgmax = new(1, -5, 5) { Release = release } };
        LevelPlan plan = LevelPlan.Create(config, 4, InsecureSets.For(config, 10));
        int last = release == Release.SoftArgmax ? 1 : 0;
        Assert.Equal((release, 9 + 3 + plan.SoftArgmax.Depth + last), (plan.Release, plan.Parameters.MaxLevel));
        Assert.Equal(
            ["head.classifier", "head.exponentials", "probabilities", .. Enumerable.Repeat("soft-argmax", last)],
            plan.Steps.Skip(plan.Steps.Count - 3 - last).Select(step => step.Name));
        Assert.Equal(0, plan.Steps[^1].Level);
        Assert.Equal(40, plan.Steps[^1].Scale.Log2, 1e-9);
        AssertSame(plan.Keys, Ask(plan, network.Weights()));
    }

    [Fact]
    public void HnnSst5_FitsTheRingAboveHnnTinys()
    {
        HnnConfig config = HnnConfig.Load(Path.Combine(TestData.Root, "models", "hnn-sst5", "config.json"));
        foreach (Release release in Enum.GetValues<Release>())
        {
            LevelPlan plan = LevelPlan.Create(config.WithRelease(release), 16);
            Assert.Equal((16, 128), (plan.Parameters.LogN, plan.Parameters.SecurityBits));
            Assert.True(plan.Parameters.BasisQP.Log2 <= 1747, $"{plan.Parameters}");
            Assert.InRange(plan.Parameters.MaxLevel, 28, 38);
            Assert.InRange(plan.PredictedError, 0, LevelPlan.MaxPredictedError * (release == Release.SoftArgmax ? 4 : 1));
            Assert.Equal(0, plan.Steps[^1].Level);
            Assert.All(plan.Steps, step => Assert.True(step.PredictedError is > 0 and < 5e-3, $"{step}"));
        }
    }

    [Fact]
    public void Release_ThatThereIsNot_IsRefused()
    {
        Assert.Contains("the probability of the second", Assert.Throws<ArgumentException>(
            () => ReferenceModel.Config.WithRelease(Release.Probabilities)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new RandomNetwork(4, 2, 8, 1, 4, 1, 3).Config.WithRelease((Release)7));
        Assert.Same(ReferenceModel.Config, ReferenceModel.Config.WithRelease(null));
    }

    private static KeyRequest Ask(LevelPlan plan, NetworkWeights weights)
    {
        RecordingEvaluator recorder = new(plan.Parameters);
        SentimentCircuit circuit = new(plan.Config, weights, plan.Layout);
        using RecordedValue y = circuit.Forward(recorder, recorder.Create(), recorder.Create());
        return recorder.Keys;
    }

    private static void AssertSame(KeyRequest expected, KeyRequest actual)
    {
        Assert.Equal(expected.RelinearizationLevel, actual.RelinearizationLevel);
        Assert.Equal(Sorted(expected), Sorted(actual));

        static IEnumerable<(int Steps, bool IsConjugation, int Level)> Sorted(KeyRequest request) =>
            request.Galois.Select(pair => (pair.Key.RotationSteps, pair.Key.IsConjugation, pair.Value)).Order();
    }
}
