using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Weights;

public sealed class HnnWeightsTests
{
    private static readonly HnnConfig Config = new()
    {
        HiddenSize = 4, LayerCount = 1, HeadCount = 2, IntermediateSize = 6, VocabularySize = 5,
        MaxPosition = 3, Buckets = [2], LayerNormEpsilon = 1e-5,
        Activation = [0, 0.5, 0.125], Labels = ["negative", "positive"], SoftArgmax = new SoftArgmaxConfig(2, -8, 8),
    };

    public static TheoryData<string> Names => [.. Shapes().Select(s => s.Name)];

    [Fact]
    public void Load_PutsEveryTensorInItsPlace()
    {
        HnnWeights weights = Load([.. Tensors()]);
        var flat = new Dictionary<string, double[]>
        {
            ["embeddings.word.weight"] = [.. weights.Embeddings.Word.Select(v => (double)v)],
            ["embeddings.position.weight"] = [.. weights.Embeddings.Position.Select(v => (double)v)],
            ["embeddings.norm.weight"] = weights.Embeddings.NormWeight,
            ["embeddings.norm.bias"] = weights.Embeddings.NormBias,
            ["head.pre.mask_weight"] = weights.Network.Head.MaskWeight,
        };
        LayerWeights layer = Assert.Single(weights.Network.Layers);
        Add("layers.0.attention.q", layer.Attention.Query);
        Add("layers.0.attention.k", layer.Attention.Key);
        Add("layers.0.attention.v", layer.Attention.Value);
        Add("layers.0.attention.out", layer.Attention.Output);
        Add("layers.0.ff.1", layer.FeedForward1);
        Add("layers.0.ff.2", layer.FeedForward2);
        Add("head.pre", weights.Network.Head.Pre);
        Add("head.classifier", weights.Network.Head.Classifier);
        Assert.Equal(Tensors().Select(t => t.Name).Order(), flat.Keys.Order());
        Assert.All(Tensors(), t => Assert.Equal(t.Values.Select(v => (double)v), flat[t.Name]));
        Assert.Equal((4, 6), (layer.FeedForward1.In, layer.FeedForward1.Out));
        Assert.Equal(layer.FeedForward1.Weight[(5 * 4) + 3], layer.FeedForward1[5, 3]);
        Assert.Equal((5, 3, 4), (weights.Embeddings.VocabularySize, weights.Embeddings.MaxPosition, weights.Embeddings.HiddenSize));

        void Add(string name, LinearWeights linear)
        {
            flat.Add(name + ".weight", linear.Weight);
            flat.Add(name + ".bias", linear.Bias);
        }
    }

    [Fact]
    public void Load_ReadsEachHalfFromAFileWithoutTheOther()
    {
        bool IsEmbedding((string Name, int[] Shape, float[] Values) t) => t.Name.StartsWith("embeddings.", StringComparison.Ordinal);
        using SafetensorsReader client = Open([.. Tensors().Where(IsEmbedding)]), server = Open([.. Tensors().Where(t => !IsEmbedding(t))]);
        Assert.Equal(20, EmbeddingWeights.Load(client, Config).Word.Length);
        Assert.Single(NetworkWeights.Load(server, Config).Layers);
        Assert.Throws<InvalidDataException>(() => NetworkWeights.Load(client, Config));
        Assert.Throws<InvalidDataException>(() => EmbeddingWeights.Load(server, Config));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Load_NamesTheTensorThatIsMissing(string name) =>
        Refused([.. Tensors().Where(t => t.Name != name)], $"'{name}'", "is missing", "[");

    [Theory]
    [MemberData(nameof(Names))]
    public void Load_NamesTheTensorOfAnotherShape(string name) =>
        Refused([.. Tensors().Select(t => t.Name == name ? (name, [1, t.Values.Length], t.Values) : t)], $"'{name}'", "[1, ", "makes it [");

    [Theory]
    [MemberData(nameof(Names))]
    public void Load_NamesTheTensorThatIsNotFinite(string name)
    {
        foreach (float bad in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity])
        {
            int last = Tensors().Single(t => t.Name == name).Values.Length - 1;
            Refused(
                [.. Tensors().Select(t => t.Name == name ? (name, t.Shape, (float[])[.. t.Values[..^1], bad]) : t)],
                $"'{name}'", "finite", $"element {last}");
        }
    }

    [Fact]
    public void Load_RefusesTensorsTheModelDoesNotHave() =>
        Refused([.. Tensors(), ("layers.1.ff.1.bias", [6], new float[6])], "'layers.1.ff.1.bias'", "1 layers");

    [Fact]
    public void LinearWeights_RefusesSizesThatDoNotFit()
    {
        Assert.Throws<ArgumentException>(() => new LinearWeights(new double[5], new double[2], 3, 2));
        Assert.Throws<ArgumentException>(() => new LinearWeights(new double[6], new double[3], 3, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LinearWeights([], [], 3, 0));
        Assert.Throws<ArgumentException>(() => new LinearWeights([], [0.0], int.MaxValue, 1));
    }

    private static void Refused((string Name, int[] Shape, float[] Values)[] tensors, params string[] parts)
    {
        string message = Assert.Throws<InvalidDataException>(() => Load(tensors)).Message;
        Assert.All(parts, part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    private static HnnWeights Load((string Name, int[] Shape, float[] Values)[] tensors)
    {
        using SafetensorsReader reader = Open(tensors);
        return HnnWeights.Load(reader, Config);
    }

    private static SafetensorsReader Open((string Name, int[] Shape, float[] Values)[] tensors) =>
        new(new MemoryStream(SafetensorsFile.FromTensors(tensors)));

    /// <summary>The README's names, with the config's shapes; no two values of a file are equal.</summary>
    private static IEnumerable<(string Name, int[] Shape, float[] Values)> Tensors()
    {
        int next = 0;
        foreach ((string name, int[] shape) in Shapes())
        {
            int count = shape.Aggregate(1, (a, b) => a * b);
            yield return (name, shape, [.. Enumerable.Range(next, count).Select(i => (i - 100) * 0.25f)]);
            next += count;
        }
    }

    private static IEnumerable<(string Name, int[] Shape)> Shapes() =>
    [
        ("embeddings.word.weight", [5, 4]), ("embeddings.position.weight", [3, 4]), ("embeddings.norm.weight", [4]),
        ("embeddings.norm.bias", [4]),
        ("layers.0.attention.q.weight", [4, 4]), ("layers.0.attention.q.bias", [4]), ("layers.0.attention.k.weight", [4, 4]),
        ("layers.0.attention.k.bias", [4]),
        ("layers.0.attention.v.weight", [4, 4]), ("layers.0.attention.v.bias", [4]), ("layers.0.attention.out.weight", [4, 4]),
        ("layers.0.attention.out.bias", [4]),
        ("layers.0.ff.1.weight", [6, 4]), ("layers.0.ff.1.bias", [6]), ("layers.0.ff.2.weight", [4, 6]), ("layers.0.ff.2.bias", [4]),
        ("head.pre.weight", [4, 4]), ("head.pre.mask_weight", [4]), ("head.pre.bias", [4]), ("head.classifier.weight", [2, 4]),
        ("head.classifier.bias", [2]),
    ];
}
