using Heann.Core.Parameters;
using Heann.Core.Tests.Rings;

namespace Heann.Core.Tests.Parameters;

public class KeySwitchLayoutTests
{
    public static TheoryData<string> Sets => Registry.All;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Partition_IsContiguousAndItsLargestDigitTheSmallestPossible(int seed)
    {
        SeededRandom random = RingTestKit.Seeded(seed);
        for (int round = 0; round < 60; round++)
        {
            double[] bits = [.. Enumerable.Range(0, random.Next(1, 11)).Select(_ => 25 + (25 * random.NextDouble()))];
            int digitCount = random.Next(1, bits.Length + 1);
            List<Range> digits = KeySwitchLayout.Partition(bits, digitCount);
            Assert.InRange(digits.Count, 1, digitCount);
            AssertContiguous(digits, bits.Length);
            double best = SmallestLargest(bits, 0, digitCount);
            double largest = digits.Max(d => bits[d].Sum());
            Assert.True(Math.Abs(largest - best) < 1e-9, $"{largest} instead of {best} for {digitCount} digits of {string.Join(", ", bits)}; seed {random.Seed}");
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void LayoutAt_EveryLevelCoversItsDigitsWithTheFewestSpecialPrimes(string name)
    {
        CkksParameters p = Registry.Parameters(name);
        for (int level = 0; level <= p.MaxLevel; level++)
        {
            KeySwitchLayout layout = p.KeySwitchLayoutAt(level);
            Assert.Same(layout, p.KeySwitchLayoutAt(level));
            Assert.Equal(level, layout.Level);
            Assert.InRange(layout.Digits.Count, 1, Math.Min(p.DigitCount, level + 1));
            AssertContiguous(layout.Digits, level + 1);
            double largest = layout.Digits.Max(d => p.BasisQ.Moduli.Take(d).Sum(q => q.Log2));
            Assert.True(layout.BasisP.Log2 >= largest);
            Assert.True(layout.BasisP.Count == 1 || layout.BasisP.Take(layout.BasisP.Count - 1).Log2 < largest);
            Assert.Equal(p.BasisP.Moduli.Take(layout.BasisP.Count), layout.BasisP.Moduli);
            Assert.Equal(p.BasisQ.Moduli.Take(level + 1).Concat(layout.BasisP.Moduli), layout.Basis.Moduli);
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void DigitsAt_ALowerLevelKeepsTheBoundariesAndCutsTheLast(string name)
    {
        CkksParameters p = Registry.Parameters(name);
        KeySwitchLayout layout = p.KeySwitchLayoutAt(p.MaxLevel);
        for (int level = 0; level <= p.MaxLevel; level++)
        {
            IReadOnlyList<Range> digits = layout.DigitsAt(level);
            AssertContiguous(digits, level + 1);
            Assert.Equal(layout.Digits.Take(digits.Count - 1), digits.Take(digits.Count - 1));
            Assert.Equal(layout.Digits[digits.Count - 1].Start, digits[^1].Start);
        }
    }

    // Every way to cut, without the bisection.
    private static double SmallestLargest(double[] bits, int start, int digitCount)
    {
        if (digitCount == 1)
        {
            return bits[start..].Sum();
        }

        double best = bits[start..].Sum();
        for (int end = start + 1; end < bits.Length; end++)
        {
            best = Math.Min(best, Math.Max(bits[start..end].Sum(), SmallestLargest(bits, end, digitCount - 1)));
        }

        return best;
    }

    private static void AssertContiguous(IReadOnlyList<Range> digits, int count)
    {
        int next = 0;
        foreach (Range digit in digits)
        {
            Assert.Equal(next, digit.Start.Value);
            Assert.True(digit.End.Value > next);
            next = digit.End.Value;
        }

        Assert.Equal(count, next);
    }
}
