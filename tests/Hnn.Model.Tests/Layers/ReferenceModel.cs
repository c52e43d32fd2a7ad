using System.Collections.Concurrent;
using System.Text.Json;
using Hnn.Model.Client;
using Hnn.Model.Compilation;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Layers;

/// <summary>The committed model and the sentences of its reference.json, read once.</summary>
internal static class ReferenceModel
{
    private static readonly Lazy<HnnWeights> LazyWeights = new(() => ModelDirectory.Open(TestData.HnnTiny).LoadWeights());
    private static readonly Lazy<SentenceEmbedder> LazyEmbedder = new(() => new(Weights.Embeddings));
    private static readonly Lazy<(int[] Ids, double[] Logits)[]> LazySentences = new(ReadSentences);

    private static readonly ConcurrentDictionary<int, Lazy<LevelPlan>> Plans = new();

    public static HnnConfig Config { get; } = HnnConfig.Load(Path.Combine(TestData.HnnTiny, "config.json"));

    public static HnnWeights Weights => LazyWeights.Value;

    public static SentenceEmbedder Embedder => LazyEmbedder.Value;

    /// <summary>The model's plan for a bucket, under secure parameters.</summary>
    public static LevelPlan Plan(int bucket) => Plans.GetOrAdd(bucket, b => new(() => LevelPlan.Create(Config, b))).Value;

    /// <summary>Ids and logits by an independent implementation.</summary>
    public static IReadOnlyList<(int[] Ids, double[] Logits)> Sentences => LazySentences.Value;

    /// <summary>The naive network's (logit_1 − logit_0)/T, each sentence in its own bucket.</summary>
    public static double NaiveArgument(int[] ids)
    {
        double[] logits = NaiveNetwork.Logits(Config, Weights.Network, Embedder.Embed(ids), Config.BucketFor(ids.Length));
        return (logits[1] - logits[0]) / Config.SoftArgmax.Temperature;
    }

    private static (int[] Ids, double[] Logits)[] ReadSentences()
    {
        using JsonDocument reference = JsonDocument.Parse(File.ReadAllText(Path.Combine(TestData.HnnTiny, "reference.json")));
        return [.. reference.RootElement.GetProperty("sentences").EnumerateArray().Select(sentence => (
            sentence.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()).ToArray(),
            sentence.GetProperty("logits").EnumerateArray().Select(logit => logit.GetDouble()).ToArray()))];
    }
}
