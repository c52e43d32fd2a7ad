using Heann.Core.Keys;
using Hnn.Model.Client;
using Hnn.Model.Compilation;
using Hnn.Model.Server;
using Hnn.Model.Text;

namespace Hnn.Model.Tests.Server;

/// <summary>The network of <see cref="TinyService"/> served in batches in a small insecure ring: made once for a test class.</summary>
public sealed class TinyBatch : IDisposable
{
    public TinyBatch()
    {
        Client = CreateClient(4);
        Keys = Client.CreateEvaluationKeys();
        Server = new(Client.Plan, TinyService.Weights, TinyService.ModelId, Backends.Shared);
    }

    internal BatchClient Client { get; }

    internal EvaluationKeys Keys { get; }

    internal BatchServer Server { get; }

    public void Dispose()
    {
        Keys.Dispose();
        Client.Dispose();
    }

    internal static ThroughputPlan Plan(int bucket) =>
        ThroughputPlan.Create(TinyService.Config, bucket, InsecureSets.Batch(TinyService.Config, 11));

    internal static BatchClient CreateClient(int bucket) => new(Plan(bucket), TinyService.Embeddings, TinyService.ModelId, Backends.Shared);

    /// <summary>Sentences of 3 and 4 tokens in turn.</summary>
    internal static TokenizedText[] Sentences(int count) =>
        [.. Enumerable.Range(0, count).Select(s => TinyService.Text([.. Enumerable.Range(0, 3 + (s % 2)).Select(t => ((s * 3) + (t * 7)) % 11)]))];
}
