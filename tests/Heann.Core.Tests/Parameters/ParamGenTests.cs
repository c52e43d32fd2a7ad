using Heann.Core.Parameters;

namespace Heann.Core.Tests.Parameters;

public class ParamGenTests
{
    public static TheoryData<int, int, int, int, int> Requests
    {
        get
        {
            TheoryData<int, int, int, int, int> data = [];
            foreach (int securityBits in (int[])[128, 192, 256])
            {
                data.Add(securityBits, 1, 0, 40, 50);
                data.Add(securityBits, 1, 0, 30, 40);
                data.Add(securityBits, 1, 1, 25, 26);
                data.Add(securityBits, 4096, 2, 40, 50);
                data.Add(securityBits, 100, 3, 36, 48);
                data.Add(securityBits, 512, 7, 40, 50);
                data.Add(securityBits, 9000, 5, 45, 50);
                data.Add(securityBits, 1, 9, 28, 40);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public void Choose_GivesTheSmallestRingAndTheFewestDigits(int securityBits, int slotCount, int depth, int scaleBits, int firstBits)
    {
        CkksParameters p = ParamGen.Choose(securityBits, slotCount, depth, scaleBits, firstBits);
        Assert.True(p.SecurityBits >= securityBits);
        Assert.True(p.SlotCount >= slotCount);
        Assert.Equal(depth, p.MaxLevel);
        int[] sizes = [firstBits, .. Enumerable.Repeat(scaleBits, depth)];
        Assert.All(p.BasisQ.Moduli.Zip(sizes), pair => Assert.InRange(pair.First.Log2, pair.Second - 1, pair.Second + 1));
        for (int logN = 10; logN <= p.LogN; logN++)
        {
            int digits = 1 << (logN - 1) < slotCount ? 0 : FewestDigits(logN, sizes, securityBits);
            Assert.Equal(logN < p.LogN ? 0 : p.DigitCount, digits);
        }
    }

    [Theory]
    [InlineData(13, 1, 40, 2)]
    [InlineData(13, 2, 30, 3)]
    [InlineData(14, 4, 30, 7)]
    [InlineData(15, 3, 30, 22)]
    public void ForSpecialPrimes_GivesThemAllTheRoomThatSecurityLeaves(int logN, int count, int bits, int depth)
    {
        int[] sizes = [bits + 10, .. Enumerable.Repeat(bits, depth)];
        CkksParameters p = ParamGen.ForSpecialPrimes(logN, sizes, count, Scale.FromLog2(bits))!;
        int limit = SecurityTableTests.Limit(logN, 128);
        Assert.True(p.SecurityBits >= 128 && p.BasisQP.Log2 <= limit);
        Assert.Equal((count, depth, logN), (p.BasisP.Count, p.MaxLevel, p.LogN));

        // One bit more a special prime would be too much, or more than a prime may have.
        Assert.True(p.BasisQP.Log2 + count > limit - 0.5 || p.BasisP.Moduli.All(q => q.Log2 > 49.5), $"{p}");
        double[] limbs = [.. p.BasisQ.Moduli.Select(q => q.Log2)];
        Assert.True(KeySwitchLayout.LargestDigit(limbs, p.DigitCount) <= p.BasisP.Log2);
        Assert.True(p.DigitCount == 1 || KeySwitchLayout.LargestDigit(limbs, p.DigitCount - 1) > p.BasisP.Log2);
    }

    [Fact]
    public void ForSpecialPrimes_GivesNothingWhereTheyDoNotFit()
    {
        Assert.Null(ParamGen.ForSpecialPrimes(12, [40, 30], 1, Scale.FromLog2(30)));
        Assert.Null(ParamGen.ForSpecialPrimes(12, [40, 30, 30, 30], 2, Scale.FromLog2(30)));
        Assert.Throws<ArgumentOutOfRangeException>(() => ParamGen.ForSpecialPrimes(12, [40, 30], 0, Scale.FromLog2(30)));
    }

    [Theory]
    [InlineData(128)]
    [InlineData(192)]
    [InlineData(256)]
    public void Choose_TakesEveryDepthUntilNoRingHoldsItAndThenSaysWhy(int securityBits)
    {
        int limit = SecurityTableTests.Limit(17, securityBits);
        int last = (limit - 100) / 40;
        CkksParameters p = ParamGen.Choose(securityBits, 1, last);
        Assert.Equal((last, 17), (p.MaxLevel, p.LogN));
        InsufficientSecurityException error = Assert.Throws<InsufficientSecurityException>(() =>
            ParamGen.Choose(securityBits, 1, last + 1));
        Assert.Contains($"{last + 1} levels make {50 + (40 * (last + 1))} bits with q_0", error.Message);
        Assert.Contains($"allows {limit} at {securityBits}-bit", error.Message);
        Assert.Contains("Use fewer or smaller levels", error.Message);
    }

    [Theory]
    [InlineData(25)]
    [InlineData(26)]
    [InlineData(27)]
    [InlineData(30)]
    [InlineData(49)]
    public void Choose_AnswersEveryDepthWithASetOrSaysWhatIsExhausted(int scaleBits)
    {
        for (int depth = 0; depth <= 120; depth += depth < 20 ? 1 : 20)
        {
            try
            {
                Assert.Equal(depth, ParamGen.Choose(128, 1, depth, scaleBits).MaxLevel);
            }
            catch (InsufficientSecurityException error)
            {
                Assert.Contains($"{depth} levels make {50 + (depth * scaleBits)} bits", error.Message);
                Assert.True((depth * scaleBits) + 100 > SecurityTableTests.Limit(17, 128));
            }
            catch (ArgumentException error)
            {
                Assert.Contains("free primes", error.Message);
                Assert.Contains($"2^{scaleBits}.00; {depth} were asked for", error.Message);
                Assert.True(scaleBits < 30 && depth >= 20);
            }
        }
    }

    [Fact]
    public void Choose_RefusesRequestsThatMakeNoSense()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ParamGen.Choose(100, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => ParamGen.Choose(128, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => ParamGen.Choose(128, (1 << 16) + 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => ParamGen.Choose(128, 1, -1));
        Assert.Contains("got 24 and 50", Assert.Throws<ArgumentException>(() => ParamGen.Choose(128, 1, 1, 24)).Message);
        Assert.Contains("got 40 and 40", Assert.Throws<ArgumentException>(() => ParamGen.Choose(128, 1, 1, 40, 40)).Message);
        Assert.Contains("got 40 and 51", Assert.Throws<ArgumentException>(() => ParamGen.Choose(128, 1, 1, 40, 51)).Message);
    }

    // By trial: the fewest digits for which some number of 50-bit special primes fits; 0 if none does.
    private static int FewestDigits(int logN, int[] sizes, int securityBits)
    {
        for (int digits = 1; digits <= sizes.Length; digits++)
        {
            for (int special = 1; special <= (sizes.Sum() / 50) + 2; special++)
            {
                try
                {
                    CkksParameters.Create(logN, sizes, [.. Enumerable.Repeat(50, special)], digits, Scale.FromLog2(30), securityBits);
                    return digits;
                }
                catch (ArgumentException)
                {
                }
            }
        }

        return 0;
    }
}
