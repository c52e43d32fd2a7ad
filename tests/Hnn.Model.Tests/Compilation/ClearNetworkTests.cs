using System.Text.Json;
using Hnn.Model.Client;
using Hnn.Model.Compilation;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Compilation;

/// <summary>The circuit in the clear against the independent reference of the model: its logits in double precision.</summary>
public sealed class ClearNetworkTests(ITestOutputHelper output)
{
    [Fact]
    public void Circuit_EqualsReferenceLogits()
    {
        ModelDirectory model = ModelDirectory.Open(TestData.HnnTiny);
        HnnWeights weights = model.LoadWeights();
        SentenceEmbedder embedder = new(weights.Embeddings);
        Dictionary<int, ClearNetwork> networks = [];
        using JsonDocument reference = JsonDocument.Parse(File.ReadAllText(Path.Combine(TestData.HnnTiny, "reference.json")));
        foreach (JsonElement sentence in reference.RootElement.GetProperty("sentences").EnumerateArray())
        {
            int[] ids = [.. sentence.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
            double[] logits = [.. sentence.GetProperty("logits").EnumerateArray().Select(logit => logit.GetDouble())];
            int bucket = model.Config.BucketFor(ids.Length);
            if (!networks.TryGetValue(bucket, out ClearNetwork? network))
            {
                network = new(LevelPlan.Create(model.Config, bucket), weights.Network);
                networks.Add(bucket, network);
            }

            long start = System.Diagnostics.Stopwatch.GetTimestamp();
            ClearResult result = network.Evaluate(embedder.Embed(ids));
            output.WriteLine($"{bucket} {result} {System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalMilliseconds:F0} ms");
            Assert.Equal((logits[1] - logits[0]) / model.Config.SoftArgmax.Temperature, result.Argument, 1e-10);
            Assert.True(result.IsInRange);
            Assert.Equal(result.SoftArgmax, result.TwinSoftArgmax, 1e-3);
        }
    }

    [Fact]
    public void Plan()
    {
        ModelDirectory model = ModelDirectory.Open(TestData.HnnTiny);
        foreach (int bucket in model.Config.Buckets)
        {
            LevelPlan plan = LevelPlan.Create(model.Config, bucket);
            output.WriteLine($"{plan.Parameters} keys {plan.KeyCount} {plan.KeyBytes / 1e9:F2} GB, ct {plan.CiphertextPeakBytes / 1e9:F2} GB, ks {plan.KeySwitchCount}, {plan.EstimateSeconds(Heann.Core.Evaluation.CostModel.Default(2)):F1} s");
            foreach (PlanStep s in plan.Steps) output.WriteLine(s.ToString());
            output.WriteLine(string.Join(" ", plan.Keys.Galois.OrderBy(p => p.Key.RotationSteps).Select(p => $"{p.Key.RotationSteps}@{p.Value}")));
        }
    }
}
