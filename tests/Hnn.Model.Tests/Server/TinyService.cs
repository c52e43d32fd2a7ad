using Heann.Core.Keys;
using Hnn.Model.Client;
using Hnn.Model.Compilation;
using Hnn.Model.Server;
using Hnn.Model.Tests.Layers;
using Hnn.Model.Text;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Server;

/// <summary>A small random network served in a small insecure ring: client, keys and server, made once for a test class.</summary>
public sealed class TinyService : IDisposable
{
    internal const string ModelId = "7f1c0a5e7f1c0a5e7f1c0a5e7f1c0a5e7f1c0a5e7f1c0a5e7f1c0a5e7f1c0a5e";

    internal static readonly HnnConfig Config = new RandomNetwork(4, 2, 11, 1, 4, 31).Config with { Buckets = [2, 4] };

    internal static readonly NetworkWeights Weights = new RandomNetwork(4, 2, 11, 1, 4, 31).Weights();

    internal static readonly EmbeddingWeights Embeddings = new RandomNetwork(4, 2, 11, 1, 4, 31).Embeddings();

    public TinyService()
    {
        Client = CreateClient(4);
        Keys = Client.CreateEvaluationKeys();
        Server = new(Plan, Weights, ModelId, Backends.Shared);
    }

    internal InferenceClient Client { get; }

    internal EvaluationKeys Keys { get; }

    internal InferenceServer Server { get; }

    public void Dispose()
    {
        Keys.Dispose();
        Client.Dispose();
    }

    internal static LevelPlan Plan(int bucket, Release release = Release.SoftArgmax) =>
        LevelPlan.Create(Config.WithRelease(release), bucket, InsecureSets.For(Config, 10));

    internal static InferenceClient CreateClient(int bucket) => new(Plan(bucket), Embeddings, ModelId, Backends.Shared);

    internal static TokenizedText Text(params int[] ids) => new(ids, [.. ids.Select(id => $"#{id}")], IsTruncated: false);

    /// <summary>The clear twin's answer.</summary>
    internal static ClearResult Clear(int bucket, params int[] ids) =>
        new ClearNetwork(Plan(bucket), Weights).Evaluate(new SentenceEmbedder(Embeddings).Embed(ids));
}
