using Hnn.Model;
using Hnn.Model.Files;
using Hnn.Model.Server;

namespace Hnn.Tool.Output;

/// <summary>The result of <c>hnn infer</c>; its JSON object, field by field.</summary>
/// <param name="Bucket">The request's bucket.</param>
/// <param name="Release">What the client asked for.</param>
/// <param name="Model">The model's name.</param>
/// <param name="ModelId">SHA-256 of its files.</param>
/// <param name="KeyId">The client.</param>
/// <param name="Parameters">The parameters.</param>
/// <param name="Backend">Where it was computed: a kind of CPU or a GPU, as <see cref="Heann.Core.Rings.RingBackend.Name"/> has it.</param>
/// <param name="KeyCount">Evaluation keys loaded: those that the bucket needs.</param>
/// <param name="KeyReads">How many times one of them was read; more than there are where --key-memory does not keep them all.</param>
/// <param name="KeyMemoryBytes">Most bytes of them in memory at once.</param>
/// <param name="LoadMs">Reading and checking request and keys; the request alone with --key-memory.</param>
/// <param name="EvaluateMs">The evaluation, preparing the weights included; with --key-memory also reading keys.</param>
/// <param name="TotalMs">Everything: reading and planning the model as well.</param>
/// <param name="RequestBytes">Bytes of the request.</param>
/// <param name="ResponseBytes">Bytes of the response.</param>
/// <param name="PeakBytes">Peak working set of the process.</param>
internal sealed record InferOutput(
    int Bucket,
    string Release,
    string Model,
    string ModelId,
    string KeyId,
    ParametersOutput Parameters,
    string Backend,
    int KeyCount,
    long KeyReads,
    long KeyMemoryBytes,
    double LoadMs,
    double EvaluateMs,
    double TotalMs,
    long RequestBytes,
    long ResponseBytes,
    long PeakBytes)
{
    /// <summary>Collects a result.</summary>
    public static InferOutput Create(ModelIdentity model, InferenceFileResult result, string backend, TimeSpan total) => new(
        result.Bucket,
        ReleaseName.Of(result.Plan.Release),
        model.Name,
        model.ModelId,
        result.KeyId.ToString(),
        ParametersOutput.Create(result.Plan.Parameters),
        backend,
        result.LoadedKeyCount,
        result.KeyReadCount,
        result.KeyMemoryBytes,
        result.LoadTime.TotalMilliseconds,
        result.EvaluateTime.TotalMilliseconds,
        total.TotalMilliseconds,
        result.RequestBytes,
        result.ResponseBytes,
        OutputExtensions.PeakBytes);

    /// <summary>Writes the result for people.</summary>
    public void Write(TextWriter writer)
    {
        writer.Row("response", $"{Units.Bytes(ResponseBytes)}, to client {KeyId}, for a request of {Units.Bytes(RequestBytes)}");
        writer.Row("bucket", $"{Bucket}");
        writer.Row("released", $"{Release}");
        writer.Row("keys", $"{KeyCount} loaded, by {KeyReads} reads; {Units.Bytes(KeyMemoryBytes)} in memory at most");
        writer.ParametersRow(Parameters);
        writer.Row("times", $"load {Units.Milliseconds(LoadMs)}, evaluate {Units.Milliseconds(EvaluateMs)}, total {Units.Milliseconds(TotalMs)}");
        writer.Row("peak memory", $"{Units.Bytes(PeakBytes)}");
    }
}
