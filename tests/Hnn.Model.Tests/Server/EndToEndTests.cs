using System.Diagnostics;
using Heann.Core.Circuits;
using Heann.Core.Keys;
using Hnn.Model.Approximations;
using Hnn.Model.Client;
using Hnn.Model.Compilation;
using Hnn.Model.Server;
using Hnn.Model.Tests.Layers;

namespace Hnn.Model.Tests.Server;

/// <summary>hnn-tiny encrypted under its real parameters, 128-bit: minutes, and gigabytes. One test a bucket, its keys made once.</summary>
/// <remarks>Sentences are those of reference.json, and three of the first twenty of SST-2's validation where the data set is at hand.</remarks>
[Trait("Category", "Slow")]
public sealed class EndToEndTests(ITestOutputHelper output)
{
    private const string ModelId = "hnn-tiny";

    // Those of the first twenty of validation that are in this bucket, if the data set is at hand; else the model's own reference sentences.
    [Fact]
    public void ThreeShortSentences_EqualTheTwinAndTheNaiveNetwork()
    {
        int[][] sentences = TestData.DataFolder is null
            ? [.. ReferenceModel.Sentences.Select(s => s.Ids)]
            : [.. Sst2.Validation().Take(20).Select(s => s.Tokens.Ids.ToArray())];
        using Service service = new(16, output);
        foreach (int[] ids in sentences.Where(ids => ReferenceModel.Config.BucketFor(ids.Length) == 16).Take(3))
        {
            AssertEqualsTwin(service, ids, ReferenceModel.NaiveArgument(ids));
        }
    }

    [Fact]
    public void SentenceOfMiddleLength_EqualsTheTwinAndTheReference()
    {
        using Service service = new(32, output);
        AssertEqualsTwinAndReference(service, 3);
    }

    [Fact]
    public void LongSentence_EqualsTheTwinAndTheReferenceAndOneWordManyTimesIsOutOfRange()
    {
        using Service service = new(64, output);
        AssertEqualsTwinAndReference(service, 4);

        int[] ids = Repeated.Ids("great", 36);
        ClearResult clear = service.Clear(ids);
        ReleasedValue value = service.Encrypted(ids);
        output.WriteLine($"{clear}, encrypted {value.Value:F6}");
        Assert.False(clear.IsInRange);
        Assert.True(clear.Argument > 10);
        Assert.InRange(Math.Abs(value.Value - clear.TwinSoftArgmax) / Slope(clear.Argument) / clear.Argument, 0, ErrorBudgets.OutOfRangeArgument);
        Assert.True(value.IsOutOfRange);
        Assert.Null(value.Label);
    }

    // |dP/da| of the soft-argmax's polynomial: outside its interval it is in the hundreds, so that errors are to be compared before it.
    private static double Slope(double argument)
    {
        const double Step = 1e-3;
        ApproximationPolynomial polynomial = new Model.Layers.SoftArgmax(ReferenceModel.Config.SoftArgmax).Polynomial;
        return Math.Abs(polynomial.Evaluate(argument + Step) - polynomial.Evaluate(argument - Step)) / (2 * Step);
    }

    private void AssertEqualsTwinAndReference(Service service, int sentence)
    {
        (int[] ids, double[] logits) = ReferenceModel.Sentences[sentence];
        AssertEqualsTwin(service, ids, (logits[1] - logits[0]) / ReferenceModel.Config.SoftArgmax.Temperature);
    }

    private void AssertEqualsTwin(Service service, int[] ids, double argument)
    {
        double plain = 1 / (1 + Math.Exp(-argument));
        ClearResult clear = service.Clear(ids);
        ReleasedValue value = service.Encrypted(ids);
        double twinError = Math.Abs(value.Value - clear.TwinSoftArgmax), absError = Math.Abs(value.Value - plain);
        output.WriteLine($"plain {plain:F6}, encrypted {value.Value:F6}: twin error {twinError:E2}, error {absError:E2}");
        Assert.InRange(twinError, 0, ErrorBudgets.Twin);
        Assert.InRange(absError, 0, ErrorBudgets.Absolute);
        Assert.Equal(plain, clear.SoftArgmax, 1e-10);
        Assert.False(value.IsOutOfRange);
        if (Math.Abs(plain - 0.5) > absError) Assert.Equal(plain > 0.5 ? 1 : 0, value.Label);
    }

    // Both halves for one bucket.
    private sealed class Service : IDisposable
    {
        private readonly ITestOutputHelper _output;
        private readonly ClearNetwork _clear;
        private readonly InferenceServer _server = new(ReferenceModel.Config, ReferenceModel.Weights.Network, ModelId, Backends.Shared);
        private readonly InferenceClient _client;
        private readonly EvaluationKeys _keys;

        public Service(int bucket, ITestOutputHelper output)
        {
            _output = output;
            _clear = new(ReferenceModel.Plan(bucket), ReferenceModel.Weights.Network);
            long start = Stopwatch.GetTimestamp();
            _client = new(ReferenceModel.Config, ReferenceModel.Weights.Embeddings, ModelId, bucket, Backends.Shared);
            _keys = _client.CreateEvaluationKeys();
            output.WriteLine($"{_keys.ByteCount / 1e9:F2} GB of keys in {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s");
            Assert.Equal(_client.Plan.KeyBytes, _keys.ByteCount);
            Assert.Equal(_client.Plan.KeyCount, _keys.Count);
        }

        public ClearResult Clear(int[] ids) => _clear.Evaluate(ReferenceModel.Embedder.Embed(ids));

        public ReleasedValue Encrypted(int[] ids)
        {
            using InferenceRequest request = _client.Encrypt(TinyService.Text(ids));
            Assert.Equal(_client.Plan.RequestBytes, request.ByteCount);
            long start = Stopwatch.GetTimestamp();
            using InferenceResponse response = _server.Infer(request, _keys);
            _output.WriteLine($"evaluated in {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s");
            Assert.Equal(_client.Plan.ResponseBytes, response.ByteCount);
            return _client.Decrypt(response);
        }

        public void Dispose()
        {
            _keys.Dispose();
            _client.Dispose();
        }
    }
}
