using System.Numerics;
using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Rings;
using Heann.Core.Sampling;
using Heann.Core.Tests.Rings;

namespace Heann.Core.Tests.Keys;

public sealed class EvaluationKeysTests(CkksScenes scenes)
{
    public static TheoryData<string> Sets => Registry.Small;

    [Fact]
    public void Seeds_ExpandToTheUniformHalves()
    {
        CkksScene scene = scenes["N10L5Dnum3"];
        KeySwitchingKey key = scene.Keys.Relinearization!;
        Assert.Equal(SeededStream.SeedByteCount, key.Seed.Length);
        for (int d = 0; d < key.Matrix.DigitCount; d++)
        {
            using RnsPolynomial a = key.ReadA(scene.Context.Backend, d);
            ulong[] residues = a.ToResidues();
            for (int limb = 0; limb < key.Layout.Basis.Count; limb++)
            {
                ulong[] expected = new ulong[scene.Parameters.RingDegree];
                using SeededStream stream = new(key.Seed, ((ulong)d << 52) + key.Layout.Basis[limb].Value);
                UniformSampler.Sample(stream, key.Layout.Basis[limb], expected);
                Assert.Equal(expected, RingTestKit.Limb(key.Layout.Basis, residues, limb));
            }
        }
    }

    [Fact]
    public void Seeds_AreNeverSharedNorAreUniformHalves()
    {
        CkksScene scene = scenes["N10L2Dnum3"];
        using KeySwitchingKey a = scene.Context.KeyGenerator.CreateRelinearizationKey(scene.Secret);
        using KeySwitchingKey b = scene.Context.KeyGenerator.CreateRelinearizationKey(scene.Secret);
        KeySwitchingKey[] galois = [.. scene.Keys.GaloisElements.Select(e =>
            scene.Keys.TryGetGalois(e, out KeySwitchingKey? key) ? key : throw new KeyNotFoundException())];
        KeySwitchingKey[] keys = [a, b, scene.Keys.Relinearization!, .. galois];
        Ciphertext[] encryptions = [.. Enumerable.Range(0, 3).Select(_ => scene.Encrypt([Complex.One]))];
        byte[][] seeds = [.. keys.Select(k => k.Seed), .. encryptions.Select(x => x.Seed!)];
        Assert.Equal(seeds.Length, seeds.Select(Convert.ToHexString).Distinct().Count());
        ulong[] uniform = [.. keys.SelectMany(k => Enumerable.Range(0, k.Matrix.DigitCount).Select(d => k.ReadA(scene.Context.Backend, d).ToResidues()[0])), .. encryptions.Select(x => scene.Residues(x)[1][0])];
        Assert.Equal(uniform.Length, uniform.Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void CreateEvaluationKeys_ServesTheRequestNormalisedAndWithoutTheIdentity(string name)
    {
        CkksScene scene = scenes[name];
        KeyRequest request = new();
        request.AddGalois(GaloisElement.Rotation(-1), 1);
        request.AddGalois(GaloisElement.Rotation(scene.SlotCount - 1), 2);
        request.AddGalois(GaloisElement.Rotation(0), 2);
        request.AddGalois(GaloisElement.Rotation(scene.SlotCount), 2);
        List<double> progress = [];
        using EvaluationKeys keys = scene.Context.KeyGenerator.CreateEvaluationKeys(scene.Secret, request, new Recorder(progress));
        Assert.Equal(1, keys.Count);
        Assert.Null(keys.Relinearization);
        Assert.Equal([GaloisElement.Rotation(scene.SlotCount - 1)], keys.GaloisElements);
        Assert.True(keys.TryGetGalois(GaloisElement.Rotation(-1), out KeySwitchingKey? key));
        Assert.Equal(2, key.Layout.Level);
        Assert.False(keys.TryGetGalois(GaloisElement.Rotation(1), out _));
        Assert.Equal(1, progress[^1], 1e-12);
        Assert.Equal(progress.Order(), progress);
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void ByteCounts_AreThoseOfTheResiduesAndSeeds(string name)
    {
        CkksScene scene = scenes[name];
        for (int level = 0; level <= scene.TopLevel; level++)
        {
            using KeySwitchingKey key = scene.Context.KeyGenerator.CreateGaloisKey(scene.Secret, GaloisElement.Rotation(3), level);
            long entries = (long)scene.Parameters.RingDegree * key.Layout.Digits.Count;
            long held = key.Layout.Basis.Moduli.Sum(q => q.Value < (1UL << 32) - 8 ? 4L : 8);
            Assert.Equal((2 * entries * held, (8 * entries * key.Layout.Basis.Count) + 32), (key.ByteCount, key.SeededByteCount));
            Assert.Equal(key.ByteCount, key.Layout.KeyByteCount);
        }

        Assert.Equal(scene.Keys.GaloisElements.Count() + 1, scene.Keys.Count);
        Assert.Equal(scene.Keys.Count * scene.Keys.Relinearization!.ByteCount, scene.Keys.ByteCount);
        Assert.Equal(scene.Keys.Count * scene.Keys.Relinearization.SeededByteCount, scene.Keys.SeededByteCount);
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void TruncatedKeys_WorkAtAndBelowTheirLevelAndAreRefusedAbove(string name)
    {
        CkksScene scene = scenes[name];
        SeededRandom random = RingTestKit.Seeded(name.Length, 31);
        Complex[] slots = scene.Slots(random);
        for (int keyLevel = 0; keyLevel <= scene.TopLevel; keyLevel += 2)
        {
            using EvaluationKeys keys = scene.Context.KeyGenerator.CreateEvaluationKeys(
                scene.Secret, KeyRequest.ForRotations([2], keyLevel, withConjugation: true));
            CkksEvaluator evaluator = scene.Context.CreateEvaluator(keys);
            for (int level = 0; level <= scene.TopLevel; level++)
            {
                using Ciphertext x = scene.Encrypt(slots, level);
                if (level > keyLevel)
                {
                    string levels = $"truncated to level {keyLevel} and the ciphertext is at level {level}";
                    MissingKeyException error = Assert.Throws<MissingKeyException>(() => evaluator.Rotate(x, 2));
                    Assert.Contains(levels, error.Message);
                    Assert.Contains($"create the key for level {level}, or drop the ciphertext to level {keyLevel}", error.Message);
                    Assert.Contains("rotation by 2", error.Message);
                    Assert.Contains(levels, Assert.Throws<MissingKeyException>(() => evaluator.Conjugate(x)).Message);
                    Assert.Contains("relinearisation", Assert.Throws<MissingKeyException>(() => evaluator.Multiply(x, x)).Message);
                    continue;
                }

                using Ciphertext rotated = evaluator.Rotate(x, 2);
                scene.AssertSlots(i => slots[(i + 2) % slots.Length], rotated, $"key level {keyLevel}, level {level}", random);
                using Ciphertext conjugated = evaluator.Conjugate(x);
                scene.AssertSlots(i => Complex.Conjugate(slots[i]), conjugated, $"key level {keyLevel}, level {level}", random);
                if (level > 0)
                {
                    using Ciphertext square = evaluator.Multiply(x, x);
                    evaluator.RescaleInto(square, square);
                    scene.AssertSlots(i => slots[i] * slots[i], square, $"square, key level {keyLevel}, level {level}", random);
                }
            }
        }
    }

    [Fact]
    public void CreateEvaluationKeys_StopsWhenCancelledAndRefusesForeignSecretsAndLevels()
    {
        CkksScene scene = scenes["N10L2Dnum3"];
        KeyRequest request = KeyRequest.ForRotations([1], 2);
        Assert.Throws<OperationCanceledException>(() =>
            scene.Context.KeyGenerator.CreateEvaluationKeys(scene.Secret, request, null, new CancellationToken(true)));
        CkksScene other = scenes["N10L5Dnum3"];
        foreach (Action action in (Action[])[
            () => scene.Context.KeyGenerator.CreateEvaluationKeys(other.Secret, request),
            () => scene.Context.KeyGenerator.CreatePublicKey(other.Secret),
            () => scene.Context.KeyGenerator.CreateGaloisKey(other.Secret, GaloisElement.Conjugation),
            () => scene.Context.KeyGenerator.CreateRelinearizationKey(other.Secret)])
        {
            ForeignOperandException error = Assert.Throws<ForeignOperandException>(action);
            Assert.Contains(scene.Parameters.Id.ToString(), error.Message);
            Assert.Contains(other.Parameters.Id.ToString(), error.Message);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() =>
            scene.Context.KeyGenerator.CreateEvaluationKeys(scene.Secret, KeyRequest.ForRotations([1], 3)));
    }

    [Fact]
    public void KeyRequest_KeepsTheHighestLevelOfEachKey()
    {
        KeyRequest request = new();
        Assert.Null(request.RelinearizationLevel);
        request.AddRelinearization(1);
        request.AddRelinearization(3);
        request.AddRelinearization(2);
        request.AddGalois(GaloisElement.Rotation(5), 2);
        request.AddGalois(GaloisElement.Rotation(5), 1);
        KeyRequest other = KeyRequest.ForRotations([5, 6], 4, withConjugation: true);
        other.Add(request);
        Assert.Equal(3, request.RelinearizationLevel);
        Assert.Equal(2, request.Galois[GaloisElement.Rotation(5)]);
        Assert.Equal(4, other.RelinearizationLevel);
        Assert.Equal(3, other.Galois.Count);
        request.Add(other);
        Assert.Equal(4, request.Galois[GaloisElement.Rotation(5)]);
        Assert.Equal(4, request.Galois[GaloisElement.Conjugation]);
    }

    private sealed class Recorder(List<double> values) : IProgress<double>
    {
        public void Report(double value) => values.Add(value);
    }
}
