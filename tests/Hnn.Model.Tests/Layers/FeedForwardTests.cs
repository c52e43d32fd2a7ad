using Heann.Core.Ciphertexts;
using Heann.Core.Encoders;
using Heann.Core.Evaluation;
using Hnn.Model.Layers;
using Hnn.Model.Packing;
using Hnn.Model.Tests.Packing;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Layers;

/// <summary>FeedForward and TransformerBlock against the formulas, with activations other than the model's too.</summary>
public sealed class FeedForwardTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(4, 4, 1, 0.5, 0.125)]
    [InlineData(4, 4, 8, 0.5, 0.125)]
    [InlineData(4, 4, 9, 0.5, 0.125)]
    [InlineData(8, 4, 32, 0.25, 0.3)]
    [InlineData(8, 2, 39, -0.5, 0.2)]
    [InlineData(6, 8, 29, 0.0, 0.25)]
    public void Forward_EqualsTheNaiveFeedForwardAndTheEncryptedTwin(int hidden, int bucket, int intermediate, double c1, double c2)
    {
        int tokens = bucket - 1;
        LayerScene scene = new(InsecureSets.For(BatchBlock.ProductLevels.Skip(5), 10));
        RandomNetwork network = new(hidden, hidden / 2, intermediate, 1, bucket, 4);
        LayerWeights weights = network.Weights().Layers[0];
        TokenLayout layout = new(scene.Parameters.SlotCount, bucket, hidden, hidden / 2);
        double[,] x = network.Tokens(tokens);
        double[][] y = NaiveNetwork.FeedForward(weights, [0, c1, c2], NaiveNetwork.Pad(x, bucket), NaiveNetwork.Mask(tokens, bucket));

        Layer layer = new(new(layout, weights, new(c2, c1)));
        SlotVector[] packed = [layout.PackTokens(x)];
        double[] clear = scene.Clear(layer, packed, layout.PackMask(tokens))[0];
        Slots.AssertEqual(Slots.Of(layout, FeaturePlacement.Single(layout), y), clear);
        double error = scene.AssertEncryptedEqualsClear(layer, packed, layout.PackMask(tokens), ErrorBudgets.FeedForward);
        output.WriteLine($"{error:E2}");
    }

    [Theory]
    [InlineData(4, 2, 8, 20, 5)]
    [InlineData(8, 2, 4, 32, 4)]
    [InlineData(8, 4, 16, 16, 1)]
    [InlineData(12, 3, 4, 25, 3)]
    public void Block_EqualsTheNaiveBlockAndTheEncryptedTwin(int hidden, int heads, int bucket, int intermediate, int tokens)
    {
        LayerScene scene = new(InsecureSets.For(TransformerBlock.ProductLevels(sharesKeys: true), 10));
        RandomNetwork network = new(hidden, heads, intermediate, 1, bucket, 6);
        LayerWeights weights = network.Weights().Layers[0];
        TokenLayout layout = new(scene.Parameters.SlotCount, bucket, hidden, heads);
        double[,] x = network.Tokens(tokens);
        double[][] y = NaiveNetwork.Block(weights, network.Config, NaiveNetwork.Pad(x, bucket), NaiveNetwork.Mask(tokens, bucket));

        BlockLayer layer = new(new(layout, weights, QuadraticActivation.FromCoefficients(network.Config.Activation)));
        SlotVector[] packed = [layout.PackTokens(x)];
        double[] clear = scene.Clear(layer, packed, layout.PackMask(tokens))[0];
        Slots.AssertEqual(Slots.Of(layout, FeaturePlacement.Residual(layout), y), clear);
        double error = scene.AssertEncryptedEqualsClear(layer, packed, layout.PackMask(tokens), ErrorBudgets.Block);
        output.WriteLine($"{error:E2}");
    }

    [Fact]
    public void Linear_HasPairsOnOneSideOnly()
    {
        TokenLayout layout = new(512, 8, 8, 2);
        SlotPlacement single = new(FeaturePlacement.Single(layout)), pair = new(single.Real, single.Real);
        LinearWeights map = new RandomNetwork(8, 2, 20, 1, 8, 14).Weights().Layers[0].Attention.Query;
        _ = new Linear(layout, map, [single], [pair]);
        _ = new Linear(layout, map, [pair], [single]);
        Assert.Contains("not both", Assert.Throws<ArgumentException>(() => new Linear(layout, map, [pair], [pair])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Block_LeavesPaddingExactlyZeroAfterEveryStep()
    {
        RandomNetwork network = new(8, 2, 20, 1, 8, 14);
        TokenLayout layout = new(512, 8, 8, 2);
        TransformerBlock block = new(layout, network.Weights().Layers[0], new(0.125, 0.5));
        List<string> steps = [];
        ClearEvaluator evaluator = new(InsecureSets.For(TransformerBlock.ProductLevels(sharesKeys: true), 10));
        evaluator.StageReached = (name, value) =>
        {
            steps.Add(name);
            bool isSum = name.EndsWith(".scores", StringComparison.Ordinal) || name.EndsWith(".weights", StringComparison.Ordinal);
            AssertPaddingZero(layout, 5, value.ToReal(),
                isSum ? [.. Enumerable.Range(0, 8).SelectMany(FeaturePlacement.Heads(layout).Places)] : null);
        };
        block.Forward(evaluator, evaluator.Create(layout.PackTokens(network.Tokens(5))), evaluator.Create(layout.PackMask(5)), "layers.0");
        Assert.Equal(
            ["layers.0.attention.qkv", "layers.0.attention.scores", "layers.0.attention.weights", "layers.0.attention.context",
                "layers.0.attention.out",
                "layers.0.ff.1", "layers.0.ff.activation", "layers.0.ff.2", "layers.0"], steps);
    }

    // Sums over heads are right on the data places alone; what stands beside them meets zeros of v.
    private static void AssertPaddingZero(TokenLayout layout, int tokens, double[] slots, int[]? places)
    {
        for (int slot = 0; slot < slots.Length; slot++)
        {
            if (slot / layout.FeatureStride % layout.Bucket >= tokens && places?.Contains(slot % layout.FeatureStride) != false)
                Assert.True(slots[slot] == 0, $"Slot {slot} is padding and holds {slots[slot]:R}.");
        }
    }

    private sealed record Layer(FeedForward FeedForward) : ILayer
    {
        public T[] Forward<T>(CircuitEvaluator<T> evaluator, T[] x, T mask)
            where T : class, ICircuitValue => [FeedForward.Forward(evaluator, x[0], mask, "ff")];
    }

    private sealed record BlockLayer(TransformerBlock Block) : ILayer
    {
        public T[] Forward<T>(CircuitEvaluator<T> evaluator, T[] x, T mask)
            where T : class, ICircuitValue => [Block.Forward(evaluator, x[0], mask, "layers.0")];
    }
}
