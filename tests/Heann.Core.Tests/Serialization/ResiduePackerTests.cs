using System.Numerics;
using Heann.Core.Serialization;
using Heann.Core.Tests.Rings;
using FsCheck;
using FsCheck.Fluent;

namespace Heann.Core.Tests.Serialization;

public sealed class ResiduePackerTests
{
    [Fact]
    public void Pack_IsTheLittleEndianNumberOfTheDefinition() => Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
    {
        SeededRandom random = RingTestKit.Seeded(seed);
        int bits = random.Next(1, ResiduePacker.MaxBitCount + 1);
        ulong[] residues = [.. Enumerable.Range(0, random.Next(1, 70)).Select(_ => (ulong)random.NextInt64() & (ulong.MaxValue >> (64 - bits)))];
        BigInteger number = residues.Select((r, i) => (BigInteger)r << (i * bits)).Aggregate(BigInteger.Zero, (x, y) => x + y);
        byte[] expected = new byte[((residues.Length * bits) + 7) / 8];
        number.TryWriteBytes(expected, out _, isUnsigned: true);
        byte[] packed = new byte[ResiduePacker.ByteCount(residues.Length, bits)];
        packed.AsSpan().Fill(0xFF);
        ResiduePacker.Pack(residues, bits, packed);
        Assert.Equal(expected, packed);
        ulong[] unpacked = new ulong[residues.Length];
        Assert.Equal(-1, ResiduePacker.Unpack(packed, bits, 1UL << bits, unpacked));
        Assert.Equal(residues, unpacked);
        Assert.True(ResiduePacker.IsPaddingZero(packed, residues.Length, bits));
        Assert.Equal(Array.FindIndex(residues, r => r >= residues[^1]), ResiduePacker.Unpack(packed, bits, residues[^1], unpacked));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void IsPaddingZero_FindsEveryUnusedBit()
    {
        byte[] packed = new byte[ResiduePacker.ByteCount(3, 45)]; // 135 bits in 136
        ResiduePacker.Pack([(1UL << 45) - 1, 0, (1UL << 45) - 1], 45, packed);
        Assert.True(ResiduePacker.IsPaddingZero(packed, 3, 45));
        packed[^1] |= 0x80;
        Assert.False(ResiduePacker.IsPaddingZero(packed, 3, 45));
    }
}
