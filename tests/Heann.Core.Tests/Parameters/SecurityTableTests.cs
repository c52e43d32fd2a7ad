using Heann.Core.Parameters;

namespace Heann.Core.Tests.Parameters;

public class SecurityTableTests
{
    // eprint 2024/463, table 5.2, typed a second time: rows log2 N, columns 128, 192, 256 bits, "-" = none.
    private const string Table = """
        10    26     -     -
        11    53    36    27
        12   106    73    56
        13   214   148   114
        14   430   297   230
        15   868   597   463
        16  1747  1199   929
        17  3523  2411  1866
        """;

    public static TheoryData<int, int, int> Entries
    {
        get
        {
            TheoryData<int, int, int> data = [];
            foreach (string line in Table.Split('\n'))
            {
                string[] cells = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                for (int column = 0; column < 3; column++)
                {
                    data.Add(int.Parse(cells[0]), (int[])[128, 192, 256] is var levels ? levels[column] : 0, cells[column + 1] == "-" ? 0 : int.Parse(cells[column + 1]));
                }
            }

            return data;
        }
    }

    /// <summary>log2(QP) that a ring allows, from this copy of the table.</summary>
    public static int Limit(int logN, int securityBits) =>
        Entries.Single(row => row.Data.Item1 == logN && row.Data.Item2 == securityBits).Data.Item3;

    [Theory]
    [MemberData(nameof(Entries))]
    public void MaxLog2_IsThePublishedTable(int logN, int securityBits, int limit) => Assert.Equal(limit, SecurityTable.MaxLog2(logN, securityBits));

    [Theory]
    [MemberData(nameof(Entries))]
    public void Create_RefusesOneBitAboveTheLimitAndNamesLimitAndSum(int logN, int securityBits, int limit)
    {
        (int[] q, int[] p) = Split(Math.Max(limit + 1, 51));
        InsufficientSecurityException error = Assert.Throws<InsufficientSecurityException>(
            () => CkksParameters.Create(logN, q, p, q.Length, Scale.FromLog2(30), securityBits));
        double sum = CkksParameters.CreateInsecure(logN, q, p, q.Length, Scale.FromLog2(30)).BasisQP.Log2;
        Assert.InRange(sum, limit, double.MaxValue);
        Assert.Contains(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"= {sum:F1} bits"), error.Message);
        Assert.Contains($"exceeds {limit},", error.Message);
        Assert.Contains($"2^{logN} at {securityBits}-bit", error.Message);
        Assert.Contains("use fewer or smaller primes, or a larger N", error.Message);
    }

    [Theory]
    [MemberData(nameof(Entries))]
    public void Create_AcceptsOneBitBelowTheLimitAndClaimsNoMoreThanTheTable(int logN, int securityBits, int limit)
    {
        if (limit < 52)
        {
            Assert.Throws<InsufficientSecurityException>(() => CkksParameters.Create(logN, [25], [26], 1, Scale.FromLog2(25), securityBits));
            return;
        }

        (int[] q, int[] p) = Split(limit - 1);
        CkksParameters parameters = CkksParameters.Create(logN, q, p, q.Length, Scale.FromLog2(30), securityBits);
        Assert.Equal(securityBits, parameters.SecurityBits);
    }

    [Theory]
    [InlineData(9)]
    [InlineData(18)]
    public void MaxLog2_RefusesRingDegreesOutsideTheTable(int logN)
    {
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => SecurityTable.MaxLog2(logN, 128));
        Assert.Contains($"2^10 to 2^17; got 2^{logN}", error.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(127)]
    [InlineData(129)]
    public void MaxLog2_RefusesSecurityLevelsOutsideTheTable(int bits) =>
        Assert.Contains($"128, 192, 256 bits; got {bits}", Assert.Throws<ArgumentOutOfRangeException>(() => SecurityTable.MaxLog2(14, bits)).Message);

    [Theory]
    [InlineData(14, 230.0, 256)]
    [InlineData(14, 230.01, 192)]
    [InlineData(14, 297.01, 128)]
    [InlineData(14, 430.01, 0)]
    public void SecurityBits_IsTheHighestLevelThatHolds(int logN, double log2Qp, int expected) =>
        Assert.Equal(expected, SecurityTable.SecurityBits(logN, log2Qp));

    // One special prime that covers the largest limb, the rest in limbs of equal size: sizes sum to `total`.
    private static (int[] Q, int[] P) Split(int total)
    {
        if (total < 80)
        {
            int q = Math.Max(25, (total / 2) - 1);
            return ([q], [total - q]);
        }

        int rest = total - 50;
        int count = (rest + 48) / 49;
        return ([.. Enumerable.Range(0, count).Select(i => (rest / count) + (i < rest % count ? 1 : 0))], [50]);
    }
}
