using System.Diagnostics;
using Heann.Core.Keys;
using Hnn.Model.Approximations;
using Hnn.Model.Client;
using Hnn.Model.Compilation;
using Hnn.Model.Server;
using Hnn.Model.Tests.Layers;

namespace Hnn.Model.Tests.Server;

/// <summary>hnn-tiny encrypted under its real parameters, 128-bit: minutes and gigabytes. Keys of a bucket are made once.</summary>
[Trait("Category", "Slow")]
public sealed class EndToEndTests(EndToEndTests.Service service, ITestOutputHelper output) : IClassFixture<EndToEndTests.Service>
{
    // Sentences of reference.json: three of bucket 16, one of 32, one of 64.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Infer_EqualsTheClearTwinAndTheReference(int sentence)
    {
        (int[] ids, double[] logits) = ReferenceModel.Sentences[sentence];
        double plain = 1 / (1 + Math.Exp(-(logits[1] - logits[0]) / ReferenceModel.Config.SoftArgmax.Temperature));
        ClearResult clear = Clear(ids);
        ReleasedValue value = Encrypted(ids);
        double twinError = Math.Abs(value.Value - clear.TwinSoftArgmax), absError = Math.Abs(value.Value - plain);
        output.WriteLine($"plain {plain:F6}, encrypted {value.Value:F6}: twin error {twinError:E2}, error {absError:E2}");
        Assert.InRange(twinError, 0, ErrorBudgets.Twin);
        Assert.InRange(absError, 0, ErrorBudgets.Absolute);
        Assert.Equal(plain, clear.SoftArgmax, 1e-9);
        if (Math.Abs(plain - 0.5) > absError) Assert.Equal(plain > 0.5 ? 1 : 0, value.Label);
    }

    [Fact]
    public void Infer_ReportsOneWordSixtyTimesAsOutOfRange()
    {
        int[] ids = Repeated.Ids("terrible", 60);
        ClearResult clear = Clear(ids);
        ReleasedValue value = Encrypted(ids);
        output.WriteLine($"{clear}, encrypted {value.Value:F6}");
        Assert.False(clear.IsInRange);
        Assert.Equal(clear.TwinSoftArgmax, value.Value, 100 * ErrorBudgets.Twin);
        Assert.True(value.IsOutOfRange);
        Assert.Null(value.Label);
    }

    private static ClearResult Clear(int[] ids) =>
        new ClearNetwork(ReferenceModel.Plan(ReferenceModel.Config.BucketFor(ids.Length)), ReferenceModel.Weights.Network)
            .Evaluate(ReferenceModel.Embedder.Embed(ids));

    private ReleasedValue Encrypted(int[] ids)
    {
        (InferenceClient client, EvaluationKeys keys) = service.Client(ReferenceModel.Config.BucketFor(ids.Length), output);
        using InferenceRequest request = client.Encrypt(TinyService.Text(ids));
        Assert.Equal(client.Plan.RequestBytes, request.ByteCount);
        long start = Stopwatch.GetTimestamp();
        using InferenceResponse response = service.Server.Infer(request, keys);
        output.WriteLine($"evaluated in {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s");
        Assert.Equal(client.Plan.ResponseBytes, response.ByteCount);
        return client.Decrypt(response);
    }

    /// <summary>A server, and a client with its keys for the bucket used last.</summary>
    public sealed class Service : IDisposable
    {
        private const string ModelId = "hnn-tiny";

        private InferenceClient? _client;
        private EvaluationKeys? _keys;

        internal InferenceServer Server { get; } = new(ReferenceModel.Config, ReferenceModel.Weights.Network, ModelId, Backends.Shared);

        public void Dispose()
        {
            _keys?.Dispose();
            _client?.Dispose();
        }

        internal (InferenceClient Client, EvaluationKeys Keys) Client(int bucket, ITestOutputHelper output)
        {
            if (_client?.Plan.Bucket != bucket)
            {
                Dispose();
                long start = Stopwatch.GetTimestamp();
                _client = new(ReferenceModel.Config, ReferenceModel.Weights.Embeddings, ModelId, bucket, Backends.Shared);
                _keys = _client.CreateEvaluationKeys();
                output.WriteLine($"{_keys.ByteCount / 1e9:F2} GB of keys in {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s");
                Assert.Equal(_client.Plan.KeyBytes, _keys.ByteCount);
            }

            return (_client!, _keys!);
        }
    }
}
