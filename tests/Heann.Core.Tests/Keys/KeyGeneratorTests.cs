using Heann.Core.Arithmetic;
using Heann.Core.Ciphertexts;
using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Rings;
using Heann.Core.Sampling;
using Heann.Core.Tests.Rings;

namespace Heann.Core.Tests.Keys;

public sealed class KeyGeneratorTests(CkksScenes scenes)
{
    public static TheoryData<string> Sets => Registry.Small;

    [Theory]
    [MemberData(nameof(Sets))]
    public void CreateSecretKey_IsTernaryDenseAndTheSameModuloEveryPrime(string name)
    {
        CkksScene scene = scenes[name];
        long[][] limbs = Coefficients(scene, scene.Secret.Polynomial);
        Assert.Equal(scene.Parameters.BasisQP.Count, limbs.Length);
        Assert.All(limbs, limb => Assert.Equal(limbs[0], limb));
        Assert.All(limbs[0], x => Assert.InRange(x, -1, 1));

        // Binomial(N, 2/3): σ = √(2N/9) = 15 for N = 2^10; seven of them.
        double deviation = 7 * Math.Sqrt(scene.Parameters.RingDegree * 2.0 / 9);
        Assert.InRange(limbs[0].Count(x => x != 0), (scene.Parameters.RingDegree * 2.0 / 3) - deviation,
            (scene.Parameters.RingDegree * 2.0 / 3) + deviation);
        Assert.InRange(limbs[0].Sum(), -2 * deviation, 2 * deviation);
    }

    [Fact]
    public void CreateSecretKey_DiffersEveryTimeAndSoDoesItsId()
    {
        CkksScene scene = scenes["N10L2Dnum3"];
        SecretKey[] keys = [.. Enumerable.Range(0, 4).Select(_ => scene.Context.KeyGenerator.CreateSecretKey())];
        Assert.Equal(4, keys.Select(k => k.Id).Distinct().Count());
        Assert.Equal(4, keys.Select(k => string.Join(",", Coefficients(scene, k.Polynomial)[0])).Distinct().Count());
        Assert.All(keys, k => Assert.Null(k.Salt));
        Array.ForEach(keys, k => k.Dispose());
    }

    [Fact]
    public void CreateSecretKey_FromTheSamePassphraseSaltAndIterationsIsTheSameKey()
    {
        CkksScene scene = scenes["N10L2Dnum3"];
        using SecretKey first = scene.Context.KeyGenerator.CreateSecretKey("correct horse", iterations: 100_000);
        Assert.Equal(16, first.Salt!.Value.Length);
        using SecretKey again = scene.Context.KeyGenerator.CreateSecretKey("correct horse", first.Salt, 100_000);
        Assert.Equal(first.Id, again.Id);
        Assert.Equal(first.Polynomial.ToResidues(), again.Polynomial.ToResidues());
        using Ciphertext x = scene.Context.Encrypt(first, [0.5, -0.25]);
        Assert.Equal(0.5, scene.Context.Decrypt(again, x)[0], 1e-6);
    }

    [Fact]
    public void CreateSecretKey_OfAPassphraseDependsOnPassphraseSaltIterationsAndParameters()
    {
        CkksScene scene = scenes["N10L2Dnum3"];
        KeyGenerator generator = scene.Context.KeyGenerator;
        CkksParameters other = CkksParameters.CreateInsecure(10, [45, 36, 37], [48], 3, Scale.FromLog2(36));
        KeyGenerator otherGenerator = new(other, scene.Context.Backend);
        byte[] salt = new byte[16];
        byte[] otherSalt = [1, .. new byte[15]];
        SecretKey[] keys =
        [
            generator.CreateSecretKey("correct horse", salt, 100_000),
            generator.CreateSecretKey("correct horsf", salt, 100_000),
            generator.CreateSecretKey("correct horse", otherSalt, 100_000),
            generator.CreateSecretKey("correct horse", salt, 100_001),
            otherGenerator.CreateSecretKey("correct horse", salt, 100_000),
        ];
        Assert.Equal(keys.Length, keys.Select(k => k.Id).Distinct().Count());
        RnsBasis common = scene.Parameters.BasisQ.Take(1);
        string[] secrets = [.. keys.Select(k =>
        {
            ulong[] residues = new ulong[common.RingDegree];
            scene.Context.Backend.Download(k.Polynomial.Prefix(common), residues);
            return string.Join(",", residues);
        })];
        Assert.Equal(keys.Length, secrets.Distinct().Count());
        Array.ForEach(keys, k => k.Dispose());
    }

    // PBKDF2-HMAC-SHA512 over the documented domain, then the documented expander and sampler: whoever has the passphrase can derive the
    // key elsewhere.
    [Fact]
    public void CreateSecretKey_OfAPassphraseIsTheDocumentedDerivation()
    {
        CkksScene scene = scenes["N10L2Dnum3"];
        byte[] salt = [.. Enumerable.Range(1, 16).Select(i => (byte)i)];
        using SecretKey key = scene.Context.KeyGenerator.CreateSecretKey("pässphrase", salt, 100_000);
        byte[] domain = [.. "heann-secret-key/1"u8, .. scene.Parameters.Id.ToBytes(), .. salt];
        byte[] derived = System.Security.Cryptography.Rfc2898DeriveBytes.Pbkdf2(
            System.Text.Encoding.UTF8.GetBytes("pässphrase"), domain, 100_000, System.Security.Cryptography.HashAlgorithmName.SHA512, 48);
        double[] ternary = new double[scene.Parameters.RingDegree];
        using SeededStream stream = new(derived.AsSpan(0, 32), 0);
        TernarySampler.Sample(stream, ternary);
        Assert.Equal(ternary.Select(x => (long)x), Coefficients(scene, key.Polynomial)[0]);
        Assert.Equal(new KeyId(System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(derived.AsSpan(32))), key.Id);
    }

    [Fact]
    public void CreateSecretKey_DrawsANewSaltEachTimeAndKeepsACopyOfAGivenOne()
    {
        CkksScene scene = scenes["N10L2Dnum3"];
        using SecretKey a = scene.Context.KeyGenerator.CreateSecretKey("same", iterations: 100_000);
        using SecretKey b = scene.Context.KeyGenerator.CreateSecretKey("same", iterations: 100_000);
        Assert.NotEqual(a.Salt!.Value.ToArray(), b.Salt!.Value.ToArray());
        Assert.NotEqual(a.Id, b.Id);
        byte[] salt = new byte[16];
        using SecretKey c = scene.Context.KeyGenerator.CreateSecretKey("same", salt, 100_000);
        salt[0] = 99;
        Assert.Equal(0, c.Salt!.Value.Span[0]);
    }

    [Fact]
    public void CreateSecretKey_RefusesWeakOrWrongArguments()
    {
        KeyGenerator generator = scenes["N10L2Dnum3"].Context.KeyGenerator;
        Assert.Contains("at least 100000 iterations here; got 99999",
            Assert.Throws<ArgumentOutOfRangeException>(() => generator.CreateSecretKey("x", iterations: 99_999)).Message);
        Assert.Contains("16 bytes; got 15",
            Assert.Throws<ArgumentException>(() => generator.CreateSecretKey("x", new byte[15], 100_000)).Message);
        Assert.Contains("16 bytes; got 0",
            Assert.Throws<ArgumentException>(() => generator.CreateSecretKey("x", Array.Empty<byte>(), 100_000)).Message);
        Assert.Throws<ArgumentException>(() => generator.CreateSecretKey(""));
        Assert.Throws<ArgumentNullException>(() => generator.CreateSecretKey(null!));
    }

    // b + a·s is the error alone: Gaussian with σ = 3.2, no more and no less.
    [Theory]
    [MemberData(nameof(Sets))]
    public void CreatePublicKey_IsAnEncryptionOfZeroWithTheRightError(string name)
    {
        CkksScene scene = scenes[name];
        RnsBasis basis = scene.Parameters.BasisQP.Take(scene.Parameters.MaxLevel + 2);
        AssertError(scene, Phase(scene, scene.PublicKey.B, scene.PublicKey.A, basis), basis);
        Assert.Equal(2L * 8 * basis.Count * basis.RingDegree, scene.PublicKey.ByteCount);
        Assert.Equal(scene.Secret.Id, scene.PublicKey.KeyId);
    }

    // b_d + a_d·s − P'·g_d·s² is the error alone, in every digit.
    [Theory]
    [MemberData(nameof(Sets))]
    public void CreateRelinearizationKey_HidesTheSquareDigitByDigitAtEveryLevel(string name)
    {
        CkksScene scene = scenes[name];
        for (int level = 0; level <= scene.TopLevel; level++)
        {
            using KeySwitchingKey key = scene.Context.KeyGenerator.CreateRelinearizationKey(scene.Secret, level);
            KeySwitchLayout layout = scene.Parameters.KeySwitchLayoutAt(level);
            Assert.Same(layout, key.Layout);
            for (int d = 0; d < layout.Digits.Count; d++)
            {
                using RnsPolynomial b = key.ReadB(scene.Context.Backend, d);
                using RnsPolynomial a = key.ReadA(scene.Context.Backend, d);
                ulong[] phase = Phase(scene, b, a, layout.Basis);
                for (int limb = layout.Digits[d].Start.Value; limb < layout.Digits[d].End.Value; limb++)
                {
                    Modulus q = layout.Basis[limb];
                    ulong factor = q.Reduce(layout.BasisP.Product);
                    ulong[] s = RingTestKit.Limb(scene.Parameters.BasisQP, scene.Secret.Polynomial.ToResidues(), limb);
                    for (int k = 0; k < s.Length; k++)
                    {
                        ref ulong value = ref phase[(limb * s.Length) + k];
                        value = q.Subtract(value, q.Multiply(factor, q.Multiply(s[k], s[k])));
                    }
                }

                AssertError(scene, phase, layout.Basis);
            }
        }
    }

    private static ulong[] Phase(CkksScene scene, RnsPolynomial b, RnsPolynomial a, RnsBasis basis)
    {
        ulong[] s = scene.Secret.Polynomial.ToResidues();
        ulong[] y = a.ToResidues();
        ulong[] sum = b.ToResidues();
        int degree = basis.RingDegree;
        for (int i = 0; i < sum.Length; i++)
        {
            int limb = i / degree;
            int secretLimb = scene.Parameters.BasisQP.Moduli.ToList().IndexOf(basis[limb]);
            sum[i] = basis[limb].Add(sum[i], basis[limb].Multiply(y[i], s[(secretLimb * degree) + (i % degree)]));
        }

        return sum;
    }

    private static void AssertError(CkksScene scene, ulong[] evaluations, RnsBasis basis)
    {
        using RnsPolynomial polynomial = RingTestKit.Upload(scene.Context.Backend, basis, evaluations, Domain.Evaluation);
        long[][] limbs = Coefficients(scene, polynomial);
        Assert.All(limbs, limb => Assert.Equal(limbs[0], limb));
        Assert.All(limbs[0], e => Assert.InRange(e, -GaussianSampler.MaxMagnitude, GaussianSampler.MaxMagnitude));
        Assert.InRange(Math.Sqrt(limbs[0].Average(e => (double)e * e)), 3.2 * 0.85, 3.2 * 1.15);
    }

    private static long[][] Coefficients(CkksScene scene, RnsPolynomial evaluations)
    {
        using RnsPolynomial copy = RingTestKit.Upload(scene.Context.Backend, evaluations.Basis, evaluations.ToResidues(),
            Domain.Evaluation);
        scene.Context.Backend.InverseNtt([copy.Block]);
        ulong[] residues = copy.ToResidues();
        return [.. Enumerable.Range(0, copy.LimbCount).Select(limb =>
            RingTestKit.Limb(copy.Basis, residues, limb).Select(copy.Basis[limb].Center).ToArray())];
    }
}
