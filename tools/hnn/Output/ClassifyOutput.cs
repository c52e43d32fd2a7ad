using Heann.Core.Parameters;
using Hnn.Model.Sessions;
using Hnn.Model.Text;

namespace Hnn.Tool.Output;

/// <summary>The result of <c>hnn classify</c>; its JSON object, field by field.</summary>
/// <param name="Text">The text as given.</param>
/// <param name="Tokens">Tokens, [CLS] and [SEP] included.</param>
/// <param name="Bucket">The padded length, all that the server learns of the text's length.</param>
/// <param name="Label">The class; null when out of range.</param>
/// <param name="SoftArgmax">y as decrypted.</param>
/// <param name="PlainSoftArgmax">y of the network in the clear, with the exact sigmoid.</param>
/// <param name="AbsError">|SoftArgmax − PlainSoftArgmax|.</param>
/// <param name="TwinError">Distance to the clear twin, which uses the polynomials of the ciphertexts: noise alone.</param>
/// <param name="SecurityBits">Classical security.</param>
/// <param name="LogN">log2 of the ring degree.</param>
/// <param name="LogQ">Bits of the ciphertext modulus.</param>
/// <param name="LogQP">Bits of the largest modulus, which security is counted with.</param>
/// <param name="Levels">Levels of a fresh ciphertext.</param>
/// <param name="KeygenMs">Making the evaluation keys.</param>
/// <param name="EncryptMs">Embedding and encrypting.</param>
/// <param name="EvaluateMs">The server's time, preparing the weights included.</param>
/// <param name="DecryptMs">Decrypting.</param>
/// <param name="TotalMs">Everything: reading and planning the model and the evaluation in the clear as well.</param>
/// <param name="KeyBytes">Evaluation keys as sent.</param>
/// <param name="RequestBytes">The request as sent.</param>
/// <param name="ResponseBytes">The response as sent.</param>
/// <param name="PeakBytes">Peak working set of the process, both halves.</param>
/// <param name="Truncated">The text was longer than the largest bucket.</param>
/// <param name="InRange">False where y or the clear argument left the calibrated range; then there is no label.</param>
internal sealed record ClassifyOutput(
    string Text,
    int Tokens,
    int Bucket,
    string? Label,
    double SoftArgmax,
    double PlainSoftArgmax,
    double AbsError,
    double TwinError,
    int SecurityBits,
    int LogN,
    double LogQ,
    double LogQP,
    int Levels,
    double KeygenMs,
    double EncryptMs,
    double EvaluateMs,
    double DecryptMs,
    double TotalMs,
    long KeyBytes,
    long RequestBytes,
    long ResponseBytes,
    long PeakBytes,
    bool Truncated,
    bool InRange)
{
    /// <summary>Collects a result.</summary>
    public static ClassifyOutput Create(
        string text, TokenizedText tokens, LocalSession session, LocalResult result, (TimeSpan Total, long PeakBytes) process)
    {
        CkksParameters parameters = session.Plan.Parameters;
        return new(
            text,
            tokens.Ids.Count,
            session.Plan.Bucket,
            result.Label is { } label ? session.Plan.Config.Labels[label] : null,
            result.Released.Value,
            result.Clear.SoftArgmax,
            result.AbsoluteError,
            result.TwinError,
            parameters.SecurityBits,
            parameters.LogN,
            Math.Round(parameters.BasisQ.Log2, 2),
            Math.Round(parameters.BasisQP.Log2, 2),
            parameters.MaxLevel,
            session.KeyGenerationTime.TotalMilliseconds,
            result.EncryptTime.TotalMilliseconds,
            result.EvaluateTime.TotalMilliseconds,
            result.DecryptTime.TotalMilliseconds,
            process.Total.TotalMilliseconds,
            session.KeyBytes,
            result.RequestBytes,
            result.ResponseBytes,
            process.PeakBytes,
            tokens.IsTruncated,
            result.IsInRange);
    }

    /// <summary>Writes the result for people.</summary>
    public void Write(TextWriter writer)
    {
        void Row(string name, FormattableString value) => writer.WriteLine($"{name,-13} {Units.Format(value)}");
        Row("label", $"{Label ?? "out of range"}");
        Row("soft-argmax", $"{SoftArgmax:F6} decrypted, {PlainSoftArgmax:F6} in the clear, difference {AbsError:0.0e-0} ({TwinError:0.0e-0} of it noise)");
        Row("tokens", $"{Tokens} in a bucket of {Bucket}{(Truncated ? ", truncated" : string.Empty)}");
        Row("parameters", $"N = 2^{LogN}, log Q = {LogQ:F0}, log QP = {LogQP:F0}, {Levels} levels, {SecurityBits}-bit security");
        string evaluate = Units.Milliseconds(EvaluateMs), decrypt = Units.Milliseconds(DecryptMs);
        Row("times", $"keys {Units.Milliseconds(KeygenMs)}, encrypt {Units.Milliseconds(EncryptMs)}, evaluate {evaluate}, decrypt {decrypt}, total {Units.Milliseconds(TotalMs)}");
        Row("sent", $"keys {Units.Bytes(KeyBytes)} (once), request {Units.Bytes(RequestBytes)}, response {Units.Bytes(ResponseBytes)}");
        Row("peak memory", $"{Units.Bytes(PeakBytes)}");
    }
}
