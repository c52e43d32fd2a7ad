using Hnn.Model.Approximations;
using Hnn.Model.Client;
using Hnn.Model.Compilation;
using Hnn.Model.Plain;
using Hnn.Model.Sessions;
using Hnn.Model.Tests.Layers;
using Hnn.Model.Tests.Server;
using Hnn.Model.Text;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Sessions;

/// <summary>Batches behind the interface of all packings: two classes and five, what is released, and the error after every step.</summary>
public sealed class ThroughputSessionTests(ITestOutputHelper output)
{
    private static readonly RandomNetwork Five = new(4, 2, 11, 1, 4, 31, 5);

    [Theory]
    [InlineData(Release.Probabilities, 5)]
    [InlineData(Release.SoftArgmax, 1)]
    public void FiveClasses_GiveTheTwinsValuesAndTheNetworksLabels(Release release, int released)
    {
        HnnConfig config = (Five.Config with { SoftArgmax = new(0.9, -5, 5) }).WithRelease(release);
        ThroughputPlan plan = ThroughputPlan.Create(config, 4, InsecureSets.Batch(config, 11));
        Assert.Equal((release, released), (plan.Release, plan.ReleasedCount));
        using IEncryptedSession session = Session(plan, Five.Embeddings(), Five.Weights());
        TokenizedText[] sentences = TinyBatch.Sentences(7);
        IReadOnlyList<LocalResult> results = session.Classify(sentences);
        ClearBatch twin = new(plan, Five.Weights());
        SentenceEmbedder embedder = new(Five.Embeddings());
        ClearResult[] twins = twin.Evaluate([.. sentences.Select(s => embedder.Embed(s.Ids))]);
        PolynomialNetwork network = new(config, Five.Weights());
        for (int s = 0; s < sentences.Length; s++)
        {
            LocalResult result = results[s];
            Assert.True(result.IsInRange);
            output.WriteLine($"{release}: noise {result.TwinError:E2}, error {result.AbsoluteError:E2}");
            Assert.InRange(result.TwinError, 0, 10 * ErrorBudgets.Probabilities);
            Assert.InRange(result.Clear.Released.DistanceTo(twins[s].Released), 0, 1e-5);
            Assert.InRange(result.Clear.TwinReleased.DistanceTo(twins[s].TwinReleased), 0, 1e-5);
            SoftArgmaxResult exact = new DifferentiableSoftArgmax(0.9).Forward(network.Logits(embedder.Embed(sentences[s].Ids), 4));
            Assert.Equal(exact.Value, result.Released.Value, 10 * (plan.SoftArgmax.MaxError + ErrorBudgets.Probabilities));
            Assert.Equal(released == 5, result.Released.Probabilities is not null);
            if (result.ClearMargin > result.AbsoluteError) Assert.Equal(result.ClearLabel, result.Label);
        }
    }

    [Fact]
    public void Trace_MeasuresEveryStepOfThePlanForEveryBatch()
    {
        ThroughputPlan plan = TinyBatch.Plan(4);
        using IEncryptedSession session = Session(plan, TinyService.Embeddings, TinyService.Weights);
        TokenizedText[] sentences = TinyBatch.Sentences(session.BatchSize + 1);
        IReadOnlyList<StageError> steps = session.Trace(sentences);
        Assert.Equal(2 * plan.Steps.Count, steps.Count);
        foreach ((PlanStep planned, StageError step) in plan.Steps.Concat(plan.Steps).Zip(steps))
        {
            Assert.Equal((planned.Name, planned.Level, planned.Quantity), (step.Name, step.Level, step.Quantity));
            Assert.True(step.MeanError > 0 && step.MaxError >= step.MeanError && step.MaxError < 1e-3, $"{step}");
        }

        // Nothing is decrypted any more once the trace is done.
        IReadOnlyList<LocalResult> results = session.Classify(sentences[..3]);
        Assert.Equal(3, results.Count);
        Assert.All(results, result => Assert.InRange(result.TwinError, 0, 4 * ErrorBudgets.Network));
    }

    [Fact]
    public void Session_SaysWhatItIsAndWhatDoesNotFit()
    {
        ThroughputPlan plan = TinyBatch.Plan(4);
        using IEncryptedSession session = Session(plan, TinyService.Embeddings, TinyService.Weights);
        Assert.Equal(
            (4, plan.SentenceCount, plan.Parameters.Id, 0L, TimeSpan.Zero),
            (session.Bucket, session.BatchSize, session.Parameters.Id, session.KeyBytes, session.KeyGenerationTime));
        Assert.Throws<ArgumentException>(() => session.Classify([]));
        Assert.Contains(
            $"holds 1 to {plan.SentenceCount}",
            Assert.Throws<ArgumentException>(() => session.Classify(TinyBatch.Sentences(plan.SentenceCount + 1))).Message, StringComparison.Ordinal);
    }

    private static ThroughputSession Session(ThroughputPlan plan, EmbeddingWeights embeddings, NetworkWeights network)
    {
        HnnWeights weights = new(embeddings, network);
        return new(new BatchSession(weights, TinyService.ModelId, plan, Backends.Shared), weights);
    }
}
