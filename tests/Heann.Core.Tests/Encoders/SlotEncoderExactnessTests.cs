using System.Numerics;
using System.Security.Cryptography;
using Heann.Core.Backends;
using Heann.Core.Ciphertexts;
using Heann.Core.Encoders;
using Heann.Core.Parameters;
using Heann.Core.Rings;
using Heann.Core.Tests.Rings;

namespace Heann.Core.Tests.Encoders;

/// <summary>Determinism of the encoder, and the reconstruction it decodes with.</summary>
public sealed class SlotEncoderExactnessTests : IDisposable
{
    private readonly ScalarBackend _backend = new();

    public static TheoryData<string> Sets => ["N5L3Dnum2", "N10L2Dnum3", "N10Mixed"];

    public void Dispose() => _backend.Dispose();

    [Fact]
    public void Encode_GivesTheSameResiduesEveryTimeAlsoFromManyThreads()
    {
        CkksParameters p = Registry.Parameters("N10L5Dnum3");
        SlotEncoder encoder = new(p, _backend);
        byte[] first = Hash(encoder, p);
        byte[][] others = new byte[8][];
        Parallel.For(0, others.Length, i => others[i] = Hash(i % 2 == 0 ? encoder : new SlotEncoder(p, _backend), p));
        Assert.All(others, hash => Assert.Equal(first, hash));
    }

    // Known answer: SHA-256 of the little-endian residues of GoldenVector at 2^40 in N10L5Dnum3. Origin: tests/vectors/encoding.py, which
    // computes the primes, the embedding and the transform from their definitions in integers of 400 bits.
    [Fact]
    public void Encode_MatchesTheCommittedHash()
    {
        CkksParameters p = Registry.Parameters("N10L5Dnum3");
        string actual = Convert.ToHexStringLower(Hash(new(p, _backend), p));
        Assert.Equal("d9ba3ab358c9f8bd2ab46b282e46bea1485e5dbe3f89ffdf9f80151a3de802a5", actual);
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void ToCenteredDoubles_IsTheCenteredReconstructionToTheLastBit(string name)
    {
        SeededRandom random = RingTestKit.Seeded(name.Length, 8);
        CkksParameters p = Registry.Parameters(name);
        for (int level = 0; level <= p.MaxLevel; level++)
        {
            RnsBasis basis = p.BasisAt(level);
            BigInteger half = basis.Product / 2;
            BigInteger[] values = [.. Enumerable.Range(0, p.RingDegree).Select(k => Sample(random, half, k))];
            using RnsPolynomial polynomial = RingTestKit.Upload(_backend, basis, RingTestKit.Reduce(basis, values));
            double[] decoded = new double[p.RingDegree];
            new CrtDecoder(basis).ToCenteredDoubles(polynomial.ToResidues(), decoded);
            for (int k = 0; k < values.Length; k++)
            {
                double expected = (double)values[k];
                Assert.True(
                    Math.Abs(decoded[k] - expected) <= Math.Abs(expected) * Math.Pow(2, -51),
                    $"{name}, level {level}: {decoded[k]:R} for {values[k]}; seed {random.Seed}");
            }
        }
    }

    [Fact]
    public void SlotVector_KnowsItsPeriodMagnitudeAndSlots()
    {
        SlotVector real = SlotVector.Periodic([3.0, -4.0]);
        Assert.Equal((2, true, Math.Sqrt(12.5)), (real.Period, real.IsReal, real.Magnitude));
        Assert.Equal([3, -4, 3, -4], Enumerable.Range(0, 4).Select(i => real[i].Real));
        SlotVector complex = SlotVector.Constant(new Complex(3, 4));
        Assert.Equal((1, false, 5.0), (complex.Period, complex.IsReal, complex.Magnitude));
        Assert.Equal(new Complex(3, 4), complex[17]);
        Assert.True(SlotVector.Constant(new Complex(2, 0)).IsReal);
        SlotVector padded = SlotVector.Padded([1.0], 4);
        Assert.Equal((4, 0.5), (padded.Period, padded.Magnitude));
        Assert.Equal([1, 0, 0, 0], padded.Real.ToArray());
        Assert.Equal(0, padded.Imaginary.Length);
    }

    [Fact]
    public void SlotVector_CopiesWhatItIsGiven()
    {
        double[] values = [1, 2];
        SlotVector vector = SlotVector.Periodic(values);
        values[0] = 9;
        Assert.Equal(1, vector[0].Real);
    }

    // Small, near a power of a partial product, near ±Q/2, anything.
    private static BigInteger Sample(Random random, BigInteger half, int kind)
    {
        byte[] bytes = new byte[half.GetByteCount() + 1];
        random.NextBytes(bytes);
        BigInteger any = (new BigInteger(bytes) % ((2 * half) + 1)) % (half + 1);
        return (kind % 5) switch
        {
            0 => random.Next(-100, 101),
            1 => half - random.Next(100),
            2 => -half + random.Next(100),
            3 => any >> random.Next((int)half.GetBitLength()),
            _ => any,
        };
    }

    // Exactly representable values from a linear congruence, real and imaginary.
    private static Complex[] GoldenVector(int count)
    {
        uint state = 12345;
        double Next() => ((state = (state * 1664525) + 1013904223) / 4294967296.0 * 2) - 1;
        return [.. Enumerable.Range(0, count).Select(_ => new Complex(Next(), Next()))];
    }

    private static byte[] Hash(SlotEncoder encoder, CkksParameters p)
    {
        using Plaintext plaintext = encoder.Encode(GoldenVector(p.SlotCount), scale: Scale.FromLog2(40));
        byte[] bytes = new byte[plaintext.ByteCount];
        ulong[] residues = plaintext.Polynomial.ToResidues();
        for (int i = 0; i < residues.Length; i++)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8 * i), residues[i]);
        }

        return SHA256.HashData(bytes);
    }
}
