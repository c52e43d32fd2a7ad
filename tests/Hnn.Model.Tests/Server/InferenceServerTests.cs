using Heann.Core;
using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Rings;
using Heann.Core.Serialization;
using Hnn.Model.Approximations;
using Hnn.Model.Client;
using Hnn.Model.Compilation;
using Hnn.Model.Server;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Server;

/// <summary>Client and server together on a small insecure ring: the answer, and everything that is refused.</summary>
public sealed class InferenceServerTests(TinyService service, ITestOutputHelper output) : IClassFixture<TinyService>
{
    [Theory]
    [InlineData(3)]
    [InlineData(1, 2)]
    [InlineData(5, 10, 0)]
    [InlineData(9, 9, 1, 7)]
    public void Infer_EqualsTheClearTwin(params int[] ids)
    {
        using InferenceRequest request = service.Client.Encrypt(TinyService.Text(ids));
        using InferenceResponse response = service.Server.Infer(request, service.Keys);
        ReleasedValue value = service.Client.Decrypt(response);
        ClearResult clear = TinyService.Clear(4, ids);
        output.WriteLine($"{Math.Abs(value.Value - clear.TwinSoftArgmax):E2}");
        Assert.Equal(clear.TwinSoftArgmax, value.Value, ErrorBudgets.Network);
        Assert.False(value.IsOutOfRange);
        Assert.Equal((TinyService.ModelId, 0), (response.ModelId, response.Released.Level));
    }

    [Fact]
    public void Infer_ServesEveryBucketAndTheBucketIsPartOfTheNetwork()
    {
        using InferenceClient client = TinyService.CreateClient(2);
        using EvaluationKeys keys = client.CreateEvaluationKeys();
        using InferenceRequest request = client.Encrypt(TinyService.Text(8, 3));
        using InferenceResponse response = service.Server.Infer(request, keys);
        ClearResult twin = TinyService.Clear(2, 8, 3);
        Assert.Equal(twin.TwinSoftArgmax, client.Decrypt(response).Value, ErrorBudgets.Network);
        Assert.True(Math.Abs(twin.TwinSoftArgmax - TinyService.Clear(4, 8, 3).TwinSoftArgmax) > 100 * ErrorBudgets.Network);
    }

    [Fact]
    public void Infer_ServesSeveralRequestsAtOnce()
    {
        int[][] sentences = [[1], [2, 3], [4, 5, 6], [7, 8, 9, 10]];
        double[] values = new double[sentences.Length];
        Parallel.For(0, sentences.Length, i =>
        {
            using InferenceRequest request = service.Client.Encrypt(TinyService.Text(sentences[i]));
            using InferenceResponse response = service.Server.Infer(request, service.Keys);
            values[i] = service.Client.Decrypt(response).Value;
        });
        for (int i = 0; i < values.Length; i++)
            Assert.Equal(TinyService.Clear(4, sentences[i]).TwinSoftArgmax, values[i], ErrorBudgets.Network);
    }

    [Fact]
    public void Infer_ReportsEveryStepOfThePlan()
    {
        List<StageProgress> reports = [];
        using InferenceRequest request = service.Client.Encrypt(TinyService.Text(1, 2));
        service.Server.Infer(request, service.Keys, new Synchronous<StageProgress>(reports.Add)).Dispose();
        IReadOnlyList<PlanStep> steps = service.Client.Plan.Steps;
        Assert.Equal(steps.Select((step, i) => new StageProgress(step.Name, i + 1, steps.Count, step.Level)), reports);
    }

    [Fact]
    public void Infer_StopsAfterTheStepThatIsCancelled()
    {
        List<StageProgress> reports = [];
        using CancellationTokenSource source = new();
        using InferenceRequest request = service.Client.Encrypt(TinyService.Text(1, 2));
        Synchronous<StageProgress> progress = new(report =>
        {
            reports.Add(report);
            if (report.Done == 3) source.Cancel();
        });
        Assert.Throws<OperationCanceledException>(() => service.Server.Infer(request, service.Keys, progress, source.Token));
        Assert.Equal(3, reports.Count);

        // Cancelled already: nothing is done. And the request can still be served.
        Assert.Throws<OperationCanceledException>(() => service.Server.Infer(request, service.Keys, progress, source.Token));
        Assert.Equal(3, reports.Count);
        using InferenceResponse response = service.Server.Infer(request, service.Keys);
        Assert.Equal(TinyService.Clear(4, 1, 2).TwinSoftArgmax, service.Client.Decrypt(response).Value, ErrorBudgets.Network);
    }

    [Fact]
    public void Infer_RefusesAnotherModelAndAnUnknownBucket()
    {
        using InferenceRequest request = service.Client.Encrypt(TinyService.Text(1));
        string message = Refused<ArgumentException>(request with { ModelId = "other" }, service.Keys);
        Assert.Contains("other", message, StringComparison.Ordinal);
        Assert.Contains(TinyService.ModelId, message, StringComparison.Ordinal);
        message = Refused<ArgumentException>(request with { Bucket = 8 }, service.Keys);
        Assert.Contains("Bucket 8 is not one of the model's: 2, 4", message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => service.Server.Infer(null!, service.Keys));
        Assert.Throws<ArgumentNullException>(() => service.Server.Infer(request, null!));
    }

    [Fact]
    public void Infer_RefusesKeysAndCiphertextsOfAnotherClient()
    {
        using InferenceClient other = TinyService.CreateClient(4);
        using EvaluationKeys keys = other.CreateEvaluationKeys();
        using InferenceRequest own = service.Client.Encrypt(TinyService.Text(1)), foreign = other.Encrypt(TinyService.Text(1));
        Refused<ForeignOperandException>(own, keys);
        Refused<ForeignOperandException>(foreign, service.Keys);
        Refused<ForeignOperandException>(own with { Mask = foreign.Mask }, service.Keys);
        Refused<ForeignOperandException>(own with { Tokens = foreign.Tokens }, service.Keys);
    }

    [Fact]
    public void Infer_RefusesKeysOfOtherParameters()
    {
        LevelPlan plan = LevelPlan.Create(TinyService.Config, 4, InsecureSets.For(TinyService.Config, 11));
        using InferenceClient other = new(plan, TinyService.Embeddings, TinyService.ModelId, Backends.Shared);
        using EvaluationKeys keys = other.CreateEvaluationKeys();
        using InferenceRequest own = service.Client.Encrypt(TinyService.Text(1)), foreign = other.Encrypt(TinyService.Text(1));
        Refused<ForeignOperandException>(own, keys);
        Refused<ForeignOperandException>(foreign, service.Keys);
        Refused<ForeignOperandException>(foreign, keys);
    }

    [Fact]
    public void Infer_RefusesCiphertextsThatAreNotFresh()
    {
        using CkksContext context = CkksContext.Create(service.Keys.Parameters, Backends.Shared);
        CkksEvaluator evaluator = context.CreateEvaluator(service.Keys);
        using InferenceRequest request = service.Client.Encrypt(TinyService.Text(1));
        int top = service.Keys.Parameters.MaxLevel;
        using Ciphertext low = evaluator.DropLevel(request.Tokens, top - 1);
        using Ciphertext scaled = evaluator.MultiplyConstant(request.Tokens, 1, Scale.FromLog2(3));
        using Ciphertext parts = evaluator.Allocate(top, 3);
        foreach (Ciphertext stale in (Ciphertext[])[low, scaled, parts])
        {
            Refused<ArgumentException>(request with { Tokens = stale }, service.Keys);
            Refused<ArgumentException>(request with { Mask = stale }, service.Keys);
        }
    }

    [Fact]
    public void Infer_RefusesWhereAnyKeyOfThePlanIsMissingOrTooLow()
    {
        KeyRequest plan = service.Client.Plan.Keys;
        using CkksContext context = CkksContext.Create(service.Client.Plan.Parameters, Backends.Shared);
        using SecretKey secret = context.KeyGenerator.CreateSecretKey();
        using InferenceRequest own = new(TinyService.ModelId, 4, Release.SoftArgmax, Zero(context, secret), Zero(context, secret));

        // Each key in turn is left out, then made one level too low.
        foreach (GaloisElement? changed in plan.Galois.Keys.Select(key => (GaloisElement?)key).Append(null))
        {
            foreach (bool isLeftOut in (bool[])[true, false])
            {
                KeyRequest less = new();
                int relinearization = plan.RelinearizationLevel!.Value;
                if (changed is not null) less.AddRelinearization(relinearization);
                else if (!isLeftOut) less.AddRelinearization(relinearization - 1);
                foreach ((GaloisElement element, int level) in plan.Galois)
                {
                    if (element != changed) less.AddGalois(element, level);
                    else if (!isLeftOut) less.AddGalois(element, level - 1);
                }

                using EvaluationKeys keys = context.KeyGenerator.CreateEvaluationKeys(secret, less);
                string message = Refused<MissingKeyException>(own, keys);
                Assert.Contains(changed?.ToString() ?? "relinearisation", message, StringComparison.Ordinal);

                // The same without reading a key.
                EvaluationKeysCodec codec = context.Codecs.EvaluationKeys;
                using EvaluationKeys onDemand = codec.OpenReader(new MemoryStream(codec.ToBytes(keys))).LoadOnDemand(less, 0);
                Assert.Equal(message, Refused<MissingKeyException>(own, onDemand));
                Assert.Equal(0, onDemand.ReadCount);
            }
        }
    }

    [Fact]
    public void Constructor_RefusesWhatIsMissing()
    {
        Assert.Throws<ArgumentNullException>(() => new InferenceServer((HnnConfig)null!, TinyService.Weights, "id", Backends.Shared));
        Assert.Throws<ArgumentNullException>(() => new InferenceServer(TinyService.Config, null!, "id", Backends.Shared));
        Assert.Throws<ArgumentException>(() => new InferenceServer(TinyService.Config, TinyService.Weights, string.Empty, Backends.Shared));
        Assert.Throws<ArgumentNullException>(() => new InferenceServer(TinyService.Config, TinyService.Weights, "id", null!));
    }

    private static Ciphertext Zero(CkksContext context, SecretKey secret) => context.Encrypt(secret, [0.0]);

    private string Refused<T>(InferenceRequest request, EvaluationKeys keys)
        where T : Exception
    {
        // Before the first step.
        Synchronous<StageProgress> progress = new(report => Assert.Fail($"{report.Name} was done before the refusal."));
        return Assert.Throws<T>(() => service.Server.Infer(request, keys, progress)).Message;
    }

    private sealed class Synchronous<T>(Action<T> action) : IProgress<T>
    {
        public void Report(T value) => action(value);
    }
}
