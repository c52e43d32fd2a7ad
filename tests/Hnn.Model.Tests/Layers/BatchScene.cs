using Heann.Core.Encoders;
using Hnn.Model.Packing;

namespace Hnn.Model.Tests.Layers;

/// <summary>Sentences of different lengths in one batch, and where the results of their tokens must stand.</summary>
internal sealed class BatchScene(BatchLayout layout, RandomNetwork network, int[] tokenCounts)
{
    /// <summary>The sentences, padded: (sentences, B, hidden).</summary>
    public double[][][] Padded => [.. Sentences.Select(tokens => NaiveNetwork.Pad(tokens, layout.Bucket))];

    /// <summary>The sentences: (tokens, hidden) each.</summary>
    public double[][,] Sentences => [.. tokenCounts.Select(network.Tokens)];

    /// <summary>The masks: (sentences, B).</summary>
    public double[][] Masks => [.. tokenCounts.Select(count => NaiveNetwork.Mask(count, layout.Bucket))];

    /// <summary>One vector for each feature.</summary>
    public SlotVector[] Packed => [.. Enumerable.Range(0, layout.HiddenSize).Select(i => layout.PackFeature(Sentences, i))];

    public SlotVector Mask => layout.PackMask(tokenCounts);

    /// <summary>Asserts that columns hold the rows, (sentences, B, features), and exact zeros elsewhere.</summary>
    /// <param name="expected">What must stand there.</param>
    /// <param name="columns">Slots of each feature.</param>
    /// <param name="tolerance">The rounding of the weights.</param>
    public void AssertColumns(double[][][] expected, double[][] columns, double tolerance)
    {
        Assert.Equal(expected[0][0].Length, columns.Length);
        for (int slot = 0; slot < layout.SlotCount; slot++)
        {
            (int t, int s) = Math.DivRem(slot, layout.SentenceCount);
            for (int i = 0; i < columns.Length; i++)
            {
                bool isThere = s < tokenCounts.Length && t < tokenCounts[s];
                double wanted = isThere ? expected[s][t][i] : 0;
                Assert.True(
                    isThere ? Math.Abs(wanted - columns[i][slot]) <= tolerance : columns[i][slot] == 0,
                    $"Feature {i} of sentence {s}, token {t}, must be {wanted:R} and is {columns[i][slot]:R}.");
            }
        }
    }
}
