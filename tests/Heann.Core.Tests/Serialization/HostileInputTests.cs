using System.Buffers.Binary;
using System.Numerics;
using Heann.Core.Rings;
using Heann.Core.Serialization;
using Heann.Core.Tests.Rings;

namespace Heann.Core.Tests.Serialization;

/// <summary>Whatever the bytes, reading ends in an object or in InvalidDataException. Every truncation and every bit is tried.</summary>
public sealed class HostileInputTests(RecordSamples samples) : IClassFixture<RecordSamples>
{
    public static TheoryData<string> Names => RecordSamples.Names;

    [Fact]
    public void Names_AreThoseOfTheSamples() => Assert.Equal(Names.Select(row => row.Data), samples.All.Select(sample => sample.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryTruncation_IsRefused(string name)
    {
        RecordSample sample = samples[name];
        for (int length = 0; length < sample.Bytes.Length; length++)
        {
            string message = sample.AssertRefused(sample.Bytes[..length], $"the first {length} bytes").Message;
            Assert.Contains("ends after", message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void TrailingBytes_AreRefused(string name)
    {
        RecordSample sample = samples[name];
        Assert.Contains("1 bytes follow", sample.AssertRefused([.. sample.Bytes, 0], "a byte more").Message, StringComparison.Ordinal);
        sample.AssertRefused([.. sample.Bytes, .. sample.Bytes], "twice");
    }

    // Headers, bodies, checksums; all records of a set.
    [Theory]
    [MemberData(nameof(Names))]
    public void EveryFlippedBit_IsRefused(string name)
    {
        RecordSample sample = samples[name];
        byte[] bytes = [.. sample.Bytes];
        for (int bit = 0; bit < 8 * bytes.Length; bit++)
        {
            bytes[bit >> 3] ^= (byte)(1 << (bit & 7));
            sample.AssertRefused(bytes, $"bit {bit}");
            bytes[bit >> 3] ^= (byte)(1 << (bit & 7));
        }

        Assert.Equal(sample.Bytes, sample.Rewrite(bytes));
    }

    // An adversary makes checksums too: then the fields themselves must be right, and no two files may hold the same object.
    [Theory]
    [MemberData(nameof(Names))]
    public void EveryFlippedHeaderBitUnderAGoodChecksum_IsRefusedOrMeansSomethingElse(string name)
    {
        RecordSample sample = samples[name];
        foreach ((int offset, _) in sample.Records())
        {
            int refused = 0;
            for (int bit = 0; bit < 8 * 112; bit++)
            {
                int at = bit;
                byte[] forged = sample.Forge(offset, bytes => bytes[offset + (at >> 3)] ^= (byte)(1 << (at & 7)));
                refused += sample.AssertRefusedOrCanonical(forged, $"bit {bit} of the header at {offset}") ? 1 : 0;
            }

            // Magic, version, kind, flags, length, parameters id (48 bytes) are all bound; key ids, scales, salts and estimates may be any.
            Assert.True(refused >= 8 * 48 - 1, $"{name}: {refused} of 896 bits were refused.");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryFlippedBodyBitUnderAGoodChecksum_IsRefusedOrMeansSomethingElse(string name)
    {
        RecordSample sample = samples[name];
        foreach ((int offset, BinaryHeader header) in sample.Records())
        {
            for (long bit = 0; bit < 8 * header.BodyByteCount; bit++)
            {
                int at = checked((int)bit);
                byte[] forged = sample.Forge(offset, bytes => bytes[offset + 128 + (at >> 3)] ^= (byte)(1 << (at & 7)));
                sample.AssertRefusedOrCanonical(forged, $"bit {bit} of the body at {offset}");
            }
        }
    }

    [Theory]
    [InlineData("public key", 32)]
    [InlineData("key-switching key", 36)]
    [InlineData("plaintext", 0)]
    [InlineData("compact plaintext", 0)]
    [InlineData("seeded ciphertext", 32)]
    [InlineData("ciphertext", 0)]
    [InlineData("product of three parts", 0)]
    public void EveryResidueThatIsNotBelowItsPrime_IsRefused(string name, int firstByte)
    {
        RecordSample sample = samples[name];
        (RnsBasis basis, int polynomials) = name switch
        {
            "public key" => (samples.Parameters.BasisQP.Take(5), 1),
            "key-switching key" => (samples.Keys.Relinearization!.Layout.Basis, samples.Keys.Relinearization.Layout.Digits.Count),
            "compact plaintext" => (samples.Parameters.BasisAt(1).Subring(4), 1),
            "product of three parts" => (samples.Parameters.BasisAt(3), 3),
            _ => (samples.Parameters.BasisAt(2), name == "ciphertext" ? 2 : 1),
        };
        long position = 8L * (128 + firstByte);
        for (int p = 0; p < polynomials; p++)
        {
            for (int limb = 0; limb < basis.Count; limb++)
            {
                (ulong q, int bits) = (basis[limb].Value, basis[limb].BitCount);
                for (int i = 0; i < basis.RingDegree; i++, position += bits)
                {
                    foreach (ulong bad in (ulong[])[q, (1UL << bits) - 1])
                    {
                        long at = position;
                        string message = sample.AssertRefused(sample.Forge(0, bytes => SetBits(bytes, at, bits, bad)), $"residue {i} of limb {limb}").Message;
                        Assert.StartsWith($"Residue {i} of limb {limb} is {bad} and its prime {q}", message, StringComparison.Ordinal);
                    }

                    Assert.False(sample.AssertRefusedOrCanonical(sample.Forge(0, bytes => SetBits(bytes, position, bits, q - 1)), "q − 1"));
                }

                position = (position + 7) / 8 * 8;
            }
        }

        Assert.Equal(8L * (sample.Bytes.Length - 16), position);
    }

    [Fact]
    public void RandomBytesBehindAGoodHeader_AreRefusedOrCanonical()
    {
        SeededRandom random = RingTestKit.Seeded(7);
        foreach (RecordSample sample in samples.All)
        {
            for (int round = 0; round < 200; round++)
            {
                byte[] forged = sample.Forge(0, bytes => random.NextBytes(bytes.AsSpan(128 + random.Next(bytes.Length - 128))));
                sample.AssertRefusedOrCanonical(forged, $"round {round}, seed {random.Seed}");
            }
        }
    }

    private static void SetBits(byte[] bytes, long position, int count, ulong value)
    {
        for (int i = 0; i < count; i++, position++)
        {
            byte mask = (byte)(1 << (int)(position & 7));
            bytes[position >> 3] = (byte)((value >> i & 1) == 0 ? bytes[position >> 3] & ~mask : bytes[position >> 3] | mask);
        }
    }
}
