using System.Text;

namespace Hnn.Tool.Report;

/// <summary>A drawing with its title, what it says, its legend and the numbers behind it.</summary>
/// <param name="Id">Of the element.</param>
/// <param name="Title">Above it.</param>
/// <param name="Explanation">How to read it.</param>
/// <param name="Legend">Class and name of each series.</param>
/// <param name="Svg">The drawing; empty where there is nothing to draw, as the explanation says.</param>
/// <param name="Table">The numbers; null where there are none.</param>
internal sealed record ReportFigure(
    string Id, string Title, string Explanation, IReadOnlyList<(string Series, string Name)> Legend, string Svg, ReportTable? Table)
{
    /// <summary>A figure for which there are no numbers.</summary>
    public static ReportFigure Absent(string id, string title, string reason) => new(id, title, reason, [], string.Empty, null);

    /// <summary>The figure as HTML.</summary>
    public string ToHtml()
    {
        StringBuilder html = new();
        html.Append($"<figure id=\"{Id}\">\n<h2>{SvgCanvas.Encode(Title)}</h2>\n");
        if (Legend.Count > 0)
        {
            html.Append("<ul class=\"legend\">");
            foreach ((string series, string name) in Legend)
            {
                html.Append($"<li><span class=\"swatch {series}\"></span>{SvgCanvas.Encode(name)}</li>");
            }

            html.Append("</ul>\n");
        }

        html.Append(Svg).Append($"\n<figcaption>{SvgCanvas.Encode(Explanation)}</figcaption>\n");
        if (Table is not null) html.Append($"<details><summary>Numbers</summary>\n{Table.ToHtml()}\n</details>\n");
        return html.Append("</figure>\n").ToString();
    }
}
