using FsCheck;
using FsCheck.Fluent;
using Heann.Core.Parameters;
using Hnn.Model.Approximations;
using Hnn.Model.Compilation;
using Hnn.Model.Packing;
using Hnn.Model.Tests.Layers;
using Hnn.Model.Text;

namespace Hnn.Model.Tests.Compilation;

/// <summary>The circuit in the clear against the independent reference of the model, and against the naive network on any shape.</summary>
public sealed class ClearNetworkTests
{
    private const double Tolerance = 1e-9;

    [Fact]
    public void Circuit_EqualsReferenceLogits()
    {
        // One sentence of each bucket, under the plan's own parameters.
        foreach ((int[] ids, double[] logits) in ReferenceModel.Sentences.DistinctBy(s => ReferenceModel.Config.BucketFor(s.Ids.Length)))
        {
            int bucket = ReferenceModel.Config.BucketFor(ids.Length);
            ClearNetwork network = new(ReferenceModel.Plan(bucket), ReferenceModel.Weights.Network);
            ClearResult result = network.Evaluate(ReferenceModel.Embedder.Embed(ids));
            Assert.Equal((logits[1] - logits[0]) / ReferenceModel.Config.SoftArgmax.Temperature, result.Argument, 1e-10);
            Assert.True(result.IsInRange);
            Assert.Equal(1 / (1 + Math.Exp(-result.Argument)), result.SoftArgmax, 1e-12);
            Assert.InRange(result.TwinSoftArgmax, result.SoftArgmax - MaxSigmoidError, result.SoftArgmax + MaxSigmoidError);
        }
    }

    [Fact]
    public void Circuit_EqualsTheNaiveNetworkOnValidationSentencesOfAllBuckets()
    {
        // Of each bucket the shortest, the longest and two between; in small rings, with one copy of the sentence and with two.
        TokenizedText[] sentences = [.. Sst2.Validation().Select(s => s.Tokens)
            .GroupBy(s => ReferenceModel.Config.BucketFor(s.Ids.Count))
            .Select(group => group.OrderBy(s => s.Ids.Count).ToArray())
            .SelectMany(group => (TokenizedText[])[group[0], group[group.Length / 3], group[2 * group.Length / 3], group[^1]])];
        Assert.Equal(12, sentences.Length);
        Dictionary<int, ClearNetwork> networks = new() { [16] = SmallRing(16, 2), [32] = SmallRing(32, 2), [64] = SmallRing(64, 1) };
        Assert.All(sentences, sentence =>
        {
            int[] ids = [.. sentence.Ids];
            ClearResult result = networks[ReferenceModel.Config.BucketFor(ids.Length)].Evaluate(ReferenceModel.Embedder.Embed(ids));
            Assert.Equal(ReferenceModel.NaiveArgument(ids), result.Argument, Tolerance);
        });
    }

    [Fact]
    public void Evaluate_SaysThatOneWordManyTimesIsOutOfRange()
    {
        int[] ids = Repeated.Ids("great", 36);
        Assert.Equal(38, ids.Length);
        ClearResult result = SmallRing(64, 1).Evaluate(ReferenceModel.Embedder.Embed(ids));
        Assert.Equal(ReferenceModel.NaiveArgument(ids), result.Argument, Tolerance);
        Assert.True(result.Argument > 10, $"{result}");
        Assert.False(result.IsInRange);

        // σ itself is fine there; the polynomial is not, and what a client would decrypt says so.
        Assert.False(new ReleasedValue(result.SoftArgmax).IsOutOfRange);
        Assert.True(new ReleasedValue(result.TwinSoftArgmax).IsOutOfRange, $"{result}");
    }

    [Fact]
    public void Circuit_EqualsTheNaiveNetworkOnEveryShape() =>
        Check.One(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(80), Prop.ForAll(Shapes(), Agrees));

    // What a random sample need not hit: one token, one copy for each token and to spare, widths that are no multiple of 2·hidden.
    [Theory]
    [InlineData(4, 1, 3, 1, 1, 1, 0)]
    [InlineData(4, 4, 8, 1, 1, 1, 3)]
    [InlineData(8, 2, 17, 2, 4, 3, 0)]
    [InlineData(8, 2, 16, 1, 4, 4, 1)]
    [InlineData(8, 4, 33, 1, 4, 2, 2)]
    [InlineData(8, 1, 31, 1, 4, 1, 4)]
    [InlineData(16, 4, 64, 2, 16, 11, 2)]
    [InlineData(16, 2, 40, 1, 16, 16, 0)]
    [InlineData(16, 16, 1, 1, 16, 9, 5)]
    [InlineData(6, 3, 14, 1, 8, 5, 1)]
    [InlineData(12, 3, 50, 1, 2, 2, 1)]
    [InlineData(8, 1, 17, 2, 1, 1, 0, 1047284)]
    public void Circuit_EqualsTheNaiveNetwork(
        int hidden, int heads, int intermediate, int layers, int bucket, int tokens, int logCopies, int seed = 77) =>
        Assert.True(Agrees(new(new(hidden, heads, intermediate, layers, bucket, seed), tokens, logCopies)));

    private static double MaxSigmoidError => new Model.Layers.SoftArgmax(ReferenceModel.Config.SoftArgmax).Polynomial.MaxError + 1e-12;

    private static ClearNetwork SmallRing(int bucket, int copies)
    {
        int slots = copies * bucket * TokenLayout.StrideFor(ReferenceModel.Config.HiddenSize);
        CkksParameters parameters = InsecureSets.For(ReferenceModel.Config, int.Log2(slots) + 1);
        return new(LevelPlan.Create(ReferenceModel.Config, bucket, parameters), ReferenceModel.Weights.Network);
    }

    private static bool Agrees(Shape shape)
    {
        RandomNetwork random = shape.Network;
        LevelPlan plan = LevelPlan.Create(random.Config, random.Bucket, InsecureSets.For(random.Config, shape.LogSlots + 1));
        double[,] tokens = random.Tokens(shape.TokenCount);
        double[] logits = NaiveNetwork.Logits(random.Config, random.Weights(), tokens, random.Bucket);
        ClearResult result = new ClearNetwork(plan, random.Weights()).Evaluate(tokens);

        // Random weights can make values large (a bucket of 1 divides the attention by nothing): the tolerance is relative to the logits.
        double size = Math.Max(1, Math.Max(Math.Abs(logits[0]), Math.Abs(logits[1])));
        return Math.Abs(((logits[1] - logits[0]) / random.Config.SoftArgmax.Temperature) - result.Argument) <= Tolerance * size
            && plan.Steps[^1].Level == 0;
    }

    private static Arbitrary<Shape> Shapes()
    {
        Gen<Shape> shapes =
            from hidden in Gen.Elements(4, 6, 8, 12, 16)
            from headSize in Gen.Elements([.. new[] { 1, 2, 4, 8, 16 }.Where(size => hidden % size == 0 && hidden / size <= 4)])
            from intermediate in Gen.Choose(1, 5 * hidden)
            from layers in Gen.Choose(1, 2)
            from bucket in Gen.Elements(1, 2, 4, 8, 16)
            from tokens in Gen.Choose(1, bucket)
            from logCopies in Gen.Choose(0, int.Log2(bucket) + 2)
            from seed in Gen.Choose(0, 1 << 20)
            select new Shape(new(hidden, hidden / headSize, intermediate, layers, bucket, seed), tokens, logCopies);
        return Arb.From(shapes);
    }

    private sealed record Shape(RandomNetwork Network, int TokenCount, int LogCopies)
    {
        public int LogSlots => int.Log2(Network.Bucket * TokenLayout.StrideFor(Network.Hidden)) + LogCopies;
    }
}
