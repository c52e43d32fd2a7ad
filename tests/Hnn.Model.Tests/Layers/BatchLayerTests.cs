using Heann.Core;
using Heann.Core.Ciphertexts;
using Heann.Core.Encoders;
using Heann.Core.Evaluation;
using Heann.Core.Parameters;
using Hnn.Model.Approximations;
using Hnn.Model.Compilation;
using Hnn.Model.Layers;
using Hnn.Model.Packing;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Layers;

/// <summary>The layers of the throughput packing against naive loops, sentence by sentence, and encrypted against their clear twin.</summary>
public sealed class BatchLayerTests(ITestOutputHelper output)
{
    // Weights are rounded at 2^28 and values are near 1.
    private const double Rounding = 1e-6;

    [Theory]
    [InlineData(4, 4)]
    [InlineData(4, 13)]
    [InlineData(9, 1)]
    public void Linear_EqualsTheNaiveMapWhateverTheScales(int inCount, int outCount)
    {
        CkksParameters parameters = InsecureSets.For([false], 10);
        LayerScene scene = new(parameters);
        BatchLayout layout = new(parameters.SlotCount, 4, inCount, 1);
        BatchScene batch = new(layout, new(inCount, 1, 1, 1, 4, 5), [3, 4, 1]);
        LinearWeights map = RandomNetwork.Map(new(inCount + outCount), outCount, inCount);
        double[][][] expected = [.. batch.Padded.Zip(batch.Masks, (x, m) => NaiveNetwork.Linear(map, x, m))];

        LinearLayer layer = new(new(map), null);
        batch.AssertColumns(expected, scene.Clear(layer, batch.Packed, batch.Mask), Rounding);
        output.WriteLine($"{scene.AssertEncryptedEqualsClear(layer, batch.Packed, batch.Mask, ErrorBudgets.Linear):E2}");
        LinearLayer scaled = new(new(map), Scale.FromLog2(42.5));
        batch.AssertColumns(expected, scene.Clear(scaled, batch.Packed, batch.Mask), Rounding);
        scene.AssertEncryptedEqualsClear(scaled, batch.Packed, batch.Mask, ErrorBudgets.Linear);

        // The columns at a scale that is not the mask's.
        ClearEvaluator evaluator = new(parameters);
        ClearValue[] x = [.. batch.Packed.Select(slots => evaluator.Create(slots, scale: Scale.FromLog2(38.25)))];
        ClearValue[] y = new BatchLinear(map).Forward(evaluator, x, evaluator.Create(batch.Mask), Scale.FromLog2(40));
        Assert.All(y, value => Assert.Equal((0, 40.0), (value.Level, Math.Round(value.Scale.Log2, 9))));
        batch.AssertColumns(expected, [.. y.Select(value => value.ToReal())], Rounding);
    }

    [Fact]
    public void Linear_RefusesAnotherNumberOfColumnsAndAnExhaustedLevel()
    {
        RecordingEvaluator recorder = new(InsecureSets.For([false], 10));
        BatchLinear linear = new(RandomNetwork.Map(new(1), 3, 2));
        Assert.Contains("2 features takes as many columns; got 1", Assert.Throws<ArgumentException>(
            () => linear.Forward(recorder, [recorder.Create()], recorder.Create())).Message, StringComparison.Ordinal);
        Assert.Throws<LevelExhaustedException>(() => linear.Forward(recorder, [recorder.Create(0), recorder.Create(0)], recorder.Create()));
        RecordedValue low = recorder.Create(0);
        Assert.Throws<ArgumentOutOfRangeException>(() => linear.Forward(recorder, [recorder.Create(), recorder.Create()], low));
    }

    // Heads of one, an odd number and several groups of features; all splits of the bucket into baby and giant steps.
    [Theory]
    [InlineData(4, 2, 4, 1)]
    [InlineData(4, 2, 4, 2)]
    [InlineData(4, 2, 4, 4)]
    [InlineData(3, 3, 8, 2)]
    [InlineData(10, 2, 8, 4)]
    [InlineData(6, 1, 2, 1)]
    [InlineData(4, 1, 1, 1)]
    public void Attention_EqualsTheNaiveAttentionAndTheEncryptedTwin(int hidden, int heads, int bucket, int babySteps)
    {
        LayerScene scene = new(InsecureSets.For(BatchBlock.ProductLevels.Take(5), 10));
        RandomNetwork network = new(hidden, heads, 1, 1, bucket, 21);
        BatchLayout layout = new(scene.Parameters.SlotCount, bucket, hidden, heads, babySteps);
        BatchScene batch = new(layout, network, [bucket, 1, Math.Max(1, bucket - 1)]);
        AttentionWeights weights = network.Weights().Layers[0].Attention;
        double[][][] expected = [.. batch.Padded.Zip(
            batch.Masks, (x, m) => NaiveNetwork.Add(x, NaiveNetwork.Attention(weights, x, m, heads)))];

        AttentionLayer layer = new(new(layout, weights));
        batch.AssertColumns(expected, scene.Clear(layer, batch.Packed, batch.Mask), Rounding);
        output.WriteLine($"{scene.AssertEncryptedEqualsClear(layer, batch.Packed, batch.Mask, ErrorBudgets.Attention):E2}");
    }

    [Theory]
    [InlineData(64, 8)]
    [InlineData(64, 16)]
    [InlineData(16, 4)]
    [InlineData(4, 1)]
    public void Attention_TakesTheKeySwitchesAndKeysThatItsRemarksCount(int bucket, int babySteps)
    {
        const int Hidden = 8, Heads = 2, Columns = 2; // of two features each
        RecordingEvaluator recorder = new(InsecureSets.For(BatchBlock.ProductLevels.Take(5), 10));
        BatchLayout layout = new(recorder.SlotCount, bucket, Hidden, Heads, babySteps);
        BatchAttention attention = new(layout, new RandomNetwork(Hidden, Heads, 1, 1, bucket, 3).Weights().Layers[0].Attention);
        RecordedValue[] x = [.. Enumerable.Range(0, Hidden).Select(_ => recorder.Create())];
        RecordedValue[] y = new AttentionLayer(attention).Forward(recorder, x, recorder.Create());
        Assert.All(y, value => Assert.Equal(0, value.Level));

        int giants = bucket / babySteps;
        int rotations = Columns * ((giants - 1) + (2 * (babySteps - 1)) + (giants - 1));
        int conjugations = bucket + Columns;
        int relinearisations = (2 * bucket) + (Columns * giants);
        Assert.Equal(Heads * (rotations + conjugations + relinearisations), recorder.KeySwitchCount);
        Assert.Equal(Heads * bucket * ((2 * Columns) + 1), recorder.ProductCount);
        Assert.Equal(babySteps - 1 + giants - 1 + 1, recorder.Keys.Galois.Count);
    }

    [Theory]
    [InlineData(4, 11)]
    [InlineData(3, 64)]
    [InlineData(4, 129)]
    public void FeedForward_EqualsTheNaiveOneInOneOrSeveralChunks(int hidden, int intermediate)
    {
        LayerScene scene = new(InsecureSets.For([false, true, false], 10));
        RandomNetwork network = new(hidden, 1, intermediate, 1, 4, 8);
        BatchScene batch = new(new(scene.Parameters.SlotCount, 4, hidden, 1), network, [2, 4]);
        LayerWeights weights = network.Weights().Layers[0];
        double[][][] expected = [.. batch.Padded.Zip(
            batch.Masks, (x, m) => NaiveNetwork.Add(x, NaiveNetwork.FeedForward(weights, network.Config.Activation, x, m)))];

        FeedForwardLayer layer = new(new(weights, QuadraticActivation.FromCoefficients(network.Config.Activation)));
        batch.AssertColumns(expected, scene.Clear(layer, batch.Packed, batch.Mask), Rounding);
        output.WriteLine($"{scene.AssertEncryptedEqualsClear(layer, batch.Packed, batch.Mask, ErrorBudgets.FeedForward):E2}");
    }

    [Fact]
    public void Block_EqualsTheNaiveBlockAndSpendsItsLevels()
    {
        LayerScene scene = new(InsecureSets.For(BatchBlock.ProductLevels, 10));
        RandomNetwork network = new(4, 2, 9, 1, 4, 4);
        BatchLayout layout = new(scene.Parameters.SlotCount, 4, 4, 2);
        BatchScene batch = new(layout, network, [4, 2, 3]);
        LayerWeights weights = network.Weights().Layers[0];
        double[][][] expected = [.. batch.Padded.Zip(batch.Masks, (x, m) => NaiveNetwork.Block(weights, network.Config, x, m))];
        BlockLayer layer = new(new(layout, weights, QuadraticActivation.FromCoefficients(network.Config.Activation), 0));
        batch.AssertColumns(expected, scene.Clear(layer, batch.Packed, batch.Mask), Rounding);
        output.WriteLine($"{scene.AssertEncryptedEqualsClear(layer, batch.Packed, batch.Mask, ErrorBudgets.Block):E2}");
    }

    [Theory]
    [InlineData(4, 4, 2, 2)]
    [InlineData(8, 8, 1, 2)]
    [InlineData(5, 1, 1, 2)]
    [InlineData(4, 4, 2, 5)]
    [InlineData(3, 2, 2, 3)]
    public void Head_GivesTheArgumentsOfTheSoftArgmaxInEverySlotOfASentence(int hidden, int bucket, int babySteps, int classes)
    {
        LayerScene scene = new(InsecureSets.For(ClassifierHead.ProductLevels, 10));
        RandomNetwork network = new(hidden, 1, 1, 1, bucket, 8);
        BatchLayout layout = new(scene.Parameters.SlotCount, bucket, hidden, 1, babySteps);
        BatchScene batch = new(layout, network, [1, bucket]);
        HeadWeights weights = WithClasses(network.Weights().Head, classes);
        SoftArgmax softArgmax = new(classes == 2 ? new(1.5, -4, 4) : new(1.5, -3, 4) { Degree = 31 }, classes);
        HeadLayer layer = new(new(layout, weights, QuadraticActivation.FromCoefficients(network.Config.Activation), softArgmax));
        double[][] clear = scene.Clear(layer, batch.Packed, batch.Mask);
        Assert.Equal(classes == 2 ? 1 : classes, clear.Length);
        for (int s = 0; s < 2; s++)
        {
            double[] logits = NaiveNetwork.Head(weights, network.Config.Activation, batch.Padded[s], batch.Masks[s]);
            double[] arguments = new DifferentiableSoftArgmax(1.5).Arguments(logits);
            for (int i = 0; i < clear.Length; i++)
            {
                double expected = (softArgmax.Polynomial.InputScale * arguments[i]) + softArgmax.Polynomial.InputOffset;
                for (int t = 0; t < bucket; t++) Assert.Equal(expected, clear[i][(t * layout.SentenceCount) + s], Rounding);
            }
        }

        output.WriteLine($"{scene.AssertEncryptedEqualsClear(layer, batch.Packed, batch.Mask, ErrorBudgets.Head):E2}");
    }

    [Fact]
    public void Circuit_RefusesALayoutOfAnotherNetwork()
    {
        RandomNetwork network = new(4, 2, 3, 1, 4, 1);
        Assert.Contains("Bucket 8 is not one", Assert.Throws<ArgumentException>(
            () => new BatchCircuit(network.Config, network.Weights(), new(64, 8, 4, 2))).Message, StringComparison.Ordinal);
        Assert.Contains("6 features in 2 heads", Assert.Throws<ArgumentException>(
            () => new BatchCircuit(network.Config, network.Weights(), new(64, 4, 6, 2))).Message, StringComparison.Ordinal);
    }

    // Layers replace columns of the stream, which here is the caller's: they are given copies, which wait in memory.
    private static T[] OnStream<T>(CircuitEvaluator<T> evaluator, T[] x, Func<WaitingColumns<T>, T[]?> layer)
        where T : class, ICircuitValue
    {
        using MemoryStore<T> store = new();
        using WaitingColumns<T> stream = new(store, x.Length, int.MaxValue);
        for (int i = 0; i < x.Length; i++)
        {
            stream.Put(i, evaluator.Copy(x[i]));
        }

        return layer(stream) ?? [.. Enumerable.Range(0, x.Length).Select(stream.Take)];
    }

    private sealed record LinearLayer(BatchLinear Map, Scale? Scale) : ILayer
    {
        public T[] Forward<T>(CircuitEvaluator<T> evaluator, T[] x, T mask)
            where T : class, ICircuitValue => Map.Forward(evaluator, x, mask, Scale);
    }

    private sealed record AttentionLayer(BatchAttention Attention) : ILayer
    {
        public T[] Forward<T>(CircuitEvaluator<T> evaluator, T[] x, T mask)
            where T : class, ICircuitValue
        {
            return OnStream(evaluator, x, stream =>
            {
                using WaitingColumns<T> contexts = Attention.Contexts(evaluator, stream, mask, "attention");
                Attention.AddOutputs(evaluator, contexts, mask, stream, "attention");
                return null;
            });
        }
    }

    private sealed record FeedForwardLayer(BatchFeedForward FeedForward) : ILayer
    {
        public T[] Forward<T>(CircuitEvaluator<T> evaluator, T[] x, T mask)
            where T : class, ICircuitValue
        {
            return OnStream(evaluator, x, stream =>
            {
                FeedForward.AddOutputs(evaluator, stream, mask, "ff");
                return null;
            });
        }
    }

    private sealed record BlockLayer(BatchBlock Block) : ILayer
    {
        public T[] Forward<T>(CircuitEvaluator<T> evaluator, T[] x, T mask)
            where T : class, ICircuitValue
        {
            return OnStream(evaluator, x, stream =>
            {
                Block.Forward(evaluator, stream, mask);
                return null;
            });
        }
    }

    // A classifier of so many rows, each a mixture of the two.
    private static HeadWeights WithClasses(HeadWeights weights, int classes)
    {
        LinearWeights two = weights.Classifier;
        double Mix(int row, Func<int, double> value) => row < 2 ? value(row) : ((row - 1) * value(0)) - (0.3 * row * value(1));
        double[] weight = [.. Enumerable.Range(0, classes).SelectMany(r => Enumerable.Range(0, two.In).Select(c => Mix(r, k => two[k, c])))];
        return weights with { Classifier = new(weight, [.. Enumerable.Range(0, classes).Select(r => Mix(r, k => two.Bias[k]))], two.In, classes) };
    }

    private sealed record HeadLayer(BatchHead Head) : ILayer
    {
        public T[] Forward<T>(CircuitEvaluator<T> evaluator, T[] x, T mask)
            where T : class, ICircuitValue
        {
            return OnStream(evaluator, x, stream => Head.Forward(evaluator, stream, mask, x[0].Scale));
        }
    }
}
