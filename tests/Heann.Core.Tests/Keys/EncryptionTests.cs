using System.Numerics;
using Heann.Core.Ciphertexts;
using Heann.Core.Encoders;
using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Sampling;
using Heann.Core.Tests.Rings;

namespace Heann.Core.Tests.Keys;

public sealed class EncryptionTests(CkksScenes scenes)
{
    public static TheoryData<string> Sets => Registry.Small;

    [Theory]
    [MemberData(nameof(Sets))]
    public void Decrypt_ReturnsWhatEitherKeyEncryptedAtEveryLevelAndScale(string name)
    {
        CkksScene scene = scenes[name];
        SeededRandom random = RingTestKit.Seeded(name.Length);
        Complex[] slots = scene.Slots(random);
        foreach (double bits in (double[])[30.5, 40])
        {
            for (int level = 0; level <= scene.TopLevel; level++)
            {
                using Plaintext p = scene.Context.Encoder.Encode(slots, level, Scale.FromLog2(bits));
                using Ciphertext x = scene.Context.Encryptor.Encrypt(scene.Secret, p);
                using Ciphertext y = scene.Context.Encryptor.Encrypt(scene.PublicKey, p);
                foreach (Ciphertext z in (Ciphertext[])[x, y])
                {
                    Assert.Equal((level, 2, Scale.FromLog2(bits), scene.Secret.Id), (z.Level, z.PartCount, z.Scale, z.KeyId));
                    scene.AssertSlots(slots, z, $"level {level}", random);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void Encrypt_TakesCompactPlaintexts(string name)
    {
        CkksScene scene = scenes[name];
        SeededRandom random = RingTestKit.Seeded(name.Length, 1);
        using Plaintext constant = scene.Context.Encoder.EncodeConstant(0.75);
        using Plaintext periodic = scene.Context.Encoder.EncodePeriodic([1.0, -2, 3, -4]);
        foreach (Func<Plaintext, Ciphertext> encrypt in (Func<Plaintext, Ciphertext>[])[p => scene.Context.Encryptor.Encrypt(scene.Secret, p), p => scene.Context.Encryptor.Encrypt(scene.PublicKey, p)])
        {
            scene.AssertSlots(_ => 0.75, encrypt(constant), "constant", random);
            scene.AssertSlots(i => (i % 2 == 0 ? 1 : -1) * ((i % 4) + 1), encrypt(periodic), "periodic", random);
        }
    }

    [Fact]
    public void Encrypt_TheSameMessageTwiceGivesUnrelatedCiphertexts()
    {
        CkksScene scene = scenes["N10L2Dnum3"];
        using Plaintext p = scene.Context.Encoder.Encode([1.0]);
        foreach (Func<Ciphertext> encrypt in (Func<Ciphertext>[])[() => scene.Context.Encryptor.Encrypt(scene.Secret, p), () => scene.Context.Encryptor.Encrypt(scene.PublicKey, p)])
        {
            ulong[][] x = scene.Residues(encrypt());
            ulong[][] y = scene.Residues(encrypt());
            Assert.All(x.Zip(y), pair => Assert.InRange(pair.First.Zip(pair.Second, (a, b) => a == b).Count(same => same), 0, 1));
        }
    }

    [Fact]
    public void SeededCiphertext_StandsForItsSecondPartAndStaysSoUntilWritten()
    {
        CkksScene scene = scenes["N10L2Dnum3"];
        using Ciphertext x = scene.Encrypt(scene.Slots(RingTestKit.Seeded(2)), 1);
        const long Part = 8L * 1024 * 2;
        Assert.Equal((2 * Part, Part + 32), (x.ByteCount, x.SeededByteCount));
        ulong[] expected = new ulong[1024];
        for (int limb = 0; limb < 2; limb++)
        {
            using SeededStream stream = new(x.Seed!, scene.Parameters.BasisQ[limb].Value);
            UniformSampler.Sample(stream, scene.Parameters.BasisQ[limb], expected);
            Assert.Equal(expected, RingTestKit.Limb(scene.Parameters.BasisAt(1), scene.Residues(x)[1], limb));
        }

        scene.Evaluator.DeclareMagnitude(x, 0.25);
        Assert.Equal((Part + 32, 0.25), (x.SeededByteCount, x.Noise.Magnitude));
        using Ciphertext y = scene.Evaluator.Copy(x);
        Assert.Equal(2 * Part, y.SeededByteCount);
        scene.Evaluator.NegateInto(x, x);
        Assert.Equal(2 * Part, x.SeededByteCount);
        using Ciphertext z = scene.Context.Encrypt(scene.PublicKey, [1.0]);
        Assert.Equal(z.ByteCount, z.SeededByteCount);
    }

    // At scale 2^40 the error of a fresh encryption is far above a coefficient's rounding; its distribution is that of the sampler.
    [Fact]
    public void SecretKeyEncryption_AddsTheGaussianErrorAndNothingElse()
    {
        CkksScene scene = scenes["N10L5Dnum3"];
        using Plaintext zero = scene.Context.Encoder.EncodeConstant(0);
        using Ciphertext x = scene.Context.Encryptor.Encrypt(scene.Secret, zero);
        double sum = scene.Decrypt(x).Sum(z => (z.Real * z.Real) + (z.Imaginary * z.Imaginary)) * Math.Pow(2, 80);
        Assert.InRange(Math.Sqrt(sum / 512 / 1024), 3.2 * 0.88, 3.2 * 1.12);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(-1.0)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Encrypt_RefusesMagnitudesThatAreNone(double magnitude)
    {
        CkksScene scene = scenes["N10L2Dnum3"];
        Assert.Throws<ArgumentOutOfRangeException>(() => scene.Context.Encrypt(scene.Secret, [1.0], magnitude));
        Assert.Throws<ArgumentOutOfRangeException>(() => scene.Context.Encrypt(scene.PublicKey, [1.0], magnitude));
    }

    [Fact]
    public void Decrypt_WithoutTheRightSecretGivesNothing()
    {
        CkksScene scene = scenes["N10L2Dnum3"];
        using SecretKey other = scene.Context.KeyGenerator.CreateSecretKey();
        using Ciphertext x = scene.Encrypt(scene.Slots(RingTestKit.Seeded(3)));
        x.KeyId = other.Id;
        Complex[] garbage = scene.Context.Decryptor.Decrypt(other, x);
        Assert.True(garbage.Average(z => z.Magnitude) > 1e6);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public void SecureSet_EncryptsMultipliesAndRotates()
    {
        using CkksContext ckks = CkksContext.Create(ParameterPresets.N13L3Dnum4);
        using SecretKey secret = ckks.KeyGenerator.CreateSecretKey();
        using PublicKey publicKey = ckks.KeyGenerator.CreatePublicKey(secret);
        using EvaluationKeys keys = ckks.KeyGenerator.CreateEvaluationKeys(secret, KeyRequest.ForRotations([1], 3));
        Core.Evaluation.CkksEvaluator e = ckks.CreateEvaluator(keys);
        double[] a = [.. Enumerable.Range(0, 4096).Select(i => Math.Sin(i))];
        using Ciphertext x = ckks.Encrypt(publicKey, a);
        using Ciphertext y = e.Rotate(e.Rescale(e.Multiply(x, x)), 1);
        double[] got = ckks.Decrypt(secret, y);
        double bound = 10 * y.Noise.SlotError(8192, y.Scale);
        Assert.True(bound < 1e-5);
        Assert.All(Enumerable.Range(0, 4096), i => Assert.Equal(a[(i + 1) % 4096] * a[(i + 1) % 4096], got[i], bound));
    }
}
