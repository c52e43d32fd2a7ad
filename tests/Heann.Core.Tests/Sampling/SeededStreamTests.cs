using System.Reflection;
using System.Text.Json;
using Heann.Core.Sampling;

namespace Heann.Core.Tests.Sampling;

public sealed class SeededStreamTests
{
    private static readonly JsonElement Vectors = TestVectors.Read("sampling.json");
    private static readonly byte[] Seed = Convert.FromHexString(Vectors.GetProperty("seed").GetString()!);

    [Fact]
    public void Fill_EqualsTheVectors()
    {
        Assert.Equal(SeededStream.ExpanderId, Vectors.GetProperty("expander").GetString());
        foreach (JsonElement entry in Vectors.GetProperty("streams").EnumerateArray())
        {
            byte[] expected = Convert.FromHexString(entry.GetProperty("bytes").GetString()!);
            using SeededStream stream = new(Seed, entry.GetProperty("stream").GetUInt64());
            Assert.Equal(expected, Take(stream, expected.Length));
        }
    }

    /// <summary>Block 0 of stream 0 encrypts 16 zero bytes, as the first KeySbox vector of NIST's AES validation suite (AESAVS, 2002) does.</summary>
    [Fact]
    public void Fill_StartsWithTheKnownEncryptionOfTheZeroBlock()
    {
        byte[] key = Convert.FromHexString("c47b0294dbbbee0fec4757f22ffeee3587ca4730c3d33b691df38bab076bc558");
        using SeededStream stream = new(key, 0);
        Assert.Equal("46f2fb342d6f0ab477476fc501242c5f", Convert.ToHexStringLower(Take(stream, 16)));
    }

    [Fact]
    public void Fill_DoesNotDependOnHowItIsCut()
    {
        const int total = 100_003;
        using SeededStream whole = new(Seed, 9);
        byte[] expected = Take(whole, total);
        using SeededStream cut = new(Seed, 9);
        List<byte> parts = [];
        Random random = new(42);
        for (int next; parts.Count < total; parts.AddRange(Take(cut, next)))
        {
            int length = random.Next(5) switch { 0 => 0, 1 => 3, 2 => random.Next(40), 3 => random.Next(1000), _ => random.Next(40_000) };
            next = Math.Min(length, total - parts.Count);
        }

        Assert.Equal(expected, parts);
    }

    [Fact]
    public void FillWords_AreLittleEndian()
    {
        using SeededStream bytes = new(Seed, 1);
        using SeededStream words = new(Seed, 1);
        byte[] expected = Take(bytes, 8 * 1000);
        ulong[] actual = new ulong[1000];
        words.Fill(actual);
        for (int i = 0; i < actual.Length; i++)
        {
            ulong word = 0;
            for (int k = 7; k >= 0; k--)
            {
                word = word << 8 | expected[8 * i + k];
            }

            Assert.Equal(word, actual[i]);
        }
    }

    [Fact]
    public void Streams_OfOneSeedDiffer()
    {
        using SeededStream first = new(Seed, 0);
        using SeededStream second = new(Seed, 1);
        Assert.NotEqual(Take(first, 64), Take(second, 64));
    }

    [Fact]
    public void FromEntropy_GivesAnotherStreamEveryTime()
    {
        HashSet<string> seen = [];
        for (int i = 0; i < 16; i++)
        {
            using SeededStream stream = SeededStream.FromEntropy();
            Assert.True(seen.Add(Convert.ToHexString(Take(stream, 32))));
        }
    }

    /// <summary>Bits of a fresh stream are balanced: 2^20 bits, ones within 6 standard deviations (2^19 ± 3072).</summary>
    [Fact]
    public void FromEntropy_IsBalanced()
    {
        using SeededStream stream = SeededStream.FromEntropy();
        int ones = Take(stream, 1 << 17).Sum(b => int.PopCount(b));
        Assert.InRange(ones, (1 << 19) - 3072, (1 << 19) + 3072);
    }

    [Fact]
    public void Dispose_GivesBackWhatIsBuffered_AndEndsTheStream()
    {
        SeededStream stream = new(Seed, 0);
        Take(stream, 5);
        FieldInfo field = typeof(SeededStream).GetField("_keystream", BindingFlags.NonPublic | BindingFlags.Instance)!;
        SecretArray<byte> buffered = (SecretArray<byte>)field.GetValue(stream)!;
        Assert.Contains(buffered.Array, b => b != 0);
        stream.Dispose();
        stream.Dispose();

        // Given back, which wipes: see SecretArrayTests. What the array holds now may be another test's.
        Assert.Null(((SecretArray<byte>)field.GetValue(stream)!).Array);
        Assert.Throws<ObjectDisposedException>(() => Take(stream, 1));
    }

    // At any point of a stream, and with any amount still buffered.
    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(20000)]
    public void SwitchTo_GivesTheStreamThatANewObjectGives(int before)
    {
        using SeededStream stream = new(Seed, 7);
        using SeededStream other = new(Seed, 3);
        Take(stream, before);
        stream.SwitchTo(3);
        Assert.Equal(Take(other, 1000), Take(stream, 1000));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    [InlineData(31)]
    [InlineData(33)]
    public void Constructor_RefusesOtherSeedLengths(int length) =>
        Assert.Throws<ArgumentException>(() => new SeededStream(new byte[length], 0));

    private static byte[] Take(SeededStream stream, int count)
    {
        byte[] bytes = new byte[count];
        stream.Fill(bytes);
        return bytes;
    }
}
