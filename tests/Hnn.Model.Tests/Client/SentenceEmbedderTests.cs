using Hnn.Model.Client;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Client;

public sealed class SentenceEmbedderTests
{
    [Fact]
    public void Embed_MatchesAComputationByHand()
    {
        // word + position = [1, 2, 3, 6]: mean 3, variance (4 + 1 + 0 + 9) / 4 = 3.5; with ε = 0.5 the divisor is exactly 2.
        var weights = new EmbeddingWeights([9, 9, 9, 9, 1, 1, 1, 1], [0, 1, 2, 5], [1, 2, 1, 4], [0, 0, 10, 1], 0.5);
        double[,] x = new SentenceEmbedder(weights).Embed([1]);
        Assert.Equal([-1.0, -1.0, 10.0, 7.0], x.Cast<double>());
    }

    [Fact]
    public void Embed_MatchesDecimalArithmeticOnTheCommittedModel()
    {
        EmbeddingWeights weights = ModelDirectory.Open(TestData.HnnTiny).LoadEmbeddings();
        int[] ids = [101, 2009, 1005, 30521, 0, 102];
        double[,] x = new SentenceEmbedder(weights).Embed(ids);
        Assert.Equal((ids.Length, 128), (x.GetLength(0), x.GetLength(1)));
        for (int t = 0; t < ids.Length; t++)
        {
            // The second way: decimals (28 digits), E[v²] − E[v]², and the square root by Newton's iteration.
            decimal[] v = [.. Enumerable.Range(0, 128)
                .Select(j => Exact(weights.Word[(ids[t] * 128) + j]) + Exact(weights.Position[(t * 128) + j]))];
            decimal mean = v.Sum() / 128, variance = (v.Sum(e => e * e) / 128) - (mean * mean), root = 1;
            for (int i = 0; i < 60; i++) root = (root + ((variance + 1e-12m) / root)) / 2;
            for (int j = 0; j < 128; j++)
            {
                decimal expected = ((v[j] - mean) / root * Exact((float)weights.NormWeight[j])) + Exact((float)weights.NormBias[j]);
                Assert.Equal((double)expected, x[t, j], 1e-12);
            }
        }
    }

    [Fact]
    public void Embed_RefusesWhatHasNoRow()
    {
        var embedder = new SentenceEmbedder(new EmbeddingWeights(new float[8], new float[8], new double[4], new double[4], 1e-5));
        Assert.Throws<ArgumentNullException>(() => embedder.Embed(null!));
        Assert.Throws<ArgumentException>(() => embedder.Embed([]));
        Assert.Throws<ArgumentException>(() => embedder.Embed([0, 1, 0]));
        Assert.Throws<ArgumentOutOfRangeException>(() => embedder.Embed([2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => embedder.Embed([-1]));
    }

    [Fact]
    public void Constructor_RefusesSizesThatDoNotFit()
    {
        Assert.Throws<ArgumentException>(() => Make(new(new float[7], new float[8], new double[4], new double[4], 1e-5)));
        Assert.Throws<ArgumentException>(() => Make(new(new float[8], new float[8], new double[4], new double[3], 1e-5)));
        Assert.Throws<ArgumentException>(() => Make(new(new float[8], new float[8], [], [], 1e-5)));
        Assert.Throws<ArgumentException>(() => Make(new(new float[8], new float[8], new double[4], new double[4], 0)));
        Assert.Throws<ArgumentException>(() => Make(new(new float[8], new float[8], new double[4], new double[4], double.NaN)));
    }

    private static SentenceEmbedder Make(EmbeddingWeights weights) => new(weights);

    /// <summary>The decimal nearest to a half-precision value, to 28 digits: (decimal)float alone would round to 7.</summary>
    private static decimal Exact(float value) => (decimal)(int)(value * (1 << 24)) / (1 << 24); // a half below 128 is a multiple of 2^-24
}
