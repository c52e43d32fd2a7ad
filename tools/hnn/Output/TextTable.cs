namespace Hnn.Tool.Output;

/// <summary>Columns of text, aligned: numbers to the right, the rest to the left.</summary>
internal sealed class TextTable(params string[] headers)
{
    private readonly List<string[]> _rows = [headers];

    /// <summary>Adds a row.</summary>
    public void Add(params string[] cells) => _rows.Add(cells);

    /// <summary>Writes headers and rows.</summary>
    public void Write(TextWriter writer)
    {
        int[] widths = [.. Enumerable.Range(0, headers.Length).Select(c => _rows.Max(row => row[c].Length))];
        bool[] isNumeric = [.. Enumerable.Range(0, headers.Length).Select(c => _rows.Skip(1).All(row => IsNumber(row[c])))];
        foreach (string[] row in _rows)
        {
            IEnumerable<string> cells = row.Select((cell, c) => isNumeric[c] ? cell.PadLeft(widths[c]) : cell.PadRight(widths[c]));
            writer.WriteLine(string.Join("  ", cells).TrimEnd());
        }
    }

    private static bool IsNumber(string cell) => cell.Length > 0 && (char.IsAsciiDigit(cell[0]) || (cell.Length > 1 && cell[0] == '-'));
}
