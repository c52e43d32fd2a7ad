using System.Net;
using System.Text;
using Hnn.Tool.Output;

namespace Hnn.Tool.Report;

/// <summary>Draws SVG text whose colours are the page's style sheet's: a class for each role, none inline.</summary>
/// <param name="height">Height in units; the width is <see cref="Width"/>, whatever it is shown at.</param>
internal sealed class SvgCanvas(double height)
{
    /// <summary>Width in units: letters of 12 are readable on a telephone and not large on a desk.</summary>
    public const double Width = 420;

    /// <summary>Units that a letter of an axis takes, on average.</summary>
    public const double LetterWidth = 6.3;

    private readonly StringBuilder _svg = new();

    /// <summary>Where the text of a drawing is put.</summary>
    internal enum Anchor
    {
        /// <summary>The text begins there.</summary>
        Start,

        /// <summary>Its middle is there.</summary>
        Middle,

        /// <summary>It ends there.</summary>
        End,
    }

    /// <summary>A straight line.</summary>
    public void Line((double X, double Y) from, (double X, double Y) to, string style) =>
        Write($"""<line class="{style}" x1="{from.X:F1}" y1="{from.Y:F1}" x2="{to.X:F1}" y2="{to.Y:F1}"/>""");

    /// <summary>A line through points.</summary>
    public void Path(IEnumerable<(double X, double Y)> points, string style) =>
        Write($"""<polyline class="{style}" points="{string.Join(' ', points.Select(p => Units.Format($"{p.X:F1},{p.Y:F1}")))}"/>""");

    /// <summary>Text of 12 units, or as its class says.</summary>
    public void Text(double x, double y, string text, Anchor anchor = Anchor.Start, string style = "tick") =>
        Write($"""<text class="{style} {anchor.ToString().ToLowerInvariant()}" x="{x:F1}" y="{y:F1}">{Encode(text)}</text>""");

    /// <summary>A point that stands for a number, which is read when pointed at.</summary>
    public void Dot(double x, double y, string series, string reading, double radius = 3.6) =>
        Write($"""<circle class="mark {series}" cx="{x:F1}" cy="{y:F1}" r="{radius:F1}"><title>{Encode(reading)}</title></circle>""");

    /// <summary>A box that stands for a number.</summary>
    public void Bar((double X, double Y) corner, (double Width, double Height) size, string series, string reading) => Write($"""
        <rect class="mark {series}" x="{corner.X:F1}" y="{corner.Y:F1}" width="{size.Width:F1}" height="{size.Height:F1}">
        <title>{Encode(reading)}</title></rect>
        """);

    /// <summary>Vertical lines and their values below; the name of the axis below them.</summary>
    public void Across(Axis axis, (double Top, double Bottom) plot, string name, Func<double, string> format)
    {
        foreach (double tick in axis.Ticks)
        {
            Line((axis.At(tick), plot.Top), (axis.At(tick), plot.Bottom), "grid");
            Text(axis.At(tick), plot.Bottom + 18, format(tick), Anchor.Middle);
        }

        Text((axis.Start + axis.End) / 2, plot.Bottom + 35, name, Anchor.Middle, "axis");
    }

    /// <summary>Horizontal lines and their values at the left.</summary>
    public void Upward(Axis axis, (double Left, double Right) plot, Func<double, string> format)
    {
        foreach (double tick in axis.Ticks)
        {
            Line((plot.Left, axis.At(tick)), (plot.Right, axis.At(tick)), "grid");
            Text(plot.Left - 6, axis.At(tick) + 4, format(tick), Anchor.End);
        }
    }

    /// <summary>The drawing as an image with a title.</summary>
    /// <param name="id">Of the figure; the ids inside begin with it.</param>
    /// <param name="title">What a reader hears who does not see it.</param>
    public string ToSvg(string id, string title) => Units.Format(
        $"""<svg role="img" aria-labelledby="{id}-title" viewBox="0 0 {Width:F0} {height:F0}"><title id="{id}-title">""")
        + Encode(title) + "</title>\n" + _svg + "</svg>";

    /// <summary>Text as it may stand in a page.</summary>
    public static string Encode(string text) => WebUtility.HtmlEncode(text);

    private void Write(FormattableString element) => _svg.Append(Units.Format(element)).Append('\n');
}
