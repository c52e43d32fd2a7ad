using System.Buffers;
using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Noise;
using Heann.Core.Parameters;
using Heann.Core.Rings;
using Heann.Core.Serialization;
using Heann.Core.Tests.Rings;
using FsCheck;
using FsCheck.Fluent;

namespace Heann.Core.Tests.Serialization;

/// <summary>What is read is what was written, to the bit, by every way.</summary>
public sealed class RoundTripTests(CkksScenes scenes, RecordSamples samples) : IClassFixture<RecordSamples>
{
    public static TheoryData<string> Sets => Registry.Small;

    public static TheoryData<string> Names => RecordSamples.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Bytes_AreTheSameAfterReading(string name) => Assert.Equal(samples[name].Bytes, samples[name].Rewrite(samples[name].Bytes));

    [Fact]
    public void EveryWay_GivesTheSameBytesAndReadsThem()
    {
        CheckWays(ParametersCodec.AllowInsecure, samples.Parameters, (x, y) => Assert.Equal(x.ToString(), y.ToString()));
        CheckWays(
            samples.Context.Codecs.SecretKey, samples.Secret, (x, y) => Assert.Equal(x.Polynomial.ToResidues(), y.Polynomial.ToResidues()));
        CheckWays(samples.Context.Codecs.PublicKey, samples.PublicKey, (x, y) => Assert.Equal(x.A.ToResidues(), y.A.ToResidues()));
        CheckWays(
            samples.Context.Codecs.KeySwitchingKey, samples.Keys.Relinearization!, (x, y) => AssertSame(samples.Context.Backend, x, y));
        CheckWays(samples.Context.Codecs.EvaluationKeys, samples.Keys, (x, y) => AssertSame(samples.Context.Backend, x, y));
        using Plaintext plaintext = samples.Context.Encoder.Encode([1.0, 2.0]);
        CheckWays(
            samples.Context.Codecs.Plaintext, plaintext, (x, y) => Assert.Equal(x.Polynomial.ToResidues(), y.Polynomial.ToResidues()));
        using Ciphertext ciphertext = samples.Context.Encryptor.Encrypt(samples.Secret, plaintext);
        CheckWays(samples.Context.Codecs.Ciphertext, ciphertext, AssertSame);
    }

    // Level, scale, magnitude, noise, seed, parts, key: all of it, for random ciphertexts of every shape.
    [Theory]
    [MemberData(nameof(Sets))]
    public void Ciphertexts_ReturnToTheBit(string set)
    {
        CkksScene scene = scenes[set];
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            SeededRandom random = RingTestKit.Seeded(seed);
            using Ciphertext x = scene.Encrypt(
                scene.Slots(random), random.Next(scene.TopLevel + 1), Scale.FromLog2(20 + (10 * random.NextDouble())));
            using Ciphertext y = random.Next(2) == 0 ? scene.Evaluator.Negate(x) : scene.Evaluator.Copy(x);
            foreach (Ciphertext value in (Ciphertext[])[x, y])
            {
                byte[] bytes = scene.Context.Codecs.Ciphertext.ToBytes(value);
                using Ciphertext read = scene.Context.Codecs.Ciphertext.Read(bytes);
                AssertSame(value, read);
                Assert.Equal(bytes, scene.Context.Codecs.Ciphertext.ToBytes(read));
            }
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void Plaintexts_ReturnToTheBit(string set)
    {
        CkksScene scene = scenes[set];
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            SeededRandom random = RingTestKit.Seeded(seed);
            double[] values = [.. Enumerable.Range(0, 1 << random.Next(1 + int.Log2(scene.SlotCount))).Select(_ => random.NextDouble())];
            using Plaintext x = random.Next(2) == 0
                ? scene.Context.Encoder.EncodePeriodic(values, random.Next(scene.TopLevel + 1), Scale.FromLog2(25))
                : scene.Context.Encoder.Encode(values, random.Next(scene.TopLevel + 1), Scale.FromLog2(25));
            using Plaintext y = scene.Context.Codecs.Plaintext.Read(scene.Context.Codecs.Plaintext.ToBytes(x));
            Assert.Equal((x.Level, x.Scale, x.Noise, x.CompactDegree), (y.Level, y.Scale, y.Noise, y.CompactDegree));
            Assert.Equal(x.Polynomial.ToResidues(), y.Polynomial.ToResidues());
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void Keys_ReturnToTheBitAndCompute(string set)
    {
        CkksScene scene = scenes[set];
        CkksCodecs codecs = scene.Context.Codecs;
        using SecretKey secret = codecs.SecretKey.Read(codecs.SecretKey.ToBytes(scene.Secret));
        Assert.Equal(scene.Secret.Id, secret.Id);
        Assert.Null(secret.Salt);
        Assert.Equal(scene.Secret.Polynomial.ToResidues(), secret.Polynomial.ToResidues());
        Assert.True(secret.Polynomial.IsSecret);
        using EvaluationKeys keys = codecs.EvaluationKeys.Read(codecs.EvaluationKeys.ToBytes(scene.Keys));
        AssertSame(scene.Context.Backend, scene.Keys, keys);
        using PublicKey publicKey = codecs.PublicKey.Read(codecs.PublicKey.ToBytes(scene.PublicKey));
        Assert.Equal((scene.PublicKey.KeyId, scene.PublicKey.SeededByteCount), (publicKey.KeyId, publicKey.SeededByteCount));
        Assert.Equal(scene.PublicKey.B.ToResidues(), publicKey.B.ToResidues());
        Assert.Equal(scene.PublicKey.A.ToResidues(), publicKey.A.ToResidues());

        // Evaluation is exact: the same keys give the same residues.
        CkksEvaluator evaluator = scene.Context.CreateEvaluator(keys);
        using Ciphertext x = codecs.Ciphertext.Read(codecs.Ciphertext.ToBytes(scene.Context.Encrypt(publicKey, [0.5, -0.25])));
        using Ciphertext product = evaluator.Multiply(x, x);
        using Ciphertext expectedProduct = scene.Evaluator.Multiply(x, x);
        Assert.Equal(scene.Residues(expectedProduct), scene.Residues(product));
        using Ciphertext rotated = evaluator.Rotate(product, 1);
        using Ciphertext expected = scene.Evaluator.Rotate(expectedProduct, 1);
        Assert.Equal(scene.Residues(expected), scene.Residues(rotated));
        Assert.Equal(0.0625, scene.Context.Decrypt(secret, rotated)[0], 1e-4);
    }

    [Fact]
    public void DerivedSecretKey_KeepsItsSalt()
    {
        using SecretKey derived = samples.Context.KeyGenerator.CreateSecretKey("correct horse", iterations: KeyGenerator.MinIterations);
        using SecretKey read = samples.Context.Codecs.SecretKey.Read(samples.Context.Codecs.SecretKey.ToBytes(derived));
        Assert.Equal(derived.Salt!.Value.ToArray(), read.Salt!.Value.ToArray());
        Assert.Equal(derived.Id, read.Id);
    }

    [Fact]
    public void FreshCiphertext_TakesHalf_AndAfterAnOperationBothParts()
    {
        using Ciphertext fresh = samples.Context.Encrypt(samples.Secret, [1.0]);
        using Ciphertext negated = samples.Evaluator.Negate(fresh);
        long part = samples.Parameters.BasisQ.Moduli.Sum(q => q.BitCount * 32L / 8);
        Assert.Equal(128 + 16 + 32 + part, samples.Context.Codecs.Ciphertext.Measure(fresh));
        Assert.Equal(128 + 16 + (2 * part), samples.Context.Codecs.Ciphertext.Measure(negated));
    }

    [Fact]
    public void KeySwitchingKey_ReadAlone_IsTheKey()
    {
        KeySwitchingKey key = samples.Keys.Relinearization!;
        using KeySwitchingKey read = samples.Context.Codecs.KeySwitchingKey.Read(samples.Context.Codecs.KeySwitchingKey.ToBytes(key));
        AssertSame(samples.Context.Backend, key, read);
    }

    /// <summary>b_0, a_0, b_1 …</summary>
    internal static ulong[][] Residues(RingBackend backend, KeySwitchingKey key)
    {
        List<ulong[]> residues = [];
        for (int d = 0; d < key.Matrix.DigitCount; d++)
        {
            using RnsPolynomial b = key.ReadB(backend, d);
            using RnsPolynomial a = key.ReadA(backend, d);
            residues.AddRange(b.ToResidues(), a.ToResidues());
        }

        return [.. residues];
    }

    private static void CheckWays<T>(BinaryCodec<T> codec, T value, Action<T, T> assertSame)
        where T : class
    {
        byte[] expected = codec.ToBytes(value);
        Assert.Equal(codec.Measure(value), expected.Length);
        byte[] span = new byte[expected.Length + 3];
        Assert.Equal(expected.Length, codec.Write(value, span));
        Assert.Equal([.. expected, 0, 0, 0], span);
        ArrayBufferWriter<byte> writer = new();
        codec.Write(value, writer);
        Assert.Equal(expected, writer.WrittenSpan);
        using MemoryStream stream = new();
        codec.Write(value, stream);
        codec.Write(value, stream);
        Assert.Equal([.. expected, .. expected], stream.ToArray());

        // Two objects in one stream; bytes one at a time; segments of a sequence; a span.
        stream.Position = 0;
        T[] reads = [codec.Read(stream), codec.Read(stream), codec.Read(new TricklingStream(expected)), codec.Read(Segments.Of(expected, 7)), codec.Read(expected)];
        Assert.Equal(stream.Length, stream.Position);
        foreach (T read in reads)
        {
            assertSame(value, read);
            Assert.Equal(expected, codec.ToBytes(read));
            (read as IDisposable)?.Dispose();
        }

        Assert.Throws<ArgumentException>(() => codec.Write(value, new byte[expected.Length - 1].AsSpan()));
        Assert.Throws<InvalidDataException>(() => codec.Read(Segments.Of([.. expected, 0], 5)));
    }

    private static void AssertSame(RingBackend backend, EvaluationKeys x, EvaluationKeys y)
    {
        Assert.Equal((x.KeyId, x.Count, x.ByteCount), (y.KeyId, y.Count, y.ByteCount));
        AssertSame(backend, x.Relinearization!, y.Relinearization!);
        foreach (GaloisElement element in x.GaloisElements)
        {
            Assert.True(x.TryGetGalois(element, out KeySwitchingKey? key));
            Assert.True(y.TryGetGalois(element, out KeySwitchingKey? read));
            AssertSame(backend, key, read);
        }
    }

    private static void AssertSame(RingBackend backend, KeySwitchingKey x, KeySwitchingKey y)
    {
        Assert.Equal((x.KeyId, x.Layout.Level, x.ByteCount, x.SeededByteCount), (y.KeyId, y.Layout.Level, y.ByteCount, y.SeededByteCount));
        Assert.Equal(x.Layout.Digits, y.Layout.Digits);
        Assert.Equal(x.Seed, y.Seed);
        Assert.Equal(Residues(backend, x), Residues(backend, y));
    }

    private static void AssertSame(Ciphertext x, Ciphertext y)
    {
        Assert.Equal((x.Level, x.PartCount, x.Scale, x.Noise, x.KeyId), (y.Level, y.PartCount, y.Scale, y.Noise, y.KeyId));
        Assert.Equal(x.Seed, y.Seed);
        for (int part = 0; part < x.PartCount; part++)
        {
            Assert.Equal(Residues(x.Part(part)), Residues(y.Part(part)));
        }
    }

    private static ulong[] Residues(LimbBlock block)
    {
        ulong[] residues = new ulong[block.LimbCount * block.RingDegree];
        block.Buffer.Backend.Download(block, residues);
        return residues;
    }
}
