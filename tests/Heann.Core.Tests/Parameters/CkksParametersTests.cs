using System.Numerics;
using Heann.Core.Arithmetic;
using Heann.Core.Parameters;

namespace Heann.Core.Tests.Parameters;

public class CkksParametersTests
{
    private static readonly Scale Scale30 = Scale.FromLog2(30);

    public static TheoryData<string> Sets => Registry.All;

    public static TheoryData<string> SecureSets => Registry.Secure;

    [Theory]
    [MemberData(nameof(Sets))]
    public void Primes_AreDistinctPrimesThatSplitTheRing(string name)
    {
        CkksParameters p = Registry.Parameters(name);
        ulong[] primes = [.. p.BasisQP.Moduli.Select(q => q.Value)];
        Assert.Equal(primes.Length, primes.Distinct().Count());
        Assert.All(primes, q => Assert.True(Primality.IsPrime(q) && (q - 1) % (2UL * (ulong)p.RingDegree) == 0 && q < 1UL << 50));
        Assert.Equal(p.BasisQ.Moduli.Concat(p.BasisP.Moduli), p.BasisQP.Moduli);
        Assert.Equal(p.RingDegree / 2, p.SlotCount);
        Assert.Equal(1 << p.LogN, p.RingDegree);
        Assert.Equal(p.BasisQ.Count - 1, p.MaxLevel);
    }

    [Theory]
    [MemberData(nameof(SecureSets))]
    public void SecurityBits_OfEveryPresetHoldsByTheExactProduct(string name)
    {
        CkksParameters p = Registry.Parameters(name);
        BigInteger product = p.BasisQP.Moduli.Aggregate(BigInteger.One, (x, q) => x * q.Value);
        Assert.Equal(128, p.SecurityBits);
        Assert.True(product <= BigInteger.One << SecurityTableTests.Limit(p.LogN, 128), $"log2(QP) = {BigInteger.Log(product, 2)}");
    }

    [Theory]
    [InlineData("N13L3Dnum4", 13, 3)]
    [InlineData("N14L8Dnum9", 14, 8)]
    [InlineData("N15L12Dnum3", 15, 12)]
    [InlineData("N15L18Dnum10", 15, 18)]
    [InlineData("N16L30Dnum3", 16, 30)]
    [InlineData("N10L5Dnum3", 10, 5)]
    [InlineData("N11L12Dnum2", 11, 12)]
    public void Preset_IsWhatItsNameSays(string name, int logN, int levels)
    {
        CkksParameters p = Registry.Parameters(name);
        Assert.Equal((logN, levels), (p.LogN, p.MaxLevel));
        Assert.Equal(int.Parse(name[(name.IndexOf("Dnum", StringComparison.Ordinal) + 4)..]), p.DigitCount);
        Assert.Equal(p.DigitCount, p.KeySwitchLayoutAt(p.MaxLevel).Digits.Count);
    }

    [Fact]
    public void InsecureSets_ClaimNothing()
    {
        CkksParameters p = CkksParameters.CreateInsecure(15, [50, 40], [50], 2, Scale30);
        Assert.Equal(0, p.SecurityBits);
        Assert.Contains("INSECURE", p.ToString());
    }

    [Fact]
    public void Create_TakesThePrimesNearestToTheirSizesInOrder()
    {
        CkksParameters p = CkksParameters.CreateInsecure(10, [45, 36, 30, 36], [50], 4, Scale30);
        int[] sizes = [45, 36, 30, 36, 50];
        Assert.All(p.BasisQP.Moduli.Zip(sizes), pair => Assert.Equal(pair.Second, pair.First.Log2, 1e-4));
        double near = Math.Abs(p.BasisQ[1].Value - Math.Pow(2, 36));
        double far = Math.Abs(p.BasisQ[3].Value - Math.Pow(2, 36));
        Assert.True(near <= far);
        for (ulong q = (1UL << 36) - (ulong)far + 2; q < (1UL << 36) + (ulong)far; q++)
        {
            if (q % 2048 == 1 && Primality.IsPrime(q))
            {
                Assert.Equal(p.BasisQ[1].Value, q);
            }
        }
    }

    [Theory]
    [InlineData(24)]
    [InlineData(51)]
    [InlineData(0)]
    [InlineData(-3)]
    public void Create_RefusesPrimesOutside25To50Bits(int bits)
    {
        Assert.Contains($"25 to 50 bits; {bits}", Assert.Throws<ArgumentException>(() => CkksParameters.CreateInsecure(10, [50, bits], [50], 2, Scale30)).Message);
        Assert.Contains($"25 to 50 bits; {bits}", Assert.Throws<ArgumentException>(() => CkksParameters.CreateInsecure(10, [40, 40], [bits], 2, Scale30)).Message);
    }

    [Theory]
    [InlineData(25)]
    [InlineData(49)]
    [InlineData(50)]
    public void Create_TakesTheExtremeSizes(int bits)
    {
        CkksParameters p = CkksParameters.CreateInsecure(10, [bits, bits], [50, 50], 2, Scale30);
        Assert.All(p.BasisQ.Moduli, q => Assert.InRange(q.Log2, bits - 0.01, bits + 0.01));
    }

    [Fact]
    public void Create_RefusesSpecialPrimesThatDoNotCoverTheLargestDigitAndNamesBothSizes()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => CkksParameters.CreateInsecure(10, [50, 40, 40, 40], [50], 2, Scale30));
        Assert.Contains("50.0 bits together", error.Message);
        Assert.Contains("has 90.0", error.Message);
        Assert.Contains("add special primes or digits", error.Message);
        Assert.NotNull(CkksParameters.CreateInsecure(10, [50, 40, 40, 40], [50, 40], 2, Scale30));
    }

    [Fact]
    public void Create_CoversADigitOfTheSameSizeAsTheSpecialPrime()
    {
        CkksParameters p = CkksParameters.CreateInsecure(10, [50, 50, 50], [50], 3, Scale30);
        Assert.All(p.BasisQ.Moduli, q => Assert.True(q.Value < p.BasisP[0].Value));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(-1)]
    public void Create_RefusesDigitCountsOutsideOneToTheNumberOfPrimes(int digitCount) =>
        Assert.Contains("1 to 3 digits", Assert.Throws<ArgumentException>(() => CkksParameters.CreateInsecure(10, [50, 40, 40], [50, 50, 50], digitCount, Scale30)).Message);

    [Fact]
    public void Create_RefusesEmptyListsAndScalesThatAreNone()
    {
        Assert.Throws<ArgumentException>(() => CkksParameters.CreateInsecure(10, [], [50], 1, Scale30));
        Assert.Throws<ArgumentException>(() => CkksParameters.CreateInsecure(10, [50], [], 1, Scale30));
        Assert.Throws<ArgumentNullException>(() => CkksParameters.CreateInsecure(10, null!, [50], 1, Scale30));
        Assert.Throws<ArgumentOutOfRangeException>(() => CkksParameters.CreateInsecure(10, [50], [50], 1, default));
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(18, false)]
    [InlineData(9, true)]
    [InlineData(18, true)]
    public void Create_RefusesOtherRingDegrees(int logN, bool isSecure) => Assert.Contains(
        $"got 2^{logN}",
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = isSecure
            ? CkksParameters.Create(logN, [50], [50], 1, Scale30)
            : CkksParameters.CreateInsecure(logN, [50], [50], 1, Scale30)).Message);

    [Theory]
    [InlineData(-1)]
    [InlineData(6)]
    public void Levels_OutsideTheSetAreRefused(int level)
    {
        CkksParameters p = Registry.Parameters("N10L5Dnum3");
        Assert.Contains($"Level {level} is not in 0 … 5", Assert.Throws<ArgumentOutOfRangeException>(() => p.BasisAt(level)).Message);
        Assert.Contains($"Level {level} is not in 0 … 5", Assert.Throws<ArgumentOutOfRangeException>(() => p.KeySwitchLayoutAt(level)).Message);
    }

    [Fact]
    public void Id_IsTheSameForTheSameSetAndDiffersForAnyChange()
    {
        Func<CkksParameters>[] sets =
        [
            () => CkksParameters.CreateInsecure(10, [50, 36, 40], [50, 50], 2, Scale30),
            () => CkksParameters.CreateInsecure(10, [50, 40, 36], [50, 50], 2, Scale30),
            () => CkksParameters.CreateInsecure(10, [50, 36, 40], [50, 50], 3, Scale30),
            () => CkksParameters.CreateInsecure(10, [50, 36, 40], [50, 50, 50], 2, Scale30),
            () => CkksParameters.CreateInsecure(10, [50, 36, 40], [50, 48], 2, Scale30),
            () => CkksParameters.CreateInsecure(10, [50, 36, 40], [48, 50], 2, Scale30),
            () => CkksParameters.CreateInsecure(10, [50, 36, 41], [50, 50], 2, Scale30),
            () => CkksParameters.CreateInsecure(10, [50, 36], [50, 50], 2, Scale30),
            () => CkksParameters.CreateInsecure(11, [50, 36, 40], [50, 50], 2, Scale30),
        ];
        ParametersId[] ids = [.. sets.Select(make => make().Id)];
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.Equal(ids.Length, ids.Select(id => id.ToString()).Distinct().Count());
        Assert.Equal(ids, sets.Select(make => make().Id));
        Assert.All(ids, id => Assert.StartsWith(id.ToString(), Convert.ToHexStringLower(id.ToBytes())));
    }

    // SHA-256 of the description, assembled here by hand: the id is part of every file.
    [Fact]
    public void Id_IsTheDocumentedHash()
    {
        CkksParameters p = Registry.Parameters("N10L5Dnum3");
        List<byte> text = [.. "heann-parameters"u8, 1, 0, 0, 0, .. "AES-256-CTR/1"u8, 10, 0, 0, 0, 3, 0, 0, 0, 6, 0, 0, 0];
        text.AddRange(p.BasisQ.Moduli.SelectMany(q => BitConverter.GetBytes(q.Value)));
        text.AddRange([2, 0, 0, 0]);
        text.AddRange(p.BasisP.Moduli.SelectMany(q => BitConverter.GetBytes(q.Value)));
        Assert.Equal(System.Security.Cryptography.SHA256.HashData([.. text]), p.Id.ToBytes());
    }
}
