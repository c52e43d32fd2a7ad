using System.Numerics;
using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Rings;
using Heann.Core.Serialization;

namespace Heann.Core.Tests.Serialization;

/// <summary>One object of each kind and shape in the ring of degree 32: small enough to try every bit.</summary>
public sealed class RecordSamples : IDisposable
{
    public RecordSamples()
    {
        Context = CkksContext.Create(Parameters);
        Secret = Context.KeyGenerator.CreateSecretKey();
        PublicKey = Context.KeyGenerator.CreatePublicKey(Secret);
        KeyRequest request = new();
        request.AddRelinearization(3);
        request.AddGalois(GaloisElement.Rotation(1), 3);
        request.AddGalois(GaloisElement.Rotation(-1), 1);
        request.AddGalois(GaloisElement.Conjugation, 0);
        Keys = Context.KeyGenerator.CreateEvaluationKeys(Secret, request);
        Evaluator = Context.CreateEvaluator(Keys);
        All = [.. Create()];
    }

    public static TheoryData<string> Names =>
    [
        "parameters", "secret key", "derived secret key", "public key", "key-switching key", "evaluation keys", "no evaluation keys",
        "plaintext", "compact plaintext", "constant", "seeded ciphertext", "ciphertext", "product of three parts",
    ];

    public CkksParameters Parameters { get; } = Registry.Parameters("N5L3Dnum2");

    public CkksContext Context { get; }

    public SecretKey Secret { get; }

    public PublicKey PublicKey { get; }

    public EvaluationKeys Keys { get; }

    public CkksEvaluator Evaluator { get; }

    internal IReadOnlyList<RecordSample> All { get; }

    internal RecordSample this[string name] => All.Single(sample => sample.Name == name);

    public void Dispose()
    {
        Keys.Dispose();
        PublicKey.Dispose();
        Secret.Dispose();
        Context.Dispose();
    }

    private IEnumerable<RecordSample> Create()
    {
        CkksCodecs codecs = Context.Codecs;
        yield return RecordSample.Of("parameters", ParametersCodec.AllowInsecure, Parameters);
        yield return RecordSample.Of("secret key", codecs.SecretKey, Secret);
        using SecretKey derived = Context.KeyGenerator.CreateSecretKey("correct horse", iterations: KeyGenerator.MinIterations);
        yield return RecordSample.Of("derived secret key", codecs.SecretKey, derived);
        yield return RecordSample.Of("public key", codecs.PublicKey, PublicKey);
        yield return RecordSample.Of("key-switching key", codecs.KeySwitchingKey, Keys.Relinearization!);
        yield return RecordSample.Of("evaluation keys", codecs.EvaluationKeys, Keys);
        using EvaluationKeys none = Context.KeyGenerator.CreateEvaluationKeys(Secret, new());
        yield return RecordSample.Of("no evaluation keys", codecs.EvaluationKeys, none);
        using Plaintext plaintext = Context.Encoder.Encode([0.5, -0.25], 2, Scale.FromLog2(30));
        yield return RecordSample.Of("plaintext", codecs.Plaintext, plaintext);
        using Plaintext compact = Context.Encoder.EncodePeriodic([0.5, -0.25], 1);
        yield return RecordSample.Of("compact plaintext", codecs.Plaintext, compact);
        using Plaintext constant = Context.Encoder.EncodeConstant(new Complex(0.75, 0));
        yield return RecordSample.Of("constant", codecs.Plaintext, constant);
        using Ciphertext seeded = Context.Encryptor.Encrypt(Secret, plaintext, 0.5);
        yield return RecordSample.Of("seeded ciphertext", codecs.Ciphertext, seeded);
        using Ciphertext ciphertext = Context.Encryptor.Encrypt(PublicKey, plaintext, 0.5);
        yield return RecordSample.Of("ciphertext", codecs.Ciphertext, ciphertext);
        using Ciphertext product = Context.Encrypt(Secret, [0.5]);
        using Ciphertext three = new(Context.Backend, Parameters, 3, 3) { Scale = Scale.FromLog2(72), KeyId = Secret.Id, Noise = new(3, 0.25) };
        Context.Backend.TensorProduct(
            [product.Part(0), product.Part(1)], [product.Part(0), product.Part(1)], [three.Part(0), three.Part(1), three.Part(2)]);
        yield return RecordSample.Of("product of three parts", codecs.Ciphertext, three);
    }
}
