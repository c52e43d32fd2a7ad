using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Hnn.Model.Compilation;
using Hnn.Model.Plain;
using Hnn.Model.Tests.Layers;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Plain;

/// <summary>The network in the clear against the model's own reference, the naive loops, and the packed circuit.</summary>
public sealed class PolynomialNetworkTests
{
    private const double Tolerance = 1e-10;

    private static PolynomialNetwork Tiny => new(ReferenceModel.Config, ReferenceModel.Weights.Network);

    [Fact]
    public void Logits_EqualTheReference()
    {
        PolynomialNetwork network = Tiny;
        Assert.All(ReferenceModel.Sentences, sentence =>
        {
            double[] logits = network.Logits(ReferenceModel.Embedder.Embed(sentence.Ids));
            Assert.Equal(sentence.Logits.Length, logits.Length);
            Assert.All(sentence.Logits.Zip(logits), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
        });
    }

    [Fact]
    public void Logits_EqualThePackedCircuit()
    {
        // One sentence of each bucket, under the plan's own parameters.
        foreach ((int[] ids, _) in ReferenceModel.Sentences.DistinctBy(s => ReferenceModel.Config.BucketFor(s.Ids.Length)))
        {
            double[,] tokens = ReferenceModel.Embedder.Embed(ids);
            double[] logits = Tiny.Logits(tokens);
            LevelPlan plan = ReferenceModel.Plan(ReferenceModel.Config.BucketFor(ids.Length));
            ClearResult packed = new ClearNetwork(plan, ReferenceModel.Weights.Network).Evaluate(tokens);
            Assert.Equal(packed.Argument, (logits[1] - logits[0]) / ReferenceModel.Config.SoftArgmax.Temperature, Tolerance);
        }
    }

    [Fact]
    public void Logits_EqualTheNaiveNetworkOnEveryShape() => Prop.ForAll(Shapes(), shape =>
    {
        double[,] tokens = shape.Network.Tokens(shape.TokenCount);
        double[] expected = NaiveNetwork.Logits(shape.Network.Config, shape.Network.Weights(), tokens, shape.Network.Bucket);
        double[] actual = new PolynomialNetwork(shape.Network.Config, shape.Network.Weights()).Logits(tokens, shape.Network.Bucket);

        // Random weights can make values large: the tolerance is relative to the logits.
        double size = Math.Max(1, expected.Max(Math.Abs));
        return expected.Length == actual.Length && expected.Zip(actual, (e, a) => Math.Abs(e - a)).Max() <= Tolerance * size;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Ranges_AreTheLargestOfTheNaiveNetwork()
    {
        RandomNetwork network = new(6, 3, 10, 1, 8, 12, Classes: 3);
        HnnConfig config = network.Config;
        NetworkWeights weights = network.Weights();
        double[,] tokens = network.Tokens(5);
        ValueRanges ranges = new();
        _ = new PolynomialNetwork(config, weights).Logits(tokens, 8, ranges);

        double[] mask = NaiveNetwork.Mask(5, 8);
        double[][] x = NaiveNetwork.Pad(tokens, 8);
        LayerWeights layer = weights.Layers[0];
        double[][] q = NaiveNetwork.Linear(layer.Attention.Query, x, mask), k = NaiveNetwork.Linear(layer.Attention.Key, x, mask);
        double[][] v = NaiveNetwork.Linear(layer.Attention.Value, x, mask), context = NaiveNetwork.Context(q, k, v, 3);
        double[] scores = [.. from h in Enumerable.Range(0, 3) from a in q from b in k
                              select ((a[2 * h] * b[2 * h]) + (a[(2 * h) + 1] * b[(2 * h) + 1])) / Math.Sqrt(2)];
        double[][] middle = NaiveNetwork.Add(x, NaiveNetwork.Linear(layer.Attention.Output, context, mask));
        double[][] u = NaiveNetwork.Linear(layer.FeedForward1, middle, mask);
        double[][] output = NaiveNetwork.Block(layer, config, x, mask);
        double[] pooled = [.. Enumerable.Range(0, 6).Select(i => output.Sum(row => row[i]) / 8)];
        double[] pre = [.. Enumerable.Range(0, 6).Select(o => Enumerable.Range(0, 6).Sum(i => weights.Head.Pre[o, i] * pooled[i])
            + (weights.Head.MaskWeight[o] * 5 / 8) + weights.Head.Pre.Bias[o])];
        (string Name, IEnumerable<double> Values)[] expected =
        [
            ("input", x.SelectMany(r => r)), ("layers.0.q", q.SelectMany(r => r)), ("layers.0.k", k.SelectMany(r => r)),
            ("layers.0.v", v.SelectMany(r => r)), ("layers.0.score", scores), ("layers.0.weight", scores.Select(s => s * s / 8)),
            ("layers.0.context", context.SelectMany(r => r)), ("layers.0.after_attention", middle.SelectMany(r => r)),
            ("layers.0.preactivation", u.SelectMany(r => r)),
            ("layers.0.activation", u.SelectMany(r => NaiveNetwork.Activation(config.Activation, r))),
            ("layers.0.output", output.SelectMany(r => r)), ("pooled", pooled), ("head.preactivation", pre),
            ("head.activation", NaiveNetwork.Activation(config.Activation, pre)),
            ("logits", NaiveNetwork.Head(weights.Head, config.Activation, output, mask)),
        ];
        double[] logits = [.. expected[^1].Values];
        expected = [.. expected, ("logit_deviation", logits.Select(logit => logit - (logits.Sum() / 3)))];
        Assert.Equal(expected.Select(e => e.Name), ranges.Items.Select(r => r.Name));
        Assert.All(expected.Zip(ranges.Items), pair => Assert.Equal(pair.First.Values.Max(Math.Abs), pair.Second.LargestMagnitude, 1e-12));
    }

    [Fact]
    public void Validation_740Of872AreRightAndNothingExceedsTheReference()
    {
        (Model.Text.TokenizedText Tokens, int Label)[] sentences = Sst2.Validation();
        PolynomialNetwork network = Tiny;
        ValueRanges ranges = new();
        int right = 0;
        foreach ((Model.Text.TokenizedText tokens, int label) in sentences)
        {
            double[] logits = network.Logits(
                ReferenceModel.Embedder.Embed(tokens.Ids), ReferenceModel.Config.BucketFor(tokens.Ids.Count), ranges);
            right += (logits[1] > logits[0] ? 1 : 0) == label ? 1 : 0;
        }

        Assert.Equal(740, right);
        using JsonDocument reference = JsonDocument.Parse(File.ReadAllText(Path.Combine(TestData.HnnTiny, "reference.json")));
        JsonElement largest = reference.RootElement.GetProperty("largest_absolute_value");
        Assert.Equal(
            largest.EnumerateObject().Select(field => field.Name),
            ranges.Items.Select(r => r.Name));

        // The reference has three decimals, and is of the same sentences.
        foreach (JsonProperty field in largest.EnumerateObject())
        {
            double seen = ranges.Items.Single(r => r.Name == field.Name).LargestMagnitude;
            Assert.InRange(seen, field.Value.GetDouble() - 5.01e-4, field.Value.GetDouble() + 5.01e-4);
        }
    }

    [Fact]
    public void Logits_DependOnTheBucketAndNotOnWhoAsks()
    {
        RandomNetwork random = new(8, 2, 12, 2, 16, 3);
        HnnConfig config = random.Config with { Buckets = [8, 16] };
        PolynomialNetwork network = new(config, random.Weights());
        double[,] tokens = random.Tokens(5);
        Assert.Equal(network.Logits(tokens), network.Logits(tokens, 8));
        Assert.NotEqual(network.Logits(tokens, 16)[0], network.Logits(tokens, 8)[0], 1e-6);
        Assert.Equal(network.Logits(tokens, 8), network.Logits(tokens, 8, new ValueRanges()));
    }

    [Fact]
    public void WrongArguments_AreRefused()
    {
        RandomNetwork random = new(4, 2, 8, 1, 4, 1);
        PolynomialNetwork network = new(random.Config, random.Weights());
        Refused("features", () => network.Logits(new double[2, 5]));
        Refused("Bucket 8", () => network.Logits(random.Tokens(2), 8));
        Refused("1 to 4 tokens", () => network.Logits(new double[5, 4], 4));
        Refused("1 to 4 tokens", () => network.Logits(new double[0, 4], 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => network.Logits(new double[5, 4]));
        Refused("2 layers", () => _ = new PolynomialNetwork(random.Config with { LayerCount = 2 }, random.Weights()));
        Refused("(8, 4)", () => _ = new PolynomialNetwork(random.Config with { IntermediateSize = 9 }, random.Weights()));
        Refused("(2, 4)", () => _ = new PolynomialNetwork(random.Config with { Labels = ["a", "b", "c"] }, random.Weights()));
        Refused("[0, c1, c2]", () => _ = new PolynomialNetwork(random.Config with { Activation = [1, 0, 1] }, random.Weights()));

        static void Refused(string part, Action use) =>
            Assert.Contains(part, Assert.Throws<ArgumentException>(use).Message, StringComparison.Ordinal);
    }

    private static Arbitrary<(RandomNetwork Network, int TokenCount)> Shapes() => (
        from headSize in Gen.Choose(1, 5)
        from heads in Gen.Choose(1, 4)
        from intermediate in Gen.Choose(1, 40)
        from layers in Gen.Choose(1, 3)
        from bucket in Gen.Elements(1, 2, 4, 8, 16)
        from tokens in Gen.Choose(1, bucket)
        from classes in Gen.Choose(2, 7)
        from seed in Gen.Choose(0, 1 << 20)
        select (new RandomNetwork(headSize * heads, heads, intermediate, layers, bucket, seed, classes), tokens)).ToArbitrary();
}
