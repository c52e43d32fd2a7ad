using Heann.Core.Encoders;
using Hnn.Model.Weights;

namespace Hnn.Model.Packing;

/// <summary>A weight matrix as diagonals of period F: the same map for every token.</summary>
public static class FeatureMatrix
{
    /// <summary>The map that takes the features of <paramref name="input"/> to those of <paramref name="output"/>: y[o] = Σ_i W[o, i]·x[i].</summary>
    /// <param name="layout">The layout of tokens.</param>
    /// <param name="weights">W: (out, in).</param>
    /// <param name="input">What the operand carries; where a feature stands twice, the place is chosen so that few diagonals occur.</param>
    /// <param name="output">What the result carries, each feature once.</param>
    public static DiagonalMatrix Create(TokenLayout layout, LinearWeights weights, FeaturePlacement input, FeaturePlacement output)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(output);
        int stride = layout.FeatureStride;
        double[]?[] diagonals = new double[2 * stride][]; // that of shift k at F + k
        (int First, int Last)[] places =
            [.. Enumerable.Range(input.FirstFeature, input.Count).Select(input.Places).Select(both => (both[0], both[^1]))];
        int lastPlace = output.Places(output.FirstFeature + output.Count - 1)[0];

        // Features that stand twice fill [0, 2d); a row at place j reads the window of d places that begins at j − offset, as far as
        // there is one, so that all rows use nearly the same shifts.
        int offset = Math.Max(0, (lastPlace + 1 - input.RepeatDistance) / 2);
        for (int o = output.FirstFeature; o < output.FirstFeature + output.Count; o++)
        {
            int row = output.Places(o)[0];
            int window = Math.Clamp(row - offset, 0, input.RepeatDistance);
            for (int i = 0; i < places.Length; i++)
            {
                (int first, int last) = places[i];
                int shift = (first >= window ? first : last) - row;
                double[] diagonal = diagonals[stride + shift] ??= new double[stride];
                diagonal[row] = weights[o, input.FirstFeature + i];
            }
        }

        return new(stride, diagonals.Index().Where(d => d.Item is not null).Select(d => KeyValuePair.Create(d.Index - stride, d.Item!)));
    }

    /// <summary>One value per feature, at its place in every token, zero elsewhere. Period F.</summary>
    public static SlotVector Row(TokenLayout layout, ReadOnlySpan<double> values, FeaturePlacement placement)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(placement);
        double[] row = new double[layout.FeatureStride];
        for (int i = placement.FirstFeature; i < placement.FirstFeature + placement.Count; i++)
        {
            foreach (int place in placement.Places(i))
            {
                row[place] = values[i];
            }
        }

        return SlotVector.Periodic(row);
    }
}
