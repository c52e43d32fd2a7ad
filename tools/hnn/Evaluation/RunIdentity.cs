namespace Hnn.Tool.Evaluation;

/// <summary>The first row: which results the rows are. Rows of one file belong to one identity.</summary>
/// <param name="Format">Version of the rows.</param>
/// <param name="Data">Name of the data file, for people.</param>
/// <param name="DataSha256">Hash of its bytes.</param>
/// <param name="Limit">--limit; null for all sentences.</param>
/// <param name="Sentences">How many sentences that is.</param>
/// <param name="Model">Name of the model's folder, for people.</param>
/// <param name="ModelId">Hash of its files.</param>
/// <param name="Packing">latency or throughput.</param>
/// <param name="ParametersIds">The parameter sets, one for each bucket that occurs, rising.</param>
internal sealed record RunIdentity(
    int Format, string Data, string DataSha256, int? Limit, int Sentences, string Model, string ModelId, string Packing,
    IReadOnlyList<string> ParametersIds) : RunRow
{
    /// <summary>The version that this program writes, and the only one it reads.</summary>
    public const int CurrentFormat = 1;

    /// <summary>Checks that rows may be added to those of another start.</summary>
    /// <exception cref="InvalidDataException">They are results of something else; the message says of what.</exception>
    public void RequireSame(RunIdentity written)
    {
        (string What, string Here, string There)[] fields =
        [
            ("the format", $"{Format}", $"{written.Format}"),
            ("the data", $"{Data} ({Short(DataSha256)})", $"{written.Data} ({Short(written.DataSha256)})"),
            ("the limit", Shown(Limit), Shown(written.Limit)),
            ("the model", $"{Model} ({Short(ModelId)})", $"{written.Model} ({Short(written.ModelId)})"),
            ("the packing", Packing, written.Packing),
            ("the parameters", string.Join(", ", ParametersIds), string.Join(", ", written.ParametersIds)),
        ];
        bool[] isSame =
        [
            Format == written.Format, DataSha256 == written.DataSha256, Limit == written.Limit, ModelId == written.ModelId,
            Packing == written.Packing, ParametersIds.SequenceEqual(written.ParametersIds),
        ];
        if (Array.IndexOf(isSame, false) is >= 0 and int first)
        {
            throw new InvalidDataException(
                $"they are results of another run: {fields[first].What} is {fields[first].Here} here and {fields[first].There} there. "
                + "Give the same options, or another place for the results.");
        }
    }

    private static string Short(string hash) => hash[..Math.Min(8, hash.Length)];

    private static string Shown(int? limit) => limit is { } number ? $"{number}" : "none";
}
