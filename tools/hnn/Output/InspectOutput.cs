using System.Globalization;
using Heann.Core.Serialization;
using Hnn.Model;
using Hnn.Model.Files;

namespace Hnn.Tool.Output;

/// <summary>The result of <c>hnn inspect</c>; its JSON object, field by field; null where a file has no such thing.</summary>
/// <param name="Kind">What the file is.</param>
/// <param name="FormatVersion">Version of its format.</param>
/// <param name="Bytes">Its bytes.</param>
/// <param name="Model">The model's name.</param>
/// <param name="ModelId">SHA-256 of the model's files.</param>
/// <param name="Bucket">The padded length of a request or response.</param>
/// <param name="Release">What is released, or what keys are made for.</param>
/// <param name="KeyId">The client, or the key set.</param>
/// <param name="ParametersId">The parameters that the file belongs to.</param>
/// <param name="Parameters">The parameters themselves.</param>
/// <param name="Records">The file's records.</param>
internal sealed record InspectOutput(
    string Kind,
    int FormatVersion,
    long Bytes,
    string? Model,
    string? ModelId,
    int? Bucket,
    string? Release,
    string? KeyId,
    string ParametersId,
    ParametersOutput? Parameters,
    IReadOnlyList<InspectOutput.Record> Records)
{
    private const int MaxRowCount = 12;

    /// <summary>A record of the file.</summary>
    /// <param name="Kind">What it is.</param>
    /// <param name="Bytes">Its bytes.</param>
    /// <param name="Level">Levels left.</param>
    /// <param name="LogScale">log2 of the scale.</param>
    /// <param name="Parts">Parts of a ciphertext.</param>
    /// <param name="Seeded">Whether half of a ciphertext is a seed.</param>
    /// <param name="Keys">Number of keys in a set.</param>
    /// <param name="Automorphism">What a Galois key is for.</param>
    internal sealed record Record(
        string Kind, long Bytes, int? Level, double? LogScale, int? Parts, bool? Seeded, int? Keys, string? Automorphism);

    /// <summary>Collects a result.</summary>
    public static InspectOutput Create(FileReport report) => new(
        HnnFileKinds.Name(report.Kind),
        BinaryHeader.FormatVersion,
        report.ByteCount,
        report.Model?.Name,
        report.ModelId,
        report.Bucket,
        report.Release is { } release ? ReleaseName.Of(release) : null,
        report.KeyId?.ToString(),
        report.ParametersId.ToString(),
        report.Parameters is { } parameters ? ParametersOutput.Create(parameters) : null,
        [.. report.Records.Select(Create)]);

    /// <summary>Writes the result for people.</summary>
    public void Write(TextWriter writer)
    {
        writer.Row("file", $"{Kind}, {Units.Bytes(Bytes)}, format version {FormatVersion}, checksums right");
        if (ModelId is not null)
        {
            writer.Row("model", $"{(Model is null ? string.Empty : Model + ", ")}SHA-256 {ModelId}{(Bucket is { } b ? $", bucket of {b}" : string.Empty)}");
        }

        if (Release is not null)
        {
            writer.Row("released", $"{Release}");
        }

        if (KeyId is not null)
        {
            writer.Row("client", $"{KeyId}");
        }

        if (Parameters is { } parameters)
        {
            writer.ParametersRow(parameters);
        }
        else
        {
            writer.Row("parameters", $"{ParametersId}; the file does not hold them");
        }

        writer.WriteLine();
        TextTable table = new("record", "bytes", "what");
        foreach (Record record in Records.Take(MaxRowCount))
        {
            table.Add(record.Kind, record.Bytes.ToString(CultureInfo.InvariantCulture), Describe(record));
        }

        table.Write(writer);
        if (Records.Count > MaxRowCount)
        {
            writer.WriteLine(Units.Format($"and {Records.Count - MaxRowCount} more, {Units.Bytes(Records.Skip(MaxRowCount).Sum(r => r.Bytes))}"));
        }
    }

    private static Record Create(RecordReport report) => new(
        HnnFileKinds.Name(report.Kind),
        report.ByteCount,
        report.Summary.Level,
        report.Summary.Scale is { } scale ? Math.Round(Math.Log2(scale), 4) : null,
        report.Summary.PartCount,
        report.Summary.IsSeeded,
        report.Summary.KeyCount,
        report.Summary.Element?.ToString());

    private static string Describe(Record record) => string.Join(", ", ((string?[])[
        record.Automorphism ?? (record.Kind == HnnFileKinds.Name(RecordKind.KeySwitchingKey) ? "relinearisation" : null),
        record.Level is { } level ? Units.Format($"level {level}") : null,
        record.LogScale is { } scale ? Units.Format($"scale 2^{scale:F2}") : null,
        record.Parts is { } parts ? Units.Format($"{parts} parts") : null,
        record.Seeded == true ? "seeded" : null,
        record.Keys is { } keys ? Units.Format($"{keys} keys") : null,
    ]).Where(text => text is not null));
}
