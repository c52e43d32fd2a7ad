using Heann.Core.Parameters;
using Hnn.Model;
using Hnn.Model.Sessions;
using Hnn.Model.Text;

namespace Hnn.Tool.Output;

/// <summary>The result of <c>hnn classify</c>; its JSON object, field by field.</summary>
/// <param name="Text">The text as given.</param>
/// <param name="Tokens">Tokens, [CLS] and [SEP] included.</param>
/// <param name="Bucket">The padded length, all that the server learns of the text's length.</param>
/// <param name="Label">The class; null when out of range.</param>
/// <param name="Release">What the client was given.</param>
/// <param name="SoftArgmax">y as decrypted, or Σ i·p_i of the probabilities.</param>
/// <param name="PlainSoftArgmax">y of the network in the clear, with the exact sigmoid or softmax.</param>
/// <param name="Probabilities">The probabilities as decrypted, in the order of the labels; null where y alone was released.</param>
/// <param name="PlainProbabilities">Those of the network in the clear; null with them.</param>
/// <param name="AbsError">Largest distance of a released value, y or a probability, from the network's in the clear.</param>
/// <param name="TwinError">Distance to the clear twin, which uses the polynomials of the ciphertexts: noise alone.</param>
/// <param name="SecurityBits">Classical security.</param>
/// <param name="LogN">log2 of the ring degree.</param>
/// <param name="LogQ">Bits of the ciphertext modulus.</param>
/// <param name="LogQP">Bits of the largest modulus, which security is counted with.</param>
/// <param name="Levels">Levels of a fresh ciphertext.</param>
/// <param name="Backend">Where it was computed: a kind of CPU or a GPU, as <see cref="Heann.Core.Rings.RingBackend.Name"/> has it.</param>
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
    string Release,
    double SoftArgmax,
    double PlainSoftArgmax,
    IReadOnlyList<double>? Probabilities,
    IReadOnlyList<double>? PlainProbabilities,
    double AbsError,
    double TwinError,
    int SecurityBits,
    int LogN,
    double LogQ,
    double LogQP,
    int Levels,
    string Backend,
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
        string text, TokenizedText tokens, LocalSession session, LocalResult result, (string Backend, TimeSpan Total, long PeakBytes) process)
    {
        CkksParameters parameters = session.Plan.Parameters;
        return new(
            text,
            tokens.Ids.Count,
            session.Plan.Bucket,
            result.Label is { } label ? session.Plan.Config.Labels[label] : null,
            ReleaseName.Of(session.Plan.Release),
            result.Released.Value,
            result.Clear.SoftArgmax,
            result.Released.Probabilities,
            result.Clear.Released.Probabilities,
            result.AbsoluteError,
            result.TwinError,
            parameters.SecurityBits,
            parameters.LogN,
            Math.Round(parameters.BasisQ.Log2, 2),
            Math.Round(parameters.BasisQP.Log2, 2),
            parameters.MaxLevel,
            process.Backend,
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
        FormattableString difference = $"difference {AbsError:0.0e-0} ({TwinError:0.0e-0} of it noise)";
        string y = Units.Format($"{SoftArgmax:F6} decrypted, {PlainSoftArgmax:F6} in the clear");
        Row("soft-argmax", $"{y}{(Probabilities is null ? ", " + Units.Format(difference) : string.Empty)}");
        if (Probabilities is not null)
        {
            Row("probabilities", $"{Units.List(Probabilities)} decrypted, largest {Units.Format(difference)}");
        }

        Row("tokens", $"{Tokens} in a bucket of {Bucket}{(Truncated ? ", truncated" : string.Empty)}");
        Row("parameters", $"N = 2^{LogN}, log Q = {LogQ:F0}, log QP = {LogQP:F0}, {Levels} levels, {SecurityBits}-bit security");
        string keys = Units.Milliseconds(KeygenMs), encrypt = Units.Milliseconds(EncryptMs), evaluate = Units.Milliseconds(EvaluateMs);
        string decrypt = Units.Milliseconds(DecryptMs), total = Units.Milliseconds(TotalMs);
        Row("times", $"keys {keys}, encrypt {encrypt}, evaluate {evaluate}, decrypt {decrypt}, total {total}");
        Row("sent", $"keys {Units.Bytes(KeyBytes)} (once), request {Units.Bytes(RequestBytes)}, response {Units.Bytes(ResponseBytes)}");
        Row("peak memory", $"{Units.Bytes(PeakBytes)}");
    }
}
