using System.Globalization;
using System.Security;
using System.Text;

namespace Heann.Bench.ThroughputCost;

/// <summary>The chart as SVG text: sentences across, seconds upwards, both logarithmic. Measured is filled and drawn through, predicted is
/// hollow and dashed.</summary>
internal sealed class CostChart
{
    private const int Width = 900;
    private const int Height = 620;
    private const double Left = 80;
    private const double Right = 690;
    private const double Top = 70;
    private const double Bottom = 520;
    private static readonly string[] Colours = ["#0b6e4f", "#c1440e", "#2c4f9e", "#8a4f9e", "#555555"];

    private readonly CostTable _table;
    private readonly StringBuilder _svg = new();
    private readonly double _most;
    private readonly (int Low, int High) _decades;

    private CostChart(CostTable table)
    {
        _table = table;
        _most = table.Predictions.Max(p => p.BatchSize);
        double least = table.Predictions.Min(p => Math.Min(p.SentenceSeconds, Sentence(p).Seconds));
        double largest = table.Predictions.Max(
            p => Math.Max(Sentence(p).Seconds * p.BatchSize, Math.Max(p.BatchSeconds, Batch(p).Seconds)));
        _decades = ((int)Math.Floor(Math.Log10(least)), (int)Math.Ceiling(Math.Log10(largest)));
    }

    /// <summary>Draws the chart.</summary>
    public static string Draw(CostTable table)
    {
        CostChart chart = new(table);
        string title = $"A batch against the same sentences one at a time, {table.Model}";
        chart.Write($"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" width="{Width}" height="{Height}"
              font-family="sans-serif" font-size="12" fill="#222">
            <title>{SecurityElement.Escape(title)}</title>
            <rect width="{Width}" height="{Height}" fill="#ffffff"/>
            """);
        chart.Text(Left, 28, title, "font-size=\"16\" font-weight=\"bold\"");
        chart.Text(Left, 48, 
            "Flat: a batch. Rising: one sentence after the other. Filled, drawn through: measured. Hollow, dashed: predicted.");
        chart.Grid();
        foreach ((CostPrediction plan, int index) in table.Predictions.Select((p, i) => (p, i)))
        {
            chart.Series(plan, Colours[index % Colours.Length], index);
        }

        chart.Write($"</svg>");
        return chart._svg.ToString();
    }

    private (double Seconds, bool IsMeasured) Batch(CostPrediction plan) =>
        _table.MeasuredBatchSeconds(plan.Bucket) is { } seconds ? (seconds, true) : (plan.BatchSeconds, false);

    private (double Seconds, bool IsMeasured) Sentence(CostPrediction plan) =>
        _table.MeasuredSentenceSeconds(plan.Bucket) is { } seconds ? (seconds, true) : (plan.SentenceSeconds, false);

    private double X(double sentences) => Left + (Math.Log(sentences) / Math.Log(_most) * (Right - Left));

    private double Y(double seconds) => Bottom - ((Math.Log10(seconds) - _decades.Low) / (_decades.High - _decades.Low) * (Bottom - Top));

    private void Grid()
    {
        const string Light = "stroke=\"#e4e4e4\"";
        for (int count = 1; count <= _most; count *= 4)
        {
            Line((X(count), Top), (X(count), Bottom), Light);
            Text(X(count), Bottom + 18, $"{count}", "text-anchor=\"middle\"");
        }

        for (int decade = _decades.Low; decade <= _decades.High; decade++)
        {
            double y = Y(Math.Pow(10, decade));
            Line((Left, y), (Right, y), Light);
            Text(Left - 8, y + 4, Math.Pow(10, decade).ToString("0.####", CultureInfo.InvariantCulture), "text-anchor=\"end\"");
        }

        Text((Left + Right) / 2, Bottom + 40, "sentences", "text-anchor=\"middle\"");
        const double Middle = (Top + Bottom) / 2;
        string upright = string.Create(CultureInfo.InvariantCulture, $"text-anchor=\"middle\" transform=\"rotate(-90 24 {Middle})\"");
        Text(24, Middle, "seconds: encryption, evaluation, decryption", upright);
        Text(Left, Bottom + 66, $"{_table.Machine}; keys are made once and are not in it.", "font-size=\"11\" fill=\"#555\"");
        Text(Left, Bottom + 82, "Predictions are the evaluation alone, by the plans' cost model.", "font-size=\"11\" fill=\"#555\"");
    }

    private void Series(CostPrediction plan, string colour, int index)
    {
        (double batch, bool isBatchMeasured) = Batch(plan);
        (double sentence, bool isSentenceMeasured) = Sentence(plan);
        int[] measuredSizes = [.. _table.Rows
            .Where(row => row.Packing == CostRow.Throughput && row.Bucket == plan.Bucket).Select(row => row.Sentences).Order()];
        Line((X(1), Y(batch)), (X(plan.BatchSize), Y(batch)), Stroke(colour, isMeasured: false));
        if (isBatchMeasured)
        {
            Line((X(measuredSizes[0]), Y(batch)), (X(measuredSizes[^1]), Y(batch)), Stroke(colour, isMeasured: true));
        }

        Line((X(1), Y(sentence)), (X(plan.BatchSize), Y(sentence * plan.BatchSize)), Stroke(colour, isSentenceMeasured));
        foreach (int count in CostReport.Sizes.Where(size => size <= plan.BatchSize).Union(measuredSizes))
        {
            double? measured = _table.Find(CostRow.Throughput, plan.Bucket, count)?.Seconds;
            Mark((count, measured ?? plan.BatchSeconds), colour, measured is not null, $"bucket {plan.Bucket}, a batch of {count}");
        }

        if (isSentenceMeasured)
        {
            Mark((1, sentence), colour, true, $"bucket {plan.Bucket}, one sentence in the latency packing");
        }

        int even = CostTable.BreakEven(batch, sentence);
        string what = isBatchMeasured && isSentenceMeasured ? "measured" : "predicted";
        Legend(plan, (colour, index), even, what);
        if (even <= plan.BatchSize)
        {
            double x = X(batch / sentence), y = Y(batch);
            Write($"""
                <path class="even" d="M {x - 5:F1} {y:F1} L {x:F1} {y - 5:F1} L {x + 5:F1} {y:F1} L {x:F1} {y + 5:F1} Z"
                  fill="none" stroke="{colour}"/>
                """);
        }
    }

    private void Legend(CostPrediction plan, (string Colour, int Index) series, int even, string what)
    {
        const double X = Right + 24;
        double y = Top + 14 + (series.Index * 72);
        Write($"""<rect x="{X}" y="{y - 9:F1}" width="10" height="10" fill="{series.Colour}"/>""");
        Text(X + 16, y, $"bucket {plan.Bucket}", "font-weight=\"bold\"");
        Text(X, y + 18, $"a batch holds {plan.BatchSize}");
        Text(X, y + 34, even <= plan.BatchSize ? $"it pays from {even} sentences" : "it never pays");
        Text(X, y + 50, $"({what})", "font-size=\"11\" fill=\"#555\"");
    }

    private static string Stroke(string colour, bool isMeasured) =>
        $"stroke=\"{colour}\" stroke-width=\"1.6\"" + (isMeasured ? "" : " stroke-dasharray=\"5 4\"");

    private void Mark((int Sentences, double Seconds) at, string colour, bool isMeasured, string what) => Write($"""
        <circle class="{(isMeasured ? "measured" : "predicted")}" cx="{X(at.Sentences):F1}" cy="{Y(at.Seconds):F1}" r="4.5"
          fill="{(isMeasured ? colour : "#ffffff")}" stroke="{colour}">
        <title>{what}: {at.Seconds:F1} s, {(isMeasured ? "measured" : "predicted")}</title></circle>
        """);

    private void Line((double X, double Y) from, (double X, double Y) to, string attributes) =>
        Write($"""<line x1="{from.X:F1}" y1="{from.Y:F1}" x2="{to.X:F1}" y2="{to.Y:F1}" {attributes}/>""");

    private void Text(double x, double y, string text, string attributes = "") =>
        Write($"""<text x="{x:F1}" y="{y:F1}" {attributes}>{SecurityElement.Escape(text)}</text>""");

    private void Write(FormattableString text) => _svg.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
