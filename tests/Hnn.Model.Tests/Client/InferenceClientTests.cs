using Heann.Core;
using Heann.Core.Keys;
using Hnn.Model.Client;
using Hnn.Model.Compilation;
using Hnn.Model.Tests.Server;

namespace Hnn.Model.Tests.Client;

/// <summary>The client's half alone: what it sends, what its plan promised, what it refuses.</summary>
public sealed class InferenceClientTests(TinyService service) : IClassFixture<TinyService>
{
    [Fact]
    public void CreateEvaluationKeys_MakesTheKeysOfThePlanInItsBytes()
    {
        LevelPlan plan = service.Client.Plan;
        Assert.Equal(plan.KeyCount, service.Keys.Count);
        Assert.Equal(plan.KeyBytes, service.Keys.ByteCount);
        Assert.Equal(plan.SeededKeyBytes, service.Keys.SeededByteCount);
        Assert.Equal(plan.Keys.Galois.Keys.Order(Steps), service.Keys.GaloisElements.Order(Steps));
        Assert.Equal(plan.Keys.RelinearizationLevel, service.Keys.Relinearization!.Layout.Level);
        Assert.All(plan.Keys.Galois, wanted =>
        {
            Assert.True(service.Keys.TryGetGalois(wanted.Key, out KeySwitchingKey? key));
            Assert.Equal(wanted.Value, key.Layout.Level);
        });
    }

    [Fact]
    public void CreateEvaluationKeys_ReportsProgressAndCanBeCancelled()
    {
        List<double> reports = [];
        using CancellationTokenSource source = new();
        service.Client.CreateEvaluationKeys(new Collector(reports, () => { })).Dispose();
        Assert.Equal(service.Client.Plan.Keys.Galois.Count, reports.Count);
        Assert.Equal(reports.Order(), reports);
        Assert.Equal(1, reports[^1]);
        reports.Clear();
        Assert.Throws<OperationCanceledException>(
            () => service.Client.CreateEvaluationKeys(new Collector(reports, () => source.Cancel()), source.Token));
        Assert.Single(reports);
    }

    [Fact]
    public void Encrypt_MakesARequestOfThePlansBytesWhateverTheLength()
    {
        foreach (int[] ids in (int[][])[[1], [1, 2, 3, 4]])
        {
            using InferenceRequest request = service.Client.Encrypt(TinyService.Text(ids));
            Assert.Equal(service.Client.Plan.RequestBytes, request.ByteCount);
            Assert.Equal((TinyService.ModelId, 4), (request.ModelId, request.Bucket));
            Assert.Equal(service.Client.Plan.Parameters.MaxLevel, request.Tokens.Level);
            Assert.Equal(request.Tokens.Level, request.Mask.Level);
        }
    }

    [Fact]
    public void Decrypt_TakesAResponseOfThePlansBytes()
    {
        using InferenceRequest request = service.Client.Encrypt(TinyService.Text(1, 2));
        using InferenceResponse response = service.Server.Infer(request, service.Keys);
        Assert.Equal(service.Client.Plan.ResponseBytes, response.ByteCount);
    }

    [Fact]
    public void Encrypt_RefusesWhatTheBucketDoesNotHold()
    {
        Assert.Throws<ArgumentException>(() => service.Client.Encrypt(TinyService.Text()));
        Assert.Throws<ArgumentOutOfRangeException>(() => service.Client.Encrypt(TinyService.Text(11)));
        Assert.Throws<ArgumentException>(() => service.Client.Encrypt(TinyService.Text(1, 2, 3, 4, 5)));
        using InferenceClient small = TinyService.CreateClient(2);
        Assert.Contains(
            "holds 1 to 2 tokens; got 3",
            Assert.Throws<ArgumentException>(() => small.Encrypt(TinyService.Text(1, 2, 3))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decrypt_RefusesAnotherModelAndAnotherKey()
    {
        using InferenceRequest request = service.Client.Encrypt(TinyService.Text(1));
        using InferenceResponse response = service.Server.Infer(request, service.Keys);
        Assert.Throws<ArgumentException>(() => service.Client.Decrypt(response with { ModelId = "other" }));
        using InferenceClient other = TinyService.CreateClient(4);
        Assert.Throws<ForeignOperandException>(() => other.Decrypt(response));
    }

    [Fact]
    public void Constructor_PlansFromTheConfigAsTheServerDoes()
    {
        using InferenceClient client = new(TinyService.Config, TinyService.Embeddings, "id", 4, Backends.Shared);
        LevelPlan plan = LevelPlan.Create(TinyService.Config, 4);
        Assert.Equal(plan.Parameters.Id, client.Plan.Parameters.Id);
        Assert.Equal(plan.Keys.Galois, client.Plan.Keys.Galois);
        Assert.True(client.Plan.Parameters.SecurityBits >= 128);
        Assert.Throws<ArgumentException>(() => new InferenceClient(TinyService.Config, TinyService.Embeddings, "id", 8, Backends.Shared));
        Assert.Throws<ArgumentException>(
            () => new InferenceClient(TinyService.Config, TinyService.Embeddings, string.Empty, 4, Backends.Shared));
    }

    private static readonly Comparer<Heann.Core.Rings.GaloisElement> Steps =
        Comparer<Heann.Core.Rings.GaloisElement>.Create((a, b) => a.RotationSteps.CompareTo(b.RotationSteps));

    private sealed class Collector(List<double> reports, Action after) : IProgress<double>
    {
        public void Report(double value)
        {
            reports.Add(value);
            after();
        }
    }
}
