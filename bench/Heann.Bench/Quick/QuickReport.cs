using System.Globalization;
using System.Text;
using System.Text.Json;
using Heann.Bench.Rows;

namespace Heann.Bench.Quick;

/// <summary>Prints what was measured.</summary>
internal static class QuickReport
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };

    private static readonly string[] Headings =
        ["op", "set", "threads", "min us", "median us", "calibrators", "SEAL+HEXL us", "SEAL", "Lattigo", "OpenFHE", "to SEAL+HEXL"];

    private static readonly string[] Explanations =
    [
        "N12 to N17: one limb of a 50-bit prime, transformed in place; HEXL alone stands in the first column of peers.",
        "calibrators: the least time over that of a scalar 64-bit transform at the same N, in the same run.",
        "to SEAL+HEXL: our calibrators over theirs, which were measured on another machine; below 1 we are faster.",
        "Every row but decrypt and rotateHoisted writes to storage that is there; encryptions allocate the AES objects alone.",
        "add, multiplyPlain: in place. multiply: without relinearisation. rotateHoisted: each further rotation of one ciphertext.",
        "encode: N/2 complex values. decrypt: to a plaintext polynomial, without decoding. All at the top level.",
    ];

    /// <summary>In the format that was asked for.</summary>
    public static string Print(string format, IReadOnlyList<QuickResult> results) => format switch
    {
        "json" => ToJson(results),
        "markdown" => ToMarkdown(results),
        "summary" => ToSummary(results),
        _ => ToTable(results),
    };

    /// <summary>One JSON array of <c>{op, set, threads, minUs, medianUs, toScalarNtt}</c>.</summary>
    public static string ToJson(IEnumerable<QuickResult> results) => JsonSerializer.Serialize(
        results.Select(r => r with
        {
            MinUs = Math.Round(r.MinUs, 2),
            MedianUs = Math.Round(r.MedianUs, 2),
            ToScalarNtt = Math.Round(r.ToScalarNtt, 4),
        }),
        Json);

    /// <summary>Columns for a terminal.</summary>
    public static string ToTable(IReadOnlyList<QuickResult> results)
    {
        string[][] cells = [Headings, .. results.Select(Cells)];
        int[] widths = [.. Enumerable.Range(0, Headings.Length).Select(column => cells.Max(row => row[column].Length))];
        StringBuilder text = new();
        foreach (string[] row in cells)
        {
            IEnumerable<string> padded = row.Select((cell, i) => i < 2 ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i]));
            text.AppendLine(string.Join("  ", padded).TrimEnd());
        }

        return text.AppendLine().Append(Notes(results, "")).ToString();
    }

    /// <summary>The table of bench/RESULTS.md with machine, commit and command.</summary>
    public static string ToMarkdown(IReadOnlyList<QuickResult> results)
    {
        StringBuilder text = new();
        text.AppendLine(CultureInfo.InvariantCulture, $"Machine: {Machine.Describe()}. Commit: {Machine.Commit()}. Command:").AppendLine()
            .AppendLine("```sh").AppendLine("dotnet run -c Release --project bench/Heann.Bench -- quick --markdown")
            .AppendLine("```").AppendLine()
            .Append(Notes(results, "- ")).AppendLine()
            .AppendLine("| " + string.Join(" | ", Headings) + " |")
            .AppendLine("|---|---|" + string.Concat(Enumerable.Repeat("--:|", Headings.Length - 2)));
        foreach (QuickResult result in results)
        {
            text.AppendLine("| " + string.Join(" | ", Cells(result)) + " |");
        }

        return text.ToString();
    }

    /// <summary>The table of the README, milliseconds: ours / SEAL with HEXL's (ratio in calibrators).</summary>
    public static string ToSummary(IReadOnlyList<QuickResult> results)
    {
        StringBuilder text = new();
        text.AppendLine("| | " + string.Join(" | ", MeasuredSet.Names) + " |").AppendLine("|---|---|---|---|");
        foreach (string op in Operations.OfSets)
        {
            text.Append("| ").Append(op);
            foreach (string set in MeasuredSet.Names)
            {
                QuickResult? row = results.FirstOrDefault(r => r.Op == op && r.Set == set && r.Threads == 1);
                text.Append(" | ").Append(row is null ? "" : Comparison(row));
            }

            text.AppendLine(" |");
        }

        return text.ToString();
    }

    private static string Comparison(QuickResult row) => PeerFigures.RatioToSealHexl(row) is { } ratio
        ? $"{Milliseconds(row.MinUs)} / {Milliseconds(PeerFigures.Of(row).SealHexl!.Value)} "
            + string.Create(CultureInfo.InvariantCulture, $"({ratio:F2})")
        : Milliseconds(row.MinUs);

    // Three figures.
    private static string Milliseconds(double microseconds)
    {
        string format = microseconds switch
        {
            < 1e3 => "F3",
            < 1e4 => "F2",
            < 1e5 => "F1",
            _ => "F0",
        };
        return (microseconds / 1000).ToString(format, CultureInfo.InvariantCulture);
    }

    private static string[] Cells(QuickResult result)
    {
        PeerFigures peers = PeerFigures.Of(result);
        return
        [
            result.Op,
            result.Set,
            result.Threads.ToString(CultureInfo.InvariantCulture),
            Short(result.MinUs),
            Short(result.MedianUs),
            result.ToScalarNtt.ToString("G4", CultureInfo.InvariantCulture),
            Short(peers.SealHexl),
            Short(peers.Seal),
            Short(peers.Lattigo),
            Short(peers.OpenFhe),
            PeerFigures.RatioToSealHexl(result)?.ToString("F2", CultureInfo.InvariantCulture) ?? "",
        ];
    }

    // Rows against each other: what hoisting and the second thread bring.
    private static IEnumerable<string> Comparisons(IReadOnlyList<QuickResult> results)
    {
        foreach (QuickResult row in results)
        {
            string rival = row.Op == "rotateHoisted" ? "rotate" : row.Op;
            QuickResult? other = results.FirstOrDefault(r => r.Op == rival && r.Set == row.Set && r.Threads == 1);
            if (other is null || other == row)
            {
                continue;
            }

            yield return row.Op == rival
                ? string.Create(CultureInfo.InvariantCulture, $"{row.Op}, {row.Set}: {other.MinUs / row.MinUs:F2} times as fast on {row.Threads} threads.")
                : string.Create(CultureInfo.InvariantCulture, $"{row.Op}, {row.Set}: {row.MinUs / other.MinUs:P0} of {rival}.");
        }
    }

    // Four figures say enough, and whole microseconds from a hundred on.
    private static string Short(double? microseconds) =>
        microseconds?.ToString(microseconds < 100 ? "F1" : "N0", CultureInfo.InvariantCulture) ?? "";

    private static string Notes(IReadOnlyList<QuickResult> results, string bullet)
    {
        StringBuilder text = new();
        foreach (string set in results.Select(r => r.Set).Where(s => s[0] == 'S').Distinct())
        {
            text.AppendLine(bullet + MeasuredSet.Create(set));
        }

        foreach (string note in Explanations.Concat(Comparisons(results)))
        {
            text.AppendLine(bullet + note);
        }

        return text.ToString();
    }
}
