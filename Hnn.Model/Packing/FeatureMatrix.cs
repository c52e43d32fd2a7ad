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
        SortedDictionary<int, double[]> diagonals = [];
        int lastPlace = output.Places(output.FirstFeature + output.Count - 1)[0];

        // Features that stand twice fill [0, 2d); a row at place j reads the window of d places that begins at j − offset, as far as
        // there is one, so that all rows use nearly the same shifts.
        int offset = Math.Max(0, (lastPlace + 1 - input.RepeatDistance) / 2);
        for (int o = output.FirstFeature; o < output.FirstFeature + output.Count; o++)
        {
            int row = output.Places(o)[0];
            int window = Math.Clamp(row - offset, 0, input.RepeatDistance);
            for (int i = input.FirstFeature; i < input.FirstFeature + input.Count; i++)
            {
                IReadOnlyList<int> places = input.Places(i);
                int place = places[0] >= window ? places[0] : places[^1];
                if (!diagonals.TryGetValue(place - row, out double[]? diagonal))
                {
                    diagonal = new double[layout.FeatureStride];
                    diagonals.Add(place - row, diagonal);
                }

                diagonal[row] = weights[o, i];
            }
        }

        return new(layout.FeatureStride, diagonals);
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
