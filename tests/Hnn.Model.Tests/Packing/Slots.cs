using Heann.Core.Encoders;
using Hnn.Model.Packing;

namespace Hnn.Model.Tests.Packing;

/// <summary>Rows of tokens ⇄ slots, written from the picture in TokenLayout's remarks and not from its code.</summary>
internal static class Slots
{
    /// <summary>Rows (B, features) at the places of a placement, zero elsewhere, in every copy: all slots.</summary>
    public static double[] Of(TokenLayout layout, FeaturePlacement placement, double[][] rows)
    {
        double[] slots = new double[layout.SlotCount];
        for (int slot = 0; slot < slots.Length; slot++)
        {
            int f = slot % layout.FeatureStride, t = slot / layout.FeatureStride % layout.Bucket;
            for (int i = placement.FirstFeature; i < placement.FirstFeature + placement.Count; i++)
            {
                if (placement.Places(i).Contains(f)) slots[slot] = rows[t][i];
            }
        }

        return slots;
    }

    /// <summary>The same as a vector to encode.</summary>
    public static SlotVector Vector(TokenLayout layout, FeaturePlacement placement, double[][] rows) =>
        SlotVector.Periodic(Of(layout, placement, rows));

    /// <summary>Asserts that slots are what they must be: zeros exactly, other values to 1e-11.</summary>
    public static void AssertEqual(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int slot = 0; slot < expected.Length; slot++)
        {
            if (expected[slot] == 0)
                Assert.True(actual[slot] == 0, $"Slot {slot} must be exactly 0 and is {actual[slot]:R}.");
            else
                Assert.True(
                    Math.Abs(expected[slot] - actual[slot]) <= 1e-11, $"Slot {slot} must be {expected[slot]:R} and is {actual[slot]:R}.");
        }
    }
}
