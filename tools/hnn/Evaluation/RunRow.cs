using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Hnn.Model.Sessions;

namespace Hnn.Tool.Evaluation;

/// <summary>A line of rows.jsonl: what a run is, a session's beginning, a sentence, or the errors after each step. None holds
/// text.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(RunIdentity), "run")]
[JsonDerivedType(typeof(SessionRow), "session")]
[JsonDerivedType(typeof(SentenceRow), "sentence")]
[JsonDerivedType(typeof(TraceRow), "trace")]
internal abstract record RunRow
{
    // A row is written by this program alone: every field must be there, and no other.
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, // what decrypts to nonsense may be infinite
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        AllowDuplicateProperties = false,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // for a parser, not for a web page
        PropertyNameCaseInsensitive = false,
    };

    /// <summary>One line of JSON, without its end.</summary>
    public string ToLine() => JsonSerializer.Serialize(this, Options);

    /// <summary>Reads a line.</summary>
    /// <exception cref="InvalidDataException">It is no row.</exception>
    public static RunRow Parse(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize<RunRow>(line, Options) ?? throw new InvalidDataException("It is null.");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }
}

/// <summary>Keys were made for a bucket, and its first sentences classified; the rows that follow belong to it.</summary>
/// <param name="Run">How many times the program had been started on these rows.</param>
/// <param name="Version">The program's version.</param>
/// <param name="Machine">Where it ran.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Bucket">B.</param>
/// <param name="BatchSize">The most sentences at once.</param>
/// <param name="KeySeconds">Making the keys.</param>
/// <param name="KeyBytes">The evaluation keys as sent.</param>
/// <param name="StageNames">What <see cref="SentenceRow.StageSeconds"/> are the times of.</param>
/// <param name="Backend">Where it computed; null in rows of a version that did not say.</param>
internal sealed record SessionRow(
    int Run, string Version, string Machine, int Threads, int Bucket, int BatchSize, double KeySeconds, long KeyBytes,
    IReadOnlyList<string> StageNames, string? Backend = null) : RunRow;

/// <summary>A sentence, classified. Times and bytes are its share of the batch; <see cref="ElapsedSeconds"/> is since the program's start.
/// </summary>
internal sealed record SentenceRow(
    int Index, int Bucket, int GoldLabel, int? Label, int ClearLabel, bool Truncated,
    IReadOnlyList<double> Released, IReadOnlyList<double> Exact, IReadOnlyList<double> Twin,
    double EncryptSeconds, double EvaluateSeconds, double DecryptSeconds, IReadOnlyList<double> StageSeconds,
    long RequestBytes, long ResponseBytes, double ElapsedSeconds, long PeakBytes) : RunRow
{
    /// <summary>The sentence without times.</summary>
    [JsonIgnore]
    public ScoredSentence Scored => new(Index, Bucket, GoldLabel, Label, ClearLabel, Truncated, Released, Exact, Twin);

    /// <summary>Encrypted, evaluated and decrypted.</summary>
    [JsonIgnore]
    public double Seconds => EncryptSeconds + EvaluateSeconds + DecryptSeconds;

    /// <summary>Puts a result and its surroundings together.</summary>
    public static SentenceRow Create(
        ScoredSentence s, LocalResult result, IReadOnlyList<double> stageSeconds, double elapsedSeconds, long peakBytes) => new(
        s.Index, s.Bucket, s.GoldLabel, s.Label, s.ClearLabel, s.IsTruncated, s.Released, s.Exact, s.Twin,
        result.EncryptTime.TotalSeconds, result.EvaluateTime.TotalSeconds, result.DecryptTime.TotalSeconds, stageSeconds,
        result.RequestBytes, result.ResponseBytes, elapsedSeconds, peakBytes);
}

/// <summary>The error after each step, of some sentences of a bucket.</summary>
/// <param name="Bucket">B.</param>
/// <param name="Indices">The sentences' places in the data.</param>
/// <param name="Steps">The steps in order.</param>
/// <param name="ElapsedSeconds">Since the program's start.</param>
/// <param name="PeakBytes">Peak working set so far.</param>
internal sealed record TraceRow(
    int Bucket, IReadOnlyList<int> Indices, IReadOnlyList<StageError> Steps, double ElapsedSeconds, long PeakBytes) : RunRow;
