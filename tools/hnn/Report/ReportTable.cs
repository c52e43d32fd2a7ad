using System.Text;

namespace Hnn.Tool.Report;

/// <summary>Numbers in rows, the first cell of each its name.</summary>
/// <param name="Caption">What the rows are.</param>
/// <param name="Headers">Names of the columns.</param>
/// <param name="Rows">Cells as shown, as many as headers.</param>
internal sealed record ReportTable(string Caption, IReadOnlyList<string> Headers, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    /// <summary>The table as HTML, in a box that scrolls where it is too wide.</summary>
    public string ToHtml()
    {
        StringBuilder html = new();
        string caption = SvgCanvas.Encode(Caption);
        html.Append($"<div class=\"scroll\" role=\"region\" aria-label=\"{caption}\" tabindex=\"0\">")
            .Append($"<table><caption>{caption}</caption>\n<thead><tr>");
        foreach (string header in Headers) html.Append($"<th scope=\"col\">{SvgCanvas.Encode(header)}</th>");
        html.Append("</tr></thead>\n<tbody>\n");
        foreach (IReadOnlyList<string> row in Rows)
        {
            html.Append($"<tr><th scope=\"row\">{SvgCanvas.Encode(row[0])}</th>");
            foreach (string cell in row.Skip(1)) html.Append($"<td>{SvgCanvas.Encode(cell)}</td>");
            html.Append("</tr>\n");
        }

        return html.Append("</tbody></table></div>").ToString();
    }
}
