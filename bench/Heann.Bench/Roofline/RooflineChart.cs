using System.Globalization;
using System.Security;
using System.Text;

namespace Heann.Bench.Roofline;

/// <summary>The chart as SVG text: work per byte across, work per second upwards, logarithmic; a mark for each operation and N.</summary>
internal sealed class RooflineChart
{
    private const string Title = "Operations of Heann.Core against the limits of one core";
    private const int Width = 1010;
    private const int Height = 650;
    private const double Left = 70;
    private const double Right = 720;
    private const double Top = 60;
    private const double Bottom = 560;
    private const double LabelLeft = 752;
    private const double LabelHeight = 26;
    private const string RoofStroke = "stroke=\"#222\" stroke-width=\"2\"";

    private static readonly Dictionary<int, (string Colour, string Name)> Series = new()
    {
        [14] = ("#0b6e4f", "N = 2^14 (S14)"),
        [15] = ("#c1440e", "N = 2^15 (S15)"),
        [16] = ("#2c4f9e", "N = 2^16 (S16)"),
    };

    private readonly Ceilings _ceilings;
    private readonly IReadOnlyList<RooflinePoint> _points;
    private readonly StringBuilder _svg = new();
    private readonly (int Low, int High) _x;
    private readonly (int Low, int High) _y;

    private RooflineChart(Ceilings ceilings, IReadOnlyList<RooflinePoint> points)
    {
        _ceilings = ceilings;
        _points = points;

        // Whole powers of two around everything.
        _x = (Floor(points.Min(p => p.Work.Intensity)) - 1, Ceiling(points.Max(p => p.Work.Intensity)) + 1);
        _y = (Floor(points.Min(p => p.GigaFlops)) - 1, Ceiling(Math.Max(ceilings.GigaFlops, points.Max(p => p.GigaFlops))) + 1);
    }

    /// <summary>Draws the chart.</summary>
    /// <param name="ceilings">The limits of the machine.</param>
    /// <param name="points">The operations, at N = 2^14 … 2^16.</param>
    /// <param name="caption">Machine and commit, below.</param>
    public static string Draw(Ceilings ceilings, IReadOnlyList<RooflinePoint> points, string caption)
    {
        RooflineChart chart = new(ceilings, points);
        chart.Write($"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" width="{Width}" height="{Height}"
              font-family="sans-serif" font-size="12" fill="#222">
            <title>{Title}</title>
            <rect width="{Width}" height="{Height}" fill="#ffffff"/>
            """);
        chart.Legends(caption);
        chart.Grid();
        chart.Roofs();
        chart.Marks();
        chart.Labels();
        chart.Write($"</svg>");
        return chart._svg.ToString();
    }

    private static int Floor(double x) => (int)Math.Floor(Math.Log2(x));

    private static int Ceiling(double x) => (int)Math.Ceiling(Math.Log2(x));

    private static string Power(int e) => e >= 0 ? Invariant($"{1L << e}") : Invariant($"1/{1L << -e}");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private double X(double intensity) => Left + ((Math.Log2(intensity) - _x.Low) / (_x.High - _x.Low) * (Right - Left));

    private double Y(double gigaFlops) => Bottom - ((Math.Log2(gigaFlops) - _y.Low) / (_y.High - _y.Low) * (Bottom - Top));

    private void Legends(string caption)
    {
        const string Small = "font-size=\"11\" fill=\"#555\"";
        const double Middle = (Top + Bottom) / 2;
        Text(Left, 26, Title, "font-size=\"16\" font-weight=\"bold\"");
        double x = Left;
        foreach ((_, (string colour, string name)) in Series)
        {
            Write($"""<circle cx="{x + 5:F1}" cy="43" r="5" fill="{colour}"/>""");
            Text(x + 15, 47, name);
            x += 130;
        }

        Text((Left + Right) / 2, Bottom + 38, "floating-point operations per byte of operands, keys and results", "text-anchor=\"middle\"");
        string upright = Invariant($"text-anchor=\"middle\" transform=\"rotate(-90 20 {Middle})\"");
        Text(20, Middle, "GFLOP/s, a fused multiply-add being two", upright);
        Text(Left, Bottom + 62, caption, Small);
        Text(Left, Bottom + 78, "What passes between the steps of an operation is not counted among the bytes.", Small);
    }

    private void Grid()
    {
        const string Light = "stroke=\"#e4e4e4\"";
        for (int e = _x.Low; e <= _x.High; e++)
        {
            double x = X(Math.ScaleB(1, e));
            Line((x, Top), (x, Bottom), Light);
            Text(x, Bottom + 17, Power(e), "text-anchor=\"middle\"");
        }

        for (int e = _y.Low; e <= _y.High; e++)
        {
            double y = Y(Math.ScaleB(1, e));
            Line((Left, y), (Right, y), Light);
            Text(Left - 8, y + 4, Power(e), "text-anchor=\"end\"");
        }
    }

    private void Roofs()
    {
        Slope(_ceilings.MemoryGigabytes, "copy in memory", "");
        Slope(_ceilings.CacheGigabytes, "copy in second-level cache", " stroke-dasharray=\"6 4\"");
        double y = Y(_ceilings.GigaFlops);
        Line((X(_ceilings.GigaFlops / _ceilings.CacheGigabytes), y), (Right, y), RoofStroke);
        Text(Right - 6, y - 7, Invariant($"fused multiply-adds, {_ceilings.GigaFlops:F0} GFLOP/s"), "text-anchor=\"end\"");
    }

    // From the left or the lower edge up to the horizontal roof.
    private void Slope(double gigabytes, string label, string dashes)
    {
        double start = Math.Max(Math.ScaleB(1, _x.Low), Math.ScaleB(1, _y.Low) / gigabytes);
        (double X, double Y) from = (X(start), Y(start * gigabytes));
        (double X, double Y) to = (X(_ceilings.GigaFlops / gigabytes), Y(_ceilings.GigaFlops));
        Line(from, to, RoofStroke + dashes);
        double angle = Math.Atan2(to.Y - from.Y, to.X - from.X) * 180 / Math.PI;
        double x = from.X + ((to.X - from.X) * 0.08);
        double y = from.Y + ((to.Y - from.Y) * 0.08);
        Text(x, y - 7, Invariant($"{label}, {gigabytes:F0} GB/s"), Invariant($"transform=\"rotate({angle:F1} {x:F1} {y:F1})\""));
    }

    private void Marks()
    {
        foreach (RooflinePoint p in _points)
        {
            Write($"""
                <circle class="mark" id="{p.Op}-{p.LogN}" cx="{X(p.Work.Intensity):F1}" cy="{Y(p.GigaFlops):F1}" r="4.5"
                  fill="{Series[p.LogN].Colour}">
                <title>{p.Op}, N = 2^{p.LogN}: {p.Microseconds:F0} us, {p.GigaFlops:F1} GFLOP/s, {p.Gigabytes:F1} GB/s</title></circle>
                """);
        }
    }

    // One label an operation, at the right of the chart in the order of height, with a line to its mark at the largest N.
    private void Labels()
    {
        RooflinePoint[] labelled = [.. _points.GroupBy(p => p.Op).Select(g => g.MaxBy(p => p.LogN)!).OrderBy(p => Y(p.GigaFlops))];
        double y = Top + 8;
        for (int i = 0; i < labelled.Length; i++)
        {
            // As near its mark as the labels above and the room for those below allow.
            RooflinePoint p = labelled[i];
            double lowest = Bottom - ((labelled.Length - 1 - i) * LabelHeight);
            y = Math.Clamp(Y(p.GigaFlops), y, Math.Max(y, lowest));
            Write($"""
                <polyline points="{X(p.Work.Intensity):F1},{Y(p.GigaFlops):F1} {LabelLeft - 18},{y:F1} {LabelLeft - 6},{y:F1}"
                  fill="none" stroke="#999" stroke-width="0.7"/>
                <text class="label" x="{LabelLeft}" y="{y + 4:F1}">{p.Op}<tspan dx="7" font-size="11"
                  fill="#555">{p.GigaFlops:F1} GFLOP/s, {p.Gigabytes:F1} GB/s</tspan></text>
                """);
            y += LabelHeight;
        }
    }

    private void Line((double X, double Y) from, (double X, double Y) to, string attributes) =>
        Write($"""<line x1="{from.X:F1}" y1="{from.Y:F1}" x2="{to.X:F1}" y2="{to.Y:F1}" {attributes}/>""");

    private void Text(double x, double y, string text, string attributes = "") =>
        Write($"""<text x="{x:F1}" y="{y:F1}" {attributes}>{SecurityElement.Escape(text)}</text>""");

    private void Write(FormattableString text) => _svg.Append(Invariant(text)).Append('\n');
}
