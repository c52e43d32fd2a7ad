using Hnn.Model;
using Hnn.Model.Client;

namespace Hnn.Tool.Output;

/// <summary>The result of <c>hnn keygen</c>; its JSON object, field by field.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="ModelId">SHA-256 of its files.</param>
/// <param name="Buckets">The buckets that the keys serve: all of the model's.</param>
/// <param name="Release">What the client will be given.</param>
/// <param name="KeyId">The client, as its files name it.</param>
/// <param name="Parameters">The parameters.</param>
/// <param name="SecretKey">Path of the secret key.</param>
/// <param name="EvaluationKeys">Path of the evaluation keys.</param>
/// <param name="SecretKeyBytes">Bytes of the one.</param>
/// <param name="KeyBytes">Bytes of the other.</param>
/// <param name="KeygenMs">Making and writing both.</param>
/// <param name="PeakBytes">Peak working set of the process.</param>
internal sealed record KeygenOutput(
    string Model,
    string ModelId,
    IReadOnlyList<int> Buckets,
    string Release,
    string KeyId,
    ParametersOutput Parameters,
    string SecretKey,
    string EvaluationKeys,
    long SecretKeyBytes,
    long KeyBytes,
    double KeygenMs,
    long PeakBytes)
{
    /// <summary>Collects a result.</summary>
    public static KeygenOutput Create(ClientKeys keys, KeyFolder folder, TimeSpan time) => new(
        keys.Model.Name,
        keys.Model.ModelId,
        keys.Model.Buckets,
        ReleaseName.Of(keys.Release),
        keys.Secret.Id.ToString(),
        ParametersOutput.Create(keys.Parameters),
        folder.SecretPath,
        folder.EvaluationPath,
        new FileInfo(folder.SecretPath).Length,
        new FileInfo(folder.EvaluationPath).Length,
        time.TotalMilliseconds,
        OutputExtensions.PeakBytes);

    /// <summary>Writes the result for people.</summary>
    public void Write(TextWriter writer)
    {
        writer.Row("secret key", $"{SecretKey}, {Units.Bytes(SecretKeyBytes)}: stays with you");
        writer.Row("public keys", $"{EvaluationKeys}, {Units.Bytes(KeyBytes)}: for the server");
        writer.Row("client", $"{KeyId}");
        writer.Row("model", $"{Model}, SHA-256 {ModelId}");
        writer.Row("buckets", $"{string.Join(", ", Buckets)}");
        writer.Row("released", $"{Release}");
        writer.ParametersRow(Parameters);
        writer.Row("took", $"{Units.Milliseconds(KeygenMs)}, peak memory {Units.Bytes(PeakBytes)}");
    }
}
