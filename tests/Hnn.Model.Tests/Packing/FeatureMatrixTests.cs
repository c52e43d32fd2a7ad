using Heann.Core.Encoders;
using Hnn.Model.Packing;
using Hnn.Model.Tests.Layers;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Packing;

/// <summary>FeatureMatrix by the definition of its diagonals: y_j = Σ_k d_k[j mod F] · x_(j+k).</summary>
public sealed class FeatureMatrixTests
{
    // hidden, heads
    public static TheoryData<int, int> Shapes =>
        new() { { 1, 1 }, { 2, 1 }, { 4, 2 }, { 8, 2 }, { 8, 8 }, { 6, 3 }, { 12, 3 }, { 16, 4 }, { 20, 5 } };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Create_GivesWxAtTheOutputsPlacesAndZerosElsewhere(int hidden, int heads)
    {
        TokenLayout layout = new(4 * TokenLayout.StrideFor(hidden), 2, hidden, heads);
        FeaturePlacement residual = FeaturePlacement.Residual(layout), single = FeaturePlacement.Single(layout);
        FeaturePlacement[] chunks = FeaturePlacement.Chunks(layout, (5 * hidden) - 1);
        (FeaturePlacement, FeaturePlacement)[] pairs =
        [
            (residual, single), (residual, FeaturePlacement.Heads(layout)), (FeaturePlacement.Heads(layout), single), (single, single),
            .. chunks.Select(chunk => (residual, chunk)), .. chunks.Select(chunk => (chunk, single)),
        ];
        foreach ((FeaturePlacement input, FeaturePlacement output) in pairs)
        {
            int inCount = input.FirstFeature + input.Count, outCount = output.FirstFeature + output.Count;
            LinearWeights map = new(RandomNetwork.Values(new(hidden), inCount * outCount, 1), new double[outCount], inCount, outCount);
            double[][] x = [RandomNetwork.Values(new(1), inCount, 1), RandomNetwork.Values(new(2), inCount, 1)];
            double[][] y = [.. x.Select(row => Enumerable.Range(0, outCount).Select(
                o => Enumerable.Range(input.FirstFeature, input.Count).Sum(i => map[o, i] * row[i])).ToArray())];
            double[] slots = Slots.Of(layout, input, x);
            Slots.AssertEqual(Slots.Of(layout, output, y), Apply(FeatureMatrix.Create(layout, map, input, output), slots));
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Create_NeedsAsFewDiagonalsAsTheDoubledResidualAllows(int hidden, int heads)
    {
        TokenLayout layout = new(4 * TokenLayout.StrideFor(hidden), 2, hidden, heads);
        FeaturePlacement residual = FeaturePlacement.Residual(layout), single = FeaturePlacement.Single(layout);

        // d rows of d entries each cannot do with fewer than d; without the second copy they take 2d − 1.
        Assert.Equal(hidden, ShiftCount(layout, residual, single));
        Assert.Equal((2 * hidden) - 1, ShiftCount(layout, single, single));

        // Rows over 2d places read windows that follow them half-way: from −(d − 1) to d − 1, where one copy takes 3d − 1.
        FeaturePlacement wide = FeaturePlacement.Chunks(layout, 2 * hidden)[0];
        Assert.Equal((2 * hidden) - 1, ShiftCount(layout, residual, wide));
        Assert.Equal((3 * hidden) - 1, ShiftCount(layout, single, wide));
        Assert.InRange(ShiftCount(layout, residual, FeaturePlacement.Heads(layout)), hidden, (2 * hidden) - 1);
    }

    [Fact]
    public void Row_PutsAValueAtEveryPlaceOfItsFeature()
    {
        TokenLayout layout = new(64, 4, 6, 3); // F = 16, heads of 2
        double[] values = [1, 2, 3, 4, 5, 6];
        Assert.Equal([1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6, 0, 0, 0, 0], Row(values, FeaturePlacement.Residual(layout)));
        Assert.Equal([1, 2, 0, 0, 3, 4, 0, 0, 5, 6, 0, 0, 0, 0, 0, 0], Row(values, FeaturePlacement.Heads(layout)));
        double[] wide = [.. Enumerable.Range(0, 15).Select(i => (double)i)];
        Assert.Equal([12, 13, 14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], Row(wide, FeaturePlacement.Chunks(layout, 15)[1]));

        double[] Row(double[] row, FeaturePlacement placement) => FeatureMatrix.Row(layout, row, placement).Real.ToArray();
    }

    private static double[] Apply(DiagonalMatrix matrix, double[] x)
    {
        double[] y = new double[x.Length];
        foreach (int shift in matrix.Shifts)
        {
            for (int j = 0; j < y.Length; j++)
                y[j] += matrix.Diagonal(shift)[j % matrix.Period] * x[(j + shift + x.Length) % x.Length];
        }

        return y;
    }

    private static int ShiftCount(TokenLayout layout, FeaturePlacement input, FeaturePlacement output)
    {
        double[] ones = new double[input.Count * output.Count];
        Array.Fill(ones, 1);
        return FeatureMatrix.Create(layout, new(ones, new double[output.Count], input.Count, output.Count), input, output).Shifts.Count;
    }
}
