using Hnn.Model.Client;
using Hnn.Model.Text;

namespace Hnn.Tool.Output;

/// <summary>The result of <c>hnn encrypt</c>; its JSON object, field by field.</summary>
/// <param name="Tokens">Tokens, [CLS] and [SEP] included.</param>
/// <param name="Bucket">The padded length, all that the server learns of the text's length.</param>
/// <param name="Model">The model's name.</param>
/// <param name="ModelId">SHA-256 of its files.</param>
/// <param name="KeyId">The client.</param>
/// <param name="EncryptMs">Embedding and encrypting.</param>
/// <param name="TotalMs">Everything: reading keys and model and writing the request as well.</param>
/// <param name="RequestBytes">Bytes of the request.</param>
/// <param name="PeakBytes">Peak working set of the process.</param>
/// <param name="Truncated">The text was longer than the largest bucket.</param>
internal sealed record EncryptOutput(
    int Tokens,
    int Bucket,
    string Model,
    string ModelId,
    string KeyId,
    double EncryptMs,
    double TotalMs,
    long RequestBytes,
    long PeakBytes,
    bool Truncated)
{
    /// <summary>Collects a result.</summary>
    public static EncryptOutput Create(
        ClientKeys keys, (TokenizedText Tokens, int Bucket) text, long byteCount, TimeSpan time, TimeSpan total) => new(
        text.Tokens.Ids.Count,
        text.Bucket,
        keys.Model.Name,
        keys.Model.ModelId,
        keys.Secret.Id.ToString(),
        time.TotalMilliseconds,
        total.TotalMilliseconds,
        byteCount,
        OutputExtensions.PeakBytes,
        text.Tokens.IsTruncated);

    /// <summary>Writes the result for people.</summary>
    public void Write(TextWriter writer)
    {
        writer.Row("request", $"{Units.Bytes(RequestBytes)}, for model {Model}, by client {KeyId}");
        writer.Row("tokens", $"{Tokens} in a bucket of {Bucket}{(Truncated ? ", truncated" : string.Empty)}");
        writer.Row("took", $"{Units.Milliseconds(EncryptMs)} of {Units.Milliseconds(TotalMs)}, peak memory {Units.Bytes(PeakBytes)}");
    }
}
