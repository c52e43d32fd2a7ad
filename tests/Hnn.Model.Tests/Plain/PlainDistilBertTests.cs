using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Hnn.Model.Plain;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Plain;

public sealed class PlainDistilBertTests
{
    private const double MaxError = 1e-5;        // asked of it
    private const double MaxErrorInDoubles = 1e-9; // what an error in doubles, and that of the twin's integrals, can grow to here

    /// <summary>Heads, head size, inner, layers, labels, tokens.</summary>
    public static TheoryData<int, int, int, int, int, int> Shapes => new()
    {
        { 1, 1, 1, 1, 2, 1 }, { 1, 8, 16, 1, 2, 2 }, { 2, 4, 32, 2, 2, 5 }, { 4, 4, 7, 3, 5, 12 }, { 8, 1, 24, 2, 3, 9 },
        { 3, 5, 60, 6, 9, 7 }, { 12, 4, 192, 2, 2, 12 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Classify_EqualsTheNaiveNetwork(int heads, int headSize, int inner, int layers, int labels, int tokens)
    {
        foreach (TensorType type in (TensorType[])[TensorType.F32, TensorType.F16, TensorType.BF16])
        {
            foreach (string activation in (string[])["gelu", "relu"])
                AssertEqualsNaive(new(heads, headSize, inner, layers, labels, type, Seed: tokens) { Activation = activation }, tokens);
        }
    }

    [Fact]
    public void Classify_EqualsTheNaiveNetworkForAnyShape()
    {
        Gen<(DistilBertCheckpoint, int)> cases =
            from heads in Gen.Choose(1, 5)
            from size in Gen.Choose(1, 6)
            from inner in Gen.Choose(1, 24)
            from layers in Gen.Choose(1, 3)
            from labels in Gen.Choose(2, 7)
            from type in Gen.Elements(TensorType.F32, TensorType.F16, TensorType.BF16)
            from tokens in Gen.Choose(1, DistilBertCheckpoint.Positions)
            from seed in Gen.Choose(0, 1_000_000)
            select (new DistilBertCheckpoint(heads, size, inner, layers, labels, type, seed), tokens);
        Prop.ForAll(cases.ToArbitrary(), c => AssertEqualsNaive(c.Item1, c.Item2)).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Classify_EqualsPyTorch()
    {
        JsonElement[] cases = [.. TestData.Vectors("distilbert/expected.json").GetProperty("cases").EnumerateArray()];
        Assert.Equal(12, cases.Length);
        foreach (IGrouping<string, JsonElement> file in cases.GroupBy(c => c.GetProperty("file").GetString()!))
        {
            using TemporaryFolder folder = TemporaryFolder.OfVector(file.Key);
            PlainDistilBert model = DistilBertDirectory.Open(folder.FullPath).LoadModel();
            foreach (JsonElement expected in file)
            {
                double[] logits = expected.GetProperty("logits").Deserialize<double[]>()!;
                PlainResult actual = model.Classify(expected.GetProperty("ids").Deserialize<int[]>()!);
                AssertNear(logits, actual.Logits, MaxErrorInDoubles, file.Key);
            }
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void Classify_DoesNotDependOnThreads(int threadCount)
    {
        var checkpoint = new DistilBertCheckpoint(6, 16, 300, 2, 4, TensorType.F32, 3);
        int[] text = checkpoint.Text(11);
        Assert.Equal(checkpoint.LoadModel().Classify(text).Logits, checkpoint.LoadModel(threadCount).Classify(text).Logits);
    }

    [Fact]
    public void Classify_SeesABagOfTokensBehindTheFirstWherePositionsAreEqual()
    {
        DistilBertCheckpoint checkpoint = new(2, 4, 12, 2, 3, TensorType.F32, 9), blind = checkpoint with { HasPositions = false };
        int[] text = [2, 4, 5, 6, 7, 3], shuffled = [2, 7, 3, 4, 6, 5];
        AssertNear(blind.LoadModel().Classify(text).Logits, blind.LoadModel().Classify(shuffled).Logits, MaxErrorInDoubles, "blind");

        // And the words' order counts as soon as positions differ.
        IReadOnlyList<double> one = checkpoint.LoadModel().Classify(text).Logits, other = checkpoint.LoadModel().Classify(shuffled).Logits;
        Assert.True(one.Zip(other).Max(p => Math.Abs(p.First - p.Second)) > 1e-3);
    }

    [Fact]
    public void Classify_RefusesTextsThatHaveNoEmbedding()
    {
        PlainDistilBert model = new DistilBertCheckpoint(1, 2, 3, 1, 2, TensorType.F32, 1).LoadModel();
        Assert.Contains("0 tokens", Assert.Throws<ArgumentException>(() => model.Classify([])).Message, StringComparison.Ordinal);
        Assert.Contains("13 tokens", Assert.Throws<ArgumentException>(() => model.Classify(new int[13])).Message, StringComparison.Ordinal);
        Assert.Contains("id -1", Assert.Throws<ArgumentException>(() => model.Classify([2, -1])).Message, StringComparison.Ordinal);
        Assert.Contains("0 to 11", Assert.Throws<ArgumentException>(() => model.Classify([2, 12])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => model.Classify(null!));
        Assert.Throws<OperationCanceledException>(() => model.Classify([2, 3], new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Result_HasTheSoftmaxAndTheFirstLargest()
    {
        PlainResult result = PlainResult.FromLogits([1, 3, 3, -700], temperature: 2);
        double e = Math.Exp(-1), sum = e + 2;
        AssertNear([e / sum, 1 / sum, 1 / sum, 0], result.Probabilities, 1e-15, "softmax");
        Assert.Equal(1, result.Label);
        Assert.Equal([1, 0], PlainResult.FromLogits([1e300, -1e300]).Probabilities); // no overflow
        Assert.Throws<ArgumentException>(() => PlainResult.FromLogits([0, double.NaN]));
        Assert.Throws<ArgumentException>(() => PlainResult.FromLogits([1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => PlainResult.FromLogits([0, 1], 0));
    }

    [Fact]
    public void Probabilities_AreASoftmaxForAnyLogits() => Prop.ForAll(ArbMap.Default.ArbFor<NonEmptyArray<NormalFloat>>(), values =>
    {
        double[] logits = [0, .. values.Get.Select(v => v.Get)];
        PlainResult result = PlainResult.FromLogits(logits);
        return Math.Abs(result.Probabilities.Sum() - 1) < 1e-12 && result.Probabilities.All(p => p is >= 0 and <= 1)
            && result.Probabilities[result.Label] == result.Probabilities.Max();
    }).QuickCheckThrowOnFailure();

    private static void AssertEqualsNaive(DistilBertCheckpoint checkpoint, int tokenCount)
    {
        int[] text = checkpoint.Text(tokenCount);
        PlainResult actual = checkpoint.LoadModel().Classify(text);
        double[] expected = new NaiveDistilBert(checkpoint).Logits(text);
        AssertNear(expected, actual.Logits, MaxErrorFor(checkpoint), checkpoint.ToString());
        double[] powers = [.. expected.Select(Math.Exp)];
        AssertNear([.. powers.Select(e => e / powers.Sum())], actual.Probabilities, MaxErrorFor(checkpoint), checkpoint.ToString());
    }

    // One feature is normalised to 0 and two to ±1, whatever they were: where two are nearly equal, rounding errors grow most.
    private static double MaxErrorFor(DistilBertCheckpoint checkpoint) => checkpoint.Hidden < 3 ? MaxError : MaxErrorInDoubles;

    private static void AssertNear(IReadOnlyList<double> expected, IReadOnlyList<double> actual, double maxError, string what)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (int i = 0; i < expected.Count; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= maxError, $"{what}: {i} is {actual[i]:R}, not {expected[i]:R}");
    }
}
