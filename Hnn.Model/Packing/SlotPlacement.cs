using System.Numerics;
using Heann.Core.Encoders;

namespace Hnn.Model.Packing;

/// <summary>What the complex slots of a ciphertext carry: features in their real parts, and others at the same places in their imaginary
/// parts, or none.</summary>
/// <param name="Real">The features of the real parts.</param>
/// <param name="Imaginary">Those of the imaginary parts; null for none.</param>
internal sealed record SlotPlacement(FeaturePlacement Real, FeaturePlacement? Imaginary = null)
{
    /// <summary>Two to a ciphertext; the last alone where the number is odd.</summary>
    public static SlotPlacement[] Pairs(IEnumerable<FeaturePlacement> placements) =>
        [.. placements.Chunk(2).Select(pair => new SlotPlacement(pair[0], pair.ElementAtOrDefault(1)))];

    /// <summary>One value per feature, at its place in every token, zero elsewhere. Period F.</summary>
    public SlotVector Row(TokenLayout layout, ReadOnlySpan<double> values)
    {
        SlotVector real = FeatureMatrix.Row(layout, values, Real);
        if (Imaginary is null)
        {
            return real;
        }

        SlotVector imaginary = FeatureMatrix.Row(layout, values, Imaginary);
        return SlotVector.Periodic(Enumerable.Range(0, layout.FeatureStride).Select(i => new Complex(real[i].Real, imaginary[i].Real)).ToArray());
    }
}
