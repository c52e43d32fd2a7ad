using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text.Json;
using Heann.Core.Encoders;

namespace Heann.Core.Tests.Encoders;

public sealed class RootTableTests
{
    private static readonly JsonElement Vectors = TestVectors.Read("fft.json");

    [Fact]
    public void Roots_AreTheKnownDigitsRoundedToNearest()
    {
        foreach (JsonElement entry in Vectors.GetProperty("digits").EnumerateArray())
        {
            (double cos, double sin) = new RootTable(entry.GetProperty("ringDegree").GetInt32())[entry.GetProperty("index").GetInt32()];
            AssertNearest(entry.GetProperty("cos").GetString()!, cos);
            AssertNearest(entry.GetProperty("sin").GetString()!, sin);
        }
    }

    [Fact]
    public void Roots_EqualTheVectors()
    {
        foreach (JsonElement octant in Vectors.GetProperty("octants").EnumerateArray())
        {
            RootTable table = new(octant.GetProperty("ringDegree").GetInt32());
            int k = 0;
            foreach (JsonElement root in octant.GetProperty("roots").EnumerateArray())
            {
                Assert.Equal((TestVectors.HexFloat(root[0]), TestVectors.HexFloat(root[1])), table[k++]);
            }
        }

        JsonElement samples = Vectors.GetProperty("samples");
        RootTable large = new(samples.GetProperty("ringDegree").GetInt32());
        foreach (JsonElement root in samples.GetProperty("roots").EnumerateArray())
        {
            Assert.Equal((TestVectors.HexFloat(root[1]), TestVectors.HexFloat(root[2])), large[root[0].GetInt32()]);
        }
    }

    /// <summary>Every sine and cosine of the largest table is the nearest double.</summary>
    [Fact]
    public void Roots_HaveTheDigestOfCorrectlyRoundedOnes()
    {
        foreach (JsonElement entry in Vectors.GetProperty("digests").EnumerateArray())
        {
            RootTable table = new(entry.GetProperty("ringDegree").GetInt32());
            byte[] bytes = new byte[16 * (table.RingDegree / 4 + 1)];
            for (int k = 0; k <= table.RingDegree / 4; k++)
            {
                BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(16 * k), table[k].Cos);
                BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(16 * k + 8), table[k].Sin);
            }

            Assert.Equal(entry.GetProperty("sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(bytes)));
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(16)]
    [InlineData(1024)]
    public void Roots_AreSymmetricToTheBit(int n)
    {
        RootTable table = new(n);
        for (int k = 0; k < 2 * n; k++)
        {
            (double cos, double sin) = table[k];
            Assert.Equal((-sin, cos), table[k + n / 2]);
            Assert.Equal((cos, -sin), table[2 * n - k]);
            Assert.Equal(Math.Cos(Math.PI * k / n), cos, 1e-14);
            Assert.Equal(Math.Sin(Math.PI * k / n), sin, 1e-14);
        }
    }

    /// <summary>|digits − x| ≤ ulp(x)/2, in integers.</summary>
    private static void AssertNearest(string digits, double x)
    {
        int places = digits.Length - digits.IndexOf('.') - 1;
        BigInteger exact = BigInteger.Parse(digits.Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        long bits = BitConverter.DoubleToInt64Bits(x);
        int scale = 1075 - (int)(bits >> 52);
        BigInteger mantissa = (bits & 0xFFFFFFFFFFFFF) | 0x10000000000000;

        // x = mantissa / 2^scale; compare over the denominator 10^places · 2^scale
        BigInteger ten = BigInteger.Pow(10, places);
        BigInteger difference = BigInteger.Abs((exact << scale) - mantissa * ten);
        Assert.True(2 * difference <= ten, $"{x:R} is not the nearest double to {digits}.");
    }
}
