using Heann.Core;
using Heann.Core.Backends;
using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Rings;
using Heann.Core.Serialization;
using Heann.Core.Tests.Rings;
using static Heann.Core.Tests.Rings.RingTestKit;

namespace Heann.Gpu.Tests.Direct3D;

/// <summary>Ciphertexts from end to end: the same keys and ciphertexts on the reference and on the device give the same bytes.</summary>
public sealed class ComputeSharpCiphertextTests
{
    [Fact]
    public void Circuits_GiveTheSameCiphertextsAsTheReference()
    {
        SeededRandom random = Seeded(930);
        CkksParameters parameters = CkksParameters.CreateInsecure(5, [45, 36, 36, 36], [50, 50], 2, Scale.FromLog2(36));
        using ScalarBackend reference = new();
        using ComputeSharpBackend backend = Device.Open();
        using CkksContext home = CkksContext.Create(parameters, reference);
        using CkksContext away = CkksContext.Create(parameters, backend);

        using SecretKey secret = home.KeyGenerator.CreateSecretKey();
        using EvaluationKeys keys = home.KeyGenerator.CreateEvaluationKeys(
            secret, KeyRequest.ForRotations([1, -2, 5], parameters.MaxLevel, withConjugation: true));
        double[] values = [.. Enumerable.Range(0, parameters.SlotCount).Select(_ => (random.NextDouble() * 2) - 1)];
        using Ciphertext x = home.Encrypt(secret, values);

        byte[] expected = Circuit(home, home.CreateEvaluator(keys), x);
        using EvaluationKeys keysAway = away.Codecs.EvaluationKeys.Read(home.Codecs.EvaluationKeys.ToBytes(keys));
        using Ciphertext xAway = away.Codecs.Ciphertext.Read(home.Codecs.Ciphertext.ToBytes(x));
        Assert.Equal(expected, Circuit(away, away.CreateEvaluator(keysAway), xAway));

        using SecretKey secretAway = away.Codecs.SecretKey.Read(home.Codecs.SecretKey.ToBytes(secret));
        using Ciphertext result = home.Codecs.Ciphertext.Read(expected);
        using Ciphertext resultAway = away.Codecs.Ciphertext.Read(expected);
        Assert.Equal(home.Decrypt(secret, result), away.Decrypt(secretAway, resultAway));
    }

    [Fact]
    public void Client_EncryptsMultipliesAndDecrypts()
    {
        CkksParameters parameters = CkksParameters.CreateInsecure(5, [45, 36, 36], [48], 3, Scale.FromLog2(36));
        using ComputeSharpBackend backend = Device.Open();
        using CkksContext ckks = CkksContext.Create(parameters, backend);
        using SecretKey secret = ckks.KeyGenerator.CreateSecretKey();
        using EvaluationKeys keys = ckks.KeyGenerator.CreateEvaluationKeys(secret, KeyRequest.ForRotations([1], parameters.MaxLevel));
        CkksEvaluator evaluator = ckks.CreateEvaluator(keys);
        using Ciphertext x = ckks.Encrypt(secret, [0.5, -0.25, 1]);
        using Ciphertext square = evaluator.Multiply(x, x);
        using Ciphertext rescaled = evaluator.Rescale(square);
        using Ciphertext rotated = evaluator.Rotate(rescaled, 1);
        double[] slots = ckks.Decrypt(secret, rotated);
        Assert.Equal(0.0625, slots[0], 1e-4);
        Assert.Equal(1, slots[1], 1e-4);
        Assert.Equal(0.25, slots[^1], 1e-4);
    }

    // Product, relinearisation, rescaling, rotations, conjugation.
    private static byte[] Circuit(CkksContext context, CkksEvaluator evaluator, Ciphertext x)
    {
        using Ciphertext square = evaluator.Multiply(x, x);
        using Ciphertext rescaled = evaluator.Rescale(square);
        using Ciphertext left = evaluator.Rotate(rescaled, 1);
        using Ciphertext right = evaluator.Rotate(rescaled, -2);
        using Ciphertext conjugate = evaluator.Conjugate(left);
        using Ciphertext sum = evaluator.Add(conjugate, right);
        using Ciphertext product = evaluator.Multiply(sum, rescaled);
        using Ciphertext result = evaluator.Rescale(product);
        return context.Codecs.Ciphertext.ToBytes(result);
    }
}
