using Heann.Core.Backends;
using Heann.Core.Rings;
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
        { 4, [3, 3, 2], 2, 1, 6 }, { 6, [28, 5], 9, 0, 6 }, { 6, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], 1, 0, 3 },
        { 8, [12, 12, 4], 9, 2, 6 }, { 8, [1, 1, 1], 1, 1, 6 }, { 10, [2, 2, 1], 2, 0, 6 }, { 11, [3, 1], 3, 1, 4 }, { 12, [12, 4], 9, 1, 3 }, { 12, [1, 1], 1, 0, 4 },
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
                        AssertResidues(
                            scene.Kept, expected[k], actual[k], $"{simd.Name}, pattern {pattern}, sum: {isSum}, block {k}", random);
                    }
                }
            }
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(11)]
    public void SwitchKeys_OfMoreTermsThanABatchEqualsTheReference(int terms)
    {
        SeededRandom random = Seeded(terms, 91);
        using ScalarBackend scalar = new();
        using SimdBackend simd = new(2) { SwitchTailBytes = 1 }; // the smallest batch: four terms
        KeySwitchScene scene = new(64, [6, 6, 1], (2, 1, terms, 0), random);
        foreach (bool isSum in (bool[])[false, true])
        {
            ulong[][] expected = scene.Run(scalar, isSum);
            ulong[][] actual = scene.Run(simd, isSum);
            for (int k = 0; k < expected.Length; k++)
            {
                AssertResidues(scene.Kept, expected[k], actual[k], $"{terms} terms, sum: {isSum}, block {k}", random);
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AFailedSwitch_ReturnsAllThatASuccessfulOneDoes(bool isSum)
    {
        long Idle(bool fails)
        {
            using SimdBackend simd = new(1);
            RnsBasis basis = BasisOfSizes(4096, 50, 40, 46, 47, 50);
            KeySwitchPlan plan = new(basis.Take(4), basis.Slice(4, 1), [0..2, 2..4]);
            using RnsPolynomial x = Upload(simd, plan.Kept, new ulong[4 * 4096]);
            using RnsPolynomial y = Upload(simd, plan.Kept, new ulong[4 * 4096]);
            using RnsPolynomial z = Upload(simd, plan.Kept, new ulong[4 * 4096]);
            using SwitchingMatrix key = simd.CreateSwitchingMatrix(plan.Kept, plan.Special, 2);
            using RnsPolynomial entry = Upload(simd, key.Basis, new ulong[5 * 4096]);
            for (int i = 0; i < 4; i++)
            {
                key.Write(i % 2, i / 2, entry.Block);
            }

            if (fails)
            {
                key.Dispose();
            }

            KeySwitchTerm[] terms = [new() { Key = key, Destination0 = y.Block, Destination1 = z.Block }];
            Action call = () =>
            {
                if (isSum)
                {
                    simd.SumSwitchedKeys(plan, x.Block, terms);
                }
                else
                {
                    simd.SwitchKeys(plan, x.Block, terms);
                }
            };
            Exception? exception = Record.Exception(call);
            Assert.Equal(fails, exception is ObjectDisposedException);
            return simd.IdleBytes;
        }

        long whole = Idle(fails: false);
        Assert.True(whole > 0);
        Assert.Equal(whole, Idle(fails: true));
    }

    [Fact]
    public void Switches_AllocateNothingOnceWarm()
    {
        using SimdBackend simd = new(1);
        RnsBasis basis = BasisOfSizes(1024, 50, 40, 46, 47, 50);
        KeySwitchPlan plan = new(basis.Take(3), basis.Slice(3, 2), [0..2, 2..3]);
        using RnsPolynomial x = Upload(simd, plan.Kept, new ulong[3 * 1024]);
        using RnsPolynomial y = Upload(simd, plan.Kept, new ulong[3 * 1024]);
        using RnsPolynomial z = Upload(simd, plan.Kept, new ulong[3 * 1024]);
        using SwitchingMatrix key = simd.CreateSwitchingMatrix(plan.Kept, plan.Special, 2);
        using RnsPolynomial entry = Upload(simd, key.Basis, new ulong[5 * 1024]);
        for (int i = 0; i < 4; i++)
        {
            key.Write(i % 2, i / 2, entry.Block);
        }

        // The memory of polynomials is shared by the whole process: tests beside this one can make a single call ask for more of it.
        long allocated = long.MaxValue;
        for (int i = 0; i < 40 && allocated > 0; i++)
        {
            KeySwitchTerm term = new()
            {
                Key = key, Element = GaloisElement.Rotation(1), Addend0 = x.Block, Destination0 = y.Block, Destination1 = z.Block,
            };
            long before = GC.GetAllocatedBytesForCurrentThread();
            simd.SwitchKeys(plan, x.Block, [term]);
            simd.SumSwitchedKeys(plan, x.Block, [term, term]);
            allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, allocated);
    }
}
