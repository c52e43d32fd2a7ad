using Hnn.Tool.Commands;

namespace Hnn.Tool.Evaluation;

/// <summary>Where <c>hnn evaluate</c> puts what it finds.</summary>
/// <param name="RowsPath">Rows, one for each sentence; null for nowhere.</param>
/// <param name="Folder">Of the report; null for none.</param>
internal sealed record EvaluationTargets(string? RowsPath, string? Folder)
{
    /// <summary>summary.json in the report's folder.</summary>
    public string SummaryPath => Path.Combine(Folder!, "summary.json");

    /// <summary>report.html in the report's folder.</summary>
    public string ReportPath => Path.Combine(Folder!, "report.html");

    /// <summary>Makes the folder of a report, or names a file of rows.</summary>
    /// <exception cref="InputException">A path is empty, or the folder is a file or cannot be made.</exception>
    public static EvaluationTargets Create(string? reportFolder, string? rowsPath)
    {
        if (rowsPath is { Length: 0 }) throw new InputException("--rows takes the path of a file; got an empty one.");
        if (reportFolder is null) return new(rowsPath, null);
        if (reportFolder.Length == 0) throw new InputException("--report takes the path of a folder; got an empty one.");
        if (File.Exists(reportFolder)) throw new InputException($"--report takes a folder, and {reportFolder} is a file.");
        string folder = Inputs.Guard(() => Directory.CreateDirectory(reportFolder).FullName);
        return new(rowsPath ?? Path.Combine(folder, "rows.jsonl"), folder);
    }
}
