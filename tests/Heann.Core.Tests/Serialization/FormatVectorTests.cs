using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Rings;
using Heann.Core.Serialization;
using Heann.Core.Tests.Rings;

namespace Heann.Core.Tests.Serialization;

/// <summary>Files that version 1 wrote stay readable, mean what they meant, and are written again to the byte.</summary>
/// <remarks>HEANN_WRITE_VECTORS=1 makes them anew, with a fresh secret: to be done for a new version, in a folder of its own, never for
/// this one.</remarks>
public sealed class FormatVectorTests : IDisposable
{
    private static readonly double[] Values = [1.5, -0.25, 0.125, 3];
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "vectors", "format-v1");
    private readonly CkksContext _context;

    public FormatVectorTests()
    {
        if (Environment.GetEnvironmentVariable("HEANN_WRITE_VECTORS") == "1")
        {
            Write();
        }

        _context = CkksContext.Create(ParametersCodec.AllowInsecure.ReadFile(Name("parameters")));
    }

    private CkksCodecs Codecs => _context.Codecs;

    public void Dispose() => _context.Dispose();

    [Fact]
    public void Parameters_AreTheSetThatWasWritten()
    {
        CkksParameters expected = Registry.Parameters("N10L2Dnum3");
        Assert.Equal((expected.Id, expected.DigitCount, expected.DefaultScale), (_context.Parameters.Id, _context.Parameters.DigitCount, _context.Parameters.DefaultScale));
        Assert.Equal("c5dc7d29be03f1e2", _context.Parameters.Id.ToString());
        Assert.Equal(File.ReadAllBytes(Name("parameters")), ParametersCodec.AllowInsecure.ToBytes(_context.Parameters));
    }

    [Fact]
    public void SecretKey_IsThePassphrases()
    {
        using SecretKey secret = Read(Codecs.SecretKey, "secret");
        using SecretKey derived = _context.KeyGenerator.CreateSecretKey("format, version 1", secret.Salt, KeyGenerator.MinIterations);
        Assert.Equal(derived.Id, secret.Id);
        Assert.Equal(derived.Polynomial.ToResidues(), secret.Polynomial.ToResidues());
    }

    [Theory]
    [InlineData("seeded", 2, 1)]
    [InlineData("public", 1, 1)]
    [InlineData("product", 2, 2)]
    public void Ciphertext_DecryptsToTheKnownValues(string name, int level, int power)
    {
        using SecretKey secret = Read(Codecs.SecretKey, "secret");
        using Ciphertext x = Read(Codecs.Ciphertext, name);
        Assert.Equal((level, name == "product" ? 3 : 2, name == "seeded"), (x.Level, x.PartCount, x.Seed is not null));
        AssertValues(_context.Decrypt(secret, x), v => Math.Pow(v, power), x);
    }

    [Fact]
    public void Plaintexts_DecodeToTheKnownValues()
    {
        using Plaintext plaintext = Read(Codecs.Plaintext, "plaintext");
        Assert.Equal(Values, _context.Encoder.Decode(plaintext).Take(Values.Length).Select(z => Math.Round(z.Real, 6)));
        using Plaintext compact = Read(Codecs.Plaintext, "compact");
        Assert.Equal(8, compact.CompactDegree);
        Assert.Equal([.. Values, .. Values], _context.Encoder.Decode(compact).Take(8).Select(z => Math.Round(z.Real, 6)));
    }

    [Fact]
    public void Keys_Compute()
    {
        using SecretKey secret = Read(Codecs.SecretKey, "secret");
        using PublicKey publicKey = Read(Codecs.PublicKey, "public-key");
        using EvaluationKeys keys = Read(Codecs.EvaluationKeys, "evaluation");
        CkksEvaluator evaluator = _context.CreateEvaluator(keys);
        using Ciphertext x = _context.Encrypt(publicKey, Values);
        using Ciphertext square = evaluator.Multiply(x, x);
        AssertValues(_context.Decrypt(secret, square), v => v * v, square);
        using Ciphertext low = evaluator.DropLevel(x, 1);
        using Ciphertext rotated = evaluator.Rotate(low, 1);
        Assert.Equal(Values[1], _context.Decrypt(secret, rotated)[0], 1e-4);
        using Ciphertext fresh = Read(Codecs.Ciphertext, "public");
        using Ciphertext again = evaluator.Rotate(fresh, 1);
        Assert.Equal(Values[1], _context.Decrypt(secret, again)[0], 1e-4);
    }

    private static void AssertValues(double[] actual, Func<double, double> function, Ciphertext x)
    {
        Assert.True(x.BudgetBits > 0);
        for (int i = 0; i < Values.Length; i++)
        {
            Assert.Equal(function(Values[i]), actual[i], 1e-4);
        }

        Assert.All(actual.Skip(Values.Length), zero => Assert.Equal(0, zero, 1e-4));
    }

    private static string Name(string name) => Path.Combine(Folder, name + ".heann");

    private static T Read<T>(BinaryCodec<T> codec, string name)
        where T : class
    {
        T value = codec.ReadFile(Name(name));
        Assert.True(File.ReadAllBytes(Name(name)).AsSpan().SequenceEqual(codec.ToBytes(value)), $"{name} is written otherwise.");
        return value;
    }

    private static void Write()
    {
        Directory.CreateDirectory(Folder);
        using CkksContext context = CkksContext.Create(Registry.Parameters("N10L2Dnum3"));
        ParametersCodec.AllowInsecure.WriteFile(context.Parameters, Name("parameters"));
        using SecretKey secret = context.KeyGenerator.CreateSecretKey("format, version 1", iterations: KeyGenerator.MinIterations);
        context.Codecs.SecretKey.WriteFile(secret, Name("secret"));
        using PublicKey publicKey = context.KeyGenerator.CreatePublicKey(secret);
        context.Codecs.PublicKey.WriteFile(publicKey, Name("public-key"));
        KeyRequest request = new();
        request.AddRelinearization(2);
        request.AddGalois(GaloisElement.Rotation(1), 1);
        request.AddGalois(GaloisElement.Conjugation, 0);
        using EvaluationKeys keys = context.KeyGenerator.CreateEvaluationKeys(secret, request);
        context.Codecs.EvaluationKeys.WriteFile(keys, Name("evaluation"));
        using Plaintext plaintext = context.Encoder.Encode(Values);
        context.Codecs.Plaintext.WriteFile(plaintext, Name("plaintext"));
        using Plaintext compact = context.Encoder.EncodePeriodic(Values);
        context.Codecs.Plaintext.WriteFile(compact, Name("compact"));
        using Ciphertext seeded = context.Encryptor.Encrypt(secret, plaintext);
        context.Codecs.Ciphertext.WriteFile(seeded, Name("seeded"));
        using Plaintext lower = context.Encoder.Encode(Values, 1);
        using Ciphertext ciphertext = context.Encryptor.Encrypt(publicKey, lower);
        context.Codecs.Ciphertext.WriteFile(ciphertext, Name("public"));
        using Ciphertext product = new(context.Backend, context.Parameters, 2, 3) { KeyId = secret.Id, Noise = new(1e9, 3), Scale = seeded.Scale * seeded.Scale };
        context.Backend.TensorProduct(
            [seeded.Part(0), seeded.Part(1)], [seeded.Part(0), seeded.Part(1)], [product.Part(0), product.Part(1), product.Part(2)]);
        context.Codecs.Ciphertext.WriteFile(product, Name("product"));
    }
}
