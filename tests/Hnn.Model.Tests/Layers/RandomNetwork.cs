using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Layers;

/// <summary>A network of a given shape with random weights, scaled so that values stay near 1, and random sentences for it.</summary>
/// <param name="Hidden">Features of a token.</param>
/// <param name="Heads">Attention heads.</param>
/// <param name="Intermediate">Inner features of the feed-forward.</param>
/// <param name="Layers">Transformer layers.</param>
/// <param name="Bucket">B, its only bucket.</param>
/// <param name="Seed">Of everything random.</param>
/// <param name="Classes">Logits.</param>
internal sealed record RandomNetwork(int Hidden, int Heads, int Intermediate, int Layers, int Bucket, int Seed, int Classes = 2)
{
    /// <summary>The shape as a config.</summary>
    public HnnConfig Config => new()
    {
        HiddenSize = Hidden, LayerCount = Layers, HeadCount = Heads, IntermediateSize = Intermediate, VocabularySize = 11,
        MaxPosition = Math.Max(2, Bucket), Buckets = [Bucket], LayerNormEpsilon = 1e-5, Activation = [0, 0.5, 0.125],
        Labels = Classes == 2 ? ["negative", "positive"] : [.. Enumerable.Range(0, Classes).Select(c => $"class {c}")],
        SoftArgmax = new SoftArgmaxConfig(2, -8, 8),
    };

    /// <summary>Random weights. Equal for equal shapes and seeds.</summary>
    public NetworkWeights Weights()
    {
        Random random = new(Seed);
        LayerWeights[] layers = [.. Enumerable.Range(0, Layers).Select(_ => new LayerWeights(
            new(Map(random, Hidden, Hidden), Map(random, Hidden, Hidden), Map(random, Hidden, Hidden), Map(random, Hidden, Hidden)),
            Map(random, Intermediate, Hidden), Map(random, Hidden, Intermediate)))];
        return new(layers, new(Map(random, Hidden, Hidden), Values(random, Hidden, 0.5), Map(random, Classes, Hidden)));
    }

    /// <summary>Random embeddings of 11 ids.</summary>
    public EmbeddingWeights Embeddings()
    {
        Random random = new(Seed + 1);
        float[] Singles(int count) => [.. Values(random, count, 1).Select(v => (float)v)];
        float[] word = Singles(11 * Hidden), position = Singles(Config.MaxPosition * Hidden);
        return new(word, position, Values(random, Hidden, 1), Values(random, Hidden, 0.2), 1e-5);
    }

    /// <summary>A random embedded sentence: (tokens, hidden).</summary>
    public double[,] Tokens(int tokenCount)
    {
        Random random = new((Seed * 1000) + tokenCount);
        double[,] tokens = new double[tokenCount, Hidden];
        for (int t = 0; t < tokenCount; t++)
        {
            for (int i = 0; i < Hidden; i++) tokens[t, i] = (2 * random.NextDouble()) - 1;
        }

        return tokens;
    }

    /// <summary>A map whose outputs are about as large as its inputs.</summary>
    public static LinearWeights Map(Random random, int outCount, int inCount) =>
        new(Values(random, outCount * inCount, Math.Sqrt(3.0 / inCount)), Values(random, outCount, 0.5), inCount, outCount);

    /// <summary>Uniform values in [−size, size].</summary>
    public static double[] Values(Random random, int count, double size) =>
        [.. Enumerable.Range(0, count).Select(_ => size * ((2 * random.NextDouble()) - 1))];
}
