using Heann.Core.Backends;
using Heann.Core.Tests.Rings;
using static Heann.Core.Tests.Rings.RingTestKit;

namespace Heann.Core.Tests.Backends;

/// <summary>The fused key switch equals the reference's composition of primitives to the bit, in rings of every pass structure.</summary>
public sealed class SimdKeySwitchTests
{
    private static readonly SimdWidth[] Widths =
        [.. new[] { SimdWidth.Vector512, SimdWidth.Vector256, SimdWidth.Portable }.Where(SimdBackend.IsSupported)];

    /// <summary>log2 N, limbs of each digit, special primes, limbs and digits of the key beyond the plan, terms.</summary>
    public static TheoryData<int, int[], int, int, int> Shapes => new()
    {
        { 4, [3, 3, 2], 2, 1, 6 }, { 6, [28, 5], 9, 0, 6 }, { 6, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], 1, 0, 3 }, { 8, [12, 12, 4], 9, 2, 6 },
        { 8, [1, 1, 1], 1, 1, 6 }, { 10, [2, 2, 1], 2, 0, 6 }, { 11, [3, 1], 3, 1, 4 }, { 12, [12, 4], 9, 1, 3 }, { 12, [1, 1], 1, 0, 4 },
        { 13, [2, 2, 1], 2, 1, 4 }, { 14, [6, 3], 2, 0, 2 }, { 14, [1, 1, 1], 1, 1, 2 }, { 15, [2, 1], 1, 0, 2 }, { 16, [1, 1], 1, 0, 2 },
        { 17, [2], 2, 0, 2 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void SwitchKeys_EqualsTheReference(int logDegree, int[] digits, int specialCount, int extra, int terms)
    {
        SeededRandom random = Seeded(logDegree, digits.Length, specialCount, 90);
        using ScalarBackend scalar = new();
        foreach (int pattern in logDegree < 12 ? (int[])[2, 3, 4, 5, 6] : [5])
        {
            KeySwitchScene scene = new(1 << logDegree, digits, (specialCount, extra, terms, pattern), random, pattern);
            foreach (bool isSum in (bool[])[false, true])
            {
                ulong[][] expected = scene.Run(scalar, isSum);
                for (int i = 0; i < (logDegree < 12 ? 3 * Widths.Length : Widths.Length); i++)
                {
                    using SimdBackend simd = new(1 + (i + logDegree + (i / 3)) % 3, Widths[i % Widths.Length]);
                    ulong[][] actual = scene.Run(simd, isSum);
                    Assert.Equal(expected.Length, actual.Length);
                    for (int k = 0; k < expected.Length; k++)
                    {
                        AssertResidues(scene.Kept, expected[k], actual[k], $"{simd.Name}, pattern {pattern}, sum: {isSum}, block {k}", random);
                    }
                }
            }
        }
    }
}
