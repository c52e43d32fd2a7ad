using Hnn.Model.Approximations;
using Hnn.Model.Client;
using Hnn.Model.Compilation;
using Hnn.Model.Sessions;
using Hnn.Model.Tests.Layers;
using Hnn.Model.Tests.Server;
using Hnn.Model.Text;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Sessions;

/// <summary>A batch of sentences of different lengths: encrypted, by the clear twin, and by the network that knows no packing.</summary>
public sealed class BatchSessionTests(ITestOutputHelper output)
{
    [Fact]
    public void Classify_EveryFilledPlaceEqualsTheTwinAndTheNetworkAndSoDoesEveryStage()
    {
        ThroughputPlan plan = TinyBatch.Plan(4);
        using BatchSession session = new(new(TinyService.Embeddings, TinyService.Weights), TinyService.ModelId, plan, Backends.Shared);
        TokenizedText[] sentences = TinyBatch.Sentences(session.BatchSize - 1);
        Dictionary<string, double[]> encrypted = [], clear = [];
        session.StageDecrypted = (name, slots, _) => encrypted.Add(name, slots);
        BatchResult result = session.Classify(sentences);
        SentenceEmbedder embedder = new(TinyService.Embeddings);
        ClearResult[] twins = new ClearBatch(plan, TinyService.Weights).Evaluate([.. sentences.Select(s => embedder.Embed(s.Ids))], clear.Add);

        output.WriteLine($"{sentences.Length} sentences: {result.MaxTwinError:E2}, {result.MaxAbsoluteError:E2}, predicted {plan.PredictedError:E2}");
        Assert.Equal(sentences.Length, result.Sentences.Count);
        for (int s = 0; s < sentences.Length; s++)
        {
            LocalResult sentence = result.Sentences[s];
            Assert.InRange(sentence.TwinError, 0, ErrorBudgets.Network * 4);
            Assert.Equal(twins[s].TwinSoftArgmax, sentence.Released.Value, ErrorBudgets.Network);
            Assert.Equal(twins[s].SoftArgmax, sentence.Clear.SoftArgmax, 1e-6);
            Assert.Equal(sentence.ClearLabel, sentence.Label);
            Assert.Equal(result.RequestBytes / sentences.Length, sentence.RequestBytes);
        }

        Assert.Equal(plan.Steps.Select(step => step.Name), encrypted.Keys);
        foreach ((string stage, double[] slots) in encrypted)
        {
            Assert.InRange(slots.Zip(clear[stage], (a, b) => Math.Abs(a - b)).Max(), 0, ErrorBudgets.Block);
        }
    }

    [Fact]
    public void Classify_AgainNeedsNoNewKeysAndPaddedPlacesStayZero()
    {
        ThroughputPlan plan = TinyBatch.Plan(4);
        using BatchSession session = new(new(TinyService.Embeddings, TinyService.Weights), TinyService.ModelId, plan, Backends.Shared);
        Assert.Equal((0, 0), (session.KeyBytes, session.KeyMemoryBytes));
        session.CreateKeys();
        TimeSpan time = session.KeyGenerationTime;
        Assert.Equal(plan.KeyBytes, session.KeyMemoryBytes);
        double[] stream = [];
        session.StageDecrypted = (name, slots, _) => stream = name == "layers.0" ? slots : stream;
        double first = session.Classify([TinyService.Text(1, 2, 3)]).Sentences[0].Released.Value;
        double second = session.Classify([TinyService.Text(4, 5, 6, 7), TinyService.Text(1, 2, 3)]).Sentences[1].Released.Value;
        Assert.Equal(first, second, ErrorBudgets.Network);
        Assert.Equal(time, session.KeyGenerationTime);
        int count = plan.SentenceCount;
        for (int slot = 0; slot < stream.Length; slot++)
        {
            bool isPadding = slot % count > 1 || (slot / count == 3 && slot % count == 1);
            if (isPadding) Assert.InRange(Math.Abs(stream[slot]), 0, ErrorBudgets.Block);
        }

        Assert.True(Math.Abs(stream[0]) > 1e-3);
    }

    // The committed model with the sizes of primes of its real plan, in a ring too small to be secure: 32 sentences instead of 1024.
    [Fact]
    public void HnnTiny_ASliceOfValidationInOneBatchEqualsTheNetworkWithinTheBar()
    {
        HnnConfig config = ReferenceModel.Config;
        ThroughputPlan secure = ThroughputPlan.Create(config, 16);
        int bits = (int)Math.Round(secure.Parameters.DefaultScale.Log2);
        ThroughputPlan plan = ThroughputPlan.Create(config, 16, InsecureSets.Batch(config, 10, bits, 25));
        int[][] ids = TestData.DataFolder is null
            ? [.. ReferenceModel.Sentences.Select(s => s.Ids)]
            : [.. Sst2.Validation().Select(s => s.Tokens.Ids.ToArray())];
        TokenizedText[] sentences = [.. ids.Where(i => config.BucketFor(i.Length) == 16).Take(plan.SentenceCount).Select(i => TinyService.Text(i))];
        using BatchSession session = new(ReferenceModel.Weights, "hnn-tiny", plan, Backends.Shared);
        BatchResult result = session.Classify(sentences);
        output.WriteLine(
            $"{sentences.Length} sentences, {plan.Parameters}: twin error {result.MaxTwinError:E2}, error {result.MaxAbsoluteError:E2}, "
            + $"predicted {plan.PredictedError:E2}, in the secure set {secure.PredictedError:E2}");
        Assert.InRange(result.MaxAbsoluteError, 0, ErrorBudgets.Absolute);
        Assert.InRange(result.MaxTwinError / plan.PredictedError, 0.02, 20);
        Assert.All(result.Sentences, sentence =>
        {
            if (Math.Abs(sentence.Clear.SoftArgmax - 0.5) > result.MaxAbsoluteError) Assert.Equal(sentence.ClearLabel, sentence.Label);
        });
    }

    [Fact]
    public void Session_RefusesWhatItsPlanRefuses()
    {
        LoadedModel model = LoadedModel.Load(ModelDirectory.Open(TestData.HnnTiny));
        Assert.Contains("Bucket 8 is not one", Assert.Throws<ArgumentException>(() => new BatchSession(model, 8, Backends.Shared)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => new BatchSession(null!, 8, Backends.Shared));
    }
}
