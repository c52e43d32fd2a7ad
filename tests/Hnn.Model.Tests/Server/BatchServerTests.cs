using Heann.Core;
using Heann.Core.Keys;
using Hnn.Model.Approximations;
using Hnn.Model.Client;
using Hnn.Model.Compilation;
using Hnn.Model.Server;
using Hnn.Model.Text;

namespace Hnn.Model.Tests.Server;

/// <summary>Client and server of a batch: what passes between them, and what each refuses.</summary>
public sealed class BatchServerTests(TinyBatch batch) : IClassFixture<TinyBatch>
{
    [Fact]
    public void RequestAndResponse_AreOfTheSizesPlannedAndTheRequestIsUsedUp()
    {
        TokenizedText[] sentences = TinyBatch.Sentences(3);
        using BatchRequest request = batch.Client.Encrypt(sentences);
        Assert.Equal(batch.Client.Plan.RequestBytes, request.ByteCount);
        Assert.Equal((batch.Client.Plan.KeyCount, batch.Client.Plan.KeyBytes), (batch.Keys.Count, batch.Keys.ByteCount));
        List<StageProgress> reports = [];
        using BatchResponse response = batch.Server.Infer(request, batch.Keys, new Listener(reports));
        Assert.Equal(batch.Client.Plan.ResponseBytes, response.ByteCount);
        Assert.All(request.Features, feature => Assert.Equal(0, feature.PartCount));
        Assert.Equal(2, request.Mask.PartCount);

        // The recorder counted what the evaluator did, operation by operation.
        Assert.Equal(batch.Client.Plan.OperationCount, reports[^1].Done);
        Assert.All(reports.Zip(reports.Skip(1)), pair => Assert.True(pair.First.Done <= pair.Second.Done));
        Assert.All(batch.Client.Plan.Steps, step => Assert.Contains(reports, report => report.Name == step.Name && report.Level == step.Level));
        ReleasedValue[] values = batch.Client.Decrypt(response, 3);
        Assert.Equal(3, values.Length);
        Assert.All(values, value => Assert.False(value.IsOutOfRange));
    }

    [Fact]
    public void Request_TellsNeitherLengthsNorNumberOfSentences()
    {
        using BatchRequest one = batch.Client.Encrypt(TinyBatch.Sentences(1));
        using BatchRequest many = batch.Client.Encrypt(TinyBatch.Sentences(batch.Client.Plan.SentenceCount));
        Assert.Equal(one.ByteCount, many.ByteCount);
        Assert.Equal(one.Features.Count, many.Features.Count);
        Assert.All(one.Features.Zip(many.Features), pair => Assert.Equal(
            (pair.First.Level, pair.First.Scale, pair.First.Noise), (pair.Second.Level, pair.Second.Scale, pair.Second.Noise)));
    }

    [Fact]
    public void Client_RefusesSentencesThatDoNotFit()
    {
        TokenizedText[] tooMany = TinyBatch.Sentences(batch.Client.Plan.SentenceCount + 1);
        Assert.Contains($"got {tooMany.Length}. Split them", Assert.Throws<ArgumentException>(() => batch.Client.Encrypt(tooMany)).Message, StringComparison.Ordinal);
        Assert.Contains("got 0", Assert.Throws<ArgumentException>(() => batch.Client.Encrypt([])).Message, StringComparison.Ordinal);
        Assert.Contains("Sentence 1 has 2 tokens and belongs to bucket 2, this batch is for bucket 4", Assert.Throws<ArgumentException>(
            () => batch.Client.Encrypt([TinyService.Text(1, 2, 3), TinyService.Text(1, 2)])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => batch.Client.Encrypt([TinyService.Text(1, 2, 3, 4, 5)]));
        using CancellationTokenSource source = new();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => batch.Client.Encrypt(TinyBatch.Sentences(2), source.Token));
    }

    [Fact]
    public void Server_RefusesForeignRequestsAndLeavesThemAsTheyWere()
    {
        using BatchRequest request = batch.Client.Encrypt(TinyBatch.Sentences(2));
        string Refusal<TException>(BatchRequest bad, EvaluationKeys? keys = null)
            where TException : Exception => Assert.Throws<TException>(() => batch.Server.Infer(bad, keys ?? batch.Keys)).Message;
        Assert.Contains("for model other", Refusal<ArgumentException>(request with { ModelId = "other" }), StringComparison.Ordinal);
        Assert.Contains("bucket 2 with 4 features", Refusal<ArgumentException>(request with { Bucket = 2 }), StringComparison.Ordinal);
        Assert.Contains("with 3 features", Refusal<ArgumentException>(request with { Features = [.. request.Features.Take(3)] }), StringComparison.Ordinal);
        using BatchClient other = TinyBatch.CreateClient(4);
        using BatchRequest foreign = other.Encrypt(TinyBatch.Sentences(1));
        Assert.Contains("send the keys of the client", Refusal<ForeignOperandException>(foreign), StringComparison.Ordinal);
        Assert.Contains("send the keys of the client", Refusal<ForeignOperandException>(request with { Mask = foreign.Mask }), StringComparison.Ordinal);
        Assert.All(request.Features, feature => Assert.Equal(2, feature.PartCount));

        // Keys for a smaller bucket lack steps.
        using CkksContext context = CkksContext.Create(batch.Client.Plan.Parameters, Backends.Shared);
        using SecretKey secret = context.KeyGenerator.CreateSecretKey();
        using EvaluationKeys few = context.KeyGenerator.CreateEvaluationKeys(secret, KeyRequest.ForRotations([1], 3));
        Assert.Throws<ForeignOperandException>(() => batch.Server.Infer(request, few));
    }

    [Fact]
    public void Client_RefusesForeignResponses()
    {
        using BatchRequest request = batch.Client.Encrypt(TinyBatch.Sentences(1));
        BatchResponse response = new(TinyService.ModelId, 4, Release.SoftArgmax, [request.Mask]);
        Assert.Contains("of model other", Assert.Throws<ArgumentException>(() => batch.Client.Decrypt(response with { ModelId = "other" }, 1)).Message, StringComparison.Ordinal);
        Assert.Contains("bucket 2", Assert.Throws<ArgumentException>(() => batch.Client.Decrypt(response with { Bucket = 2 }, 1)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => batch.Client.Decrypt(response, batch.Client.Plan.SentenceCount + 1));
        foreach (BatchResponse bad in (BatchResponse[])[response with { Release = Release.Probabilities }, response with { Released = [request.Mask, request.Mask] }])
            Assert.Contains("asks for", Assert.Throws<ArgumentException>(() => batch.Client.Decrypt(bad, 1)).Message, StringComparison.Ordinal);
        using BatchClient other = TinyBatch.CreateClient(4);
        Assert.Throws<ForeignOperandException>(() => other.Decrypt(response, 1));
    }

    [Fact]
    public void Infer_StopsWhenCancelledAndGivesTheFeaturesBack()
    {
        using BatchRequest request = batch.Client.Encrypt(TinyBatch.Sentences(2));
        using CancellationTokenSource source = new();
        BatchServer server = new(batch.Client.Plan, TinyService.Weights, TinyService.ModelId, Backends.Shared)
        {
            StageReached = (name, _) =>
            {
                if (name == "layers.0.attention.scores")
                {
                    source.Cancel();
                }
            },
        };
        Assert.Throws<OperationCanceledException>(() => server.Infer(request, batch.Keys, cancellation: source.Token));
        Assert.All(request.Features, feature => Assert.Equal(0, feature.PartCount));
    }

    private sealed class Listener(List<StageProgress> reports) : IProgress<StageProgress>
    {
        public void Report(StageProgress value) => reports.Add(value);
    }
}
