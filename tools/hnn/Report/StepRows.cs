namespace Hnn.Tool.Report;

/// <summary>Steps of a circuit from top to bottom, a row each, their names at the left.</summary>
/// <param name="names">Full names, in order.</param>
internal sealed class StepRows(IReadOnlyList<string> names)
{
    private const double RowHeight = 17;

    /// <summary>The upper edge of the first row.</summary>
    public const double Top = 6;

    /// <summary>The left edge of the plot.</summary>
    public double Left { get; } = 10 + (SvgCanvas.LetterWidth * names.Max(name => Shorten(name).Length));

    /// <summary>The right edge of the plot, with room for half a tick's label.</summary>
    public static double Right => SvgCanvas.Width - 22;

    /// <summary>The lower edge of the last row.</summary>
    public double Bottom => Top + (RowHeight * names.Count);

    /// <summary>Height of a drawing with an axis below.</summary>
    public double Height => Bottom + 42;

    /// <summary>The middle of a row.</summary>
    public double At(int row) => Top + (RowHeight * (row + 0.5));

    /// <summary>A step's name without what is in all of them: layers.0.attention.qkv is 0 qkv.</summary>
    public static string Shorten(string name)
    {
        string[] parts = [.. name.Split('.').Where(part => part is not ("layers" or "attention"))];
        return parts is not [var layer, .. var rest] || !int.TryParse(layer, out _) ? name
            : rest.Length == 0 ? $"{layer} output"
            : $"{layer} {string.Join('.', rest)}";
    }

    /// <summary>Writes the names and a line between layers.</summary>
    public void Label(SvgCanvas svg)
    {
        for (int i = 0; i < names.Count; i++)
        {
            svg.Text(Left - 6, At(i) + 4, Shorten(names[i]), SvgCanvas.Anchor.End);
            if (i == 0 || Layer(names[i]) == Layer(names[i - 1])) continue;
            double y = At(i) - (RowHeight / 2);
            svg.Line((0, y), (Right, y), "divider");
        }
    }

    private static string Layer(string name) => Shorten(name).Split(' ')[0].Split('.')[0];
}
