using Heann.Core.Parameters;
using Hnn.Model;
using Hnn.Model.Approximations;
using Hnn.Model.Client;

namespace Hnn.Tool.Output;

/// <summary>The result of <c>hnn decrypt</c>; its JSON object: those fields of <see cref="ClassifyOutput"/> that apply, and the
/// client.</summary>
/// <param name="Bucket">The padded length.</param>
/// <param name="Label">The class; null when out of range.</param>
/// <param name="Release">What the server was asked for.</param>
/// <param name="SoftArgmax">y as decrypted, or Σ i·p_i of the probabilities.</param>
/// <param name="Probabilities">The probabilities as decrypted, in the order of the labels; null where y alone was released.</param>
/// <param name="SecurityBits">Classical security.</param>
/// <param name="LogN">log2 of the ring degree.</param>
/// <param name="LogQ">Bits of the ciphertext modulus.</param>
/// <param name="LogQP">Bits of the largest modulus, which security is counted with.</param>
/// <param name="Levels">Levels of a fresh ciphertext.</param>
/// <param name="DecryptMs">Decrypting.</param>
/// <param name="TotalMs">Everything: reading key and response as well.</param>
/// <param name="ResponseBytes">Bytes of the response.</param>
/// <param name="PeakBytes">Peak working set of the process.</param>
/// <param name="InRange">False where the values are none that a soft-argmax can have; then there is no label. That the text itself was in range
/// only
/// the clear network of <c>classify</c> can tell.</param>
/// <param name="Model">The model's name.</param>
/// <param name="KeyId">The client.</param>
internal sealed record DecryptOutput(
    int Bucket,
    string? Label,
    string Release,
    double SoftArgmax,
    IReadOnlyList<double>? Probabilities,
    int SecurityBits,
    int LogN,
    double LogQ,
    double LogQP,
    int Levels,
    double DecryptMs,
    double TotalMs,
    long ResponseBytes,
    long PeakBytes,
    bool InRange,
    string Model,
    string KeyId)
{
    /// <summary>Collects a result.</summary>
    public static DecryptOutput Create(
        ClientKeys keys, (ReleasedValue Value, int Bucket) result, long byteCount, TimeSpan time, TimeSpan total)
    {
        CkksParameters parameters = keys.Parameters;
        return new(
            result.Bucket,
            result.Value.Label is { } label ? keys.Model.Labels[label] : null,
            ReleaseName.Of(keys.Release),
            result.Value.Value,
            result.Value.Probabilities,
            parameters.SecurityBits,
            parameters.LogN,
            Math.Round(parameters.BasisQ.Log2, 2),
            Math.Round(parameters.BasisQP.Log2, 2),
            parameters.MaxLevel,
            time.TotalMilliseconds,
            total.TotalMilliseconds,
            byteCount,
            OutputExtensions.PeakBytes,
            !result.Value.IsOutOfRange,
            keys.Model.Name,
            keys.Secret.Id.ToString());
    }

    /// <summary>Writes the result for people.</summary>
    public void Write(TextWriter writer)
    {
        writer.Row("label", $"{Label ?? "out of range"}");
        writer.Row("soft-argmax", $"{SoftArgmax:F6} decrypted");
        if (Probabilities is not null)
        {
            writer.Row("probabilities", $"{Units.List(Probabilities)}");
        }

        writer.Row("model", $"{Model}, bucket of {Bucket}");
        writer.Row("parameters", $"N = 2^{LogN}, log Q = {LogQ:F0}, log QP = {LogQP:F0}, {Levels} levels, {SecurityBits}-bit security");
        writer.Row("took", $"{Units.Milliseconds(DecryptMs)} of {Units.Milliseconds(TotalMs)}, peak memory {Units.Bytes(PeakBytes)}");
    }
}
