using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Rings;
using Heann.Core.Serialization;
using Heann.Core.Tests.Keys;

namespace Heann.Core.Tests.Serialization;

/// <summary>Keys that are written as they are made are the keys that were asked for.</summary>
public sealed class WriteGeneratedTests(RecordSamples samples) : IClassFixture<RecordSamples>
{
    [Fact]
    public void Keys_AreThoseOfTheRequestAndCompute()
    {
        KeyRequest request = new();
        request.AddRelinearization(3);
        request.AddGalois(GaloisElement.Rotation(1), 1);
        request.AddGalois(GaloisElement.Rotation(17), 2);  // the same automorphism in this ring
        request.AddGalois(GaloisElement.Rotation(-16), 3); // the identity
        request.AddGalois(GaloisElement.Conjugation, 0);
        EvaluationKeysCodec codec = samples.Context.Codecs.EvaluationKeys;
        using MemoryStream stream = new();
        using (BinarySink sink = new(stream))
        {
            codec.WriteGenerated(samples.Context.KeyGenerator, samples.Secret, request, sink);
        }

        Assert.Equal(codec.Measure(request), stream.Length);
        using EvaluationKeys keys = codec.Read(stream.ToArray());
        Assert.Equal(stream.ToArray(), codec.ToBytes(keys));
        Assert.Equal(3, keys.Count);
        Assert.Equal(3, keys.Relinearization!.Layout.Level);
        Assert.True(keys.TryGetGalois(GaloisElement.Rotation(1), out KeySwitchingKey? rotation));
        Assert.Equal(2, rotation.Layout.Level);

        CkksEvaluator evaluator = samples.Context.CreateEvaluator(keys);
        using Ciphertext x = samples.Context.Encrypt(samples.Secret, [0.5, -0.25]);
        using Ciphertext product = evaluator.Multiply(x, x);
        using Ciphertext low = evaluator.Rescale(product);
        using Ciphertext rotated = evaluator.Rotate(low, 1);
        Assert.Equal(0.0625, samples.Context.Decrypt(samples.Secret, rotated)[0], 1e-4);
    }

    [Fact]
    public void Memory_HoldsOneKeyAtATime()
    {
        using WatchingBackend backend = new();
        using CkksContext context = CkksContext.Create(samples.Parameters, backend);
        using SecretKey secret = context.KeyGenerator.CreateSecretKey();
        MostAlive(1); // what one key takes; warmed up
        Assert.Equal(MostAlive(1), MostAlive(12));

        int MostAlive(int rotations)
        {
            int before = backend.AllocatedCount - backend.ReleasedCount;
            Peak peak = new(() => backend.AllocatedCount - backend.ReleasedCount - before);
            KeyRequest request = KeyRequest.ForRotations(Enumerable.Range(1, rotations), 3);
            EvaluationKeysCodec codec = context.Codecs.EvaluationKeys;
            using BinarySink sink = new(Stream.Null, codec.Measure(request), peak);
            codec.WriteGenerated(context.KeyGenerator, secret, request, sink);
            Assert.Equal(before, backend.AllocatedCount - backend.ReleasedCount);
            return peak.Value;
        }
    }

    [Fact]
    public void SecretOfOtherParameters_IsRefused()
    {
        using CkksContext other = CkksContext.Create(Registry.Parameters("N6L7Dnum2"));
        using SecretKey secret = other.KeyGenerator.CreateSecretKey();
        using BinarySink sink = new(Stream.Null);
        Assert.Throws<ForeignOperandException>(() =>
            samples.Context.Codecs.EvaluationKeys.WriteGenerated(samples.Context.KeyGenerator, secret, new(), sink));
    }

    [Fact]
    public void Sink_RefusesRecordsThatDoNotKeepTheirWord()
    {
        BinaryHeader header = new(RecordKind.FirstOfApplication, 2, samples.Parameters.Id);
        using BinarySink sink = new(Stream.Null);
        Assert.Throws<InvalidOperationException>(() => sink.Write([1]));
        sink.BeginRecord(header);
        Assert.Throws<InvalidOperationException>(() => sink.BeginRecord(header));
        Assert.Throws<InvalidOperationException>(() => sink.Write([1, 2, 3]));
        sink.Write([1]);
        Assert.Throws<InvalidOperationException>(sink.EndRecord);
        sink.Write([2]);
        sink.EndRecord();
        Assert.Throws<InvalidOperationException>(sink.EndRecord);
    }

    // What a program of another kind would do: its own message around a ciphertext.
    [Fact]
    public void Program_PutsItsOwnRecordsAroundThese()
    {
        using Ciphertext x = samples.Context.Encrypt(samples.Secret, [0.5]);
        using MemoryStream stream = new();
        using (BinarySink sink = new(stream))
        {
            sink.BeginRecord(new(RecordKind.FirstOfApplication, 3, samples.Parameters.Id, x.KeyId));
            sink.Write("abc"u8);
            sink.EndRecord();
            sink.Write(samples.Context.Codecs.Ciphertext, x);
        }

        stream.Position = 0;
        using BinarySource source = new(stream);
        BinaryHeader header = source.BeginRecord(RecordKind.FirstOfApplication, samples.Parameters);
        byte[] body = new byte[header.BodyByteCount];
        source.Read(body);
        source.EndRecord();
        Assert.Equal("abc"u8, body);
        using Ciphertext read = source.Read(samples.Context.Codecs.Ciphertext);
        Assert.Equal(header.KeyId, read.KeyId);
        Assert.Equal(stream.Length, source.Position);
    }

    private sealed class Peak(Func<int> measure) : IProgress<double>
    {
        public int Value { get; private set; }

        public void Report(double value) => Value = Math.Max(Value, measure());
    }
}
