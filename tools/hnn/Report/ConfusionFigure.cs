using Hnn.Model.Metrics;
using Hnn.Tool.Output;

namespace Hnn.Tool.Report;

/// <summary>True classes against encrypted labels.</summary>
internal static class ConfusionFigure
{
    private const string Id = "confusion";
    private const double Top = 44, Right = SvgCanvas.Width - 10;

    /// <summary>Draws a matrix; a column for sentences without a label where there are any.</summary>
    public static ReportFigure Create(ConfusionMatrix matrix, IReadOnlyList<string> labels)
    {
        int n = matrix.ClassCount;
        bool hasUnanswered = Enumerable.Range(0, n).Any(c => matrix.Unanswered(c) > 0);
        string[] columns = [.. labels.Select(Cut), .. hasUnanswered ? (string[])["none"] : []];
        int Count(int label, int column) => column < n ? matrix[label, column] : matrix.Unanswered(label);

        double left = 12 + (SvgCanvas.LetterWidth * columns.Max(c => c.Length));
        double width = (Right - left) / columns.Length, height = Math.Min(64, width);
        SvgCanvas svg = new(Top + (height * n) + 8);
        svg.Text((left + Right) / 2, 16, "label under encryption", SvgCanvas.Anchor.Middle, "axis");
        for (int c = 0; c < columns.Length; c++) svg.Text(left + (width * (c + 0.5)), 36, columns[c], SvgCanvas.Anchor.Middle);
        for (int label = 0; label < n; label++)
        {
            double y = Top + (height * label);
            svg.Text(left - 6, y + (height / 2) + 4, columns[label], SvgCanvas.Anchor.End);
            for (int c = 0; c < columns.Length; c++)
            {
                int count = Count(label, c);
                double part = matrix.Support(label) == 0 ? 0 : (double)count / matrix.Support(label);
                svg.Bar(
                    (left + (width * c) + 1, y + 1), (width - 2, height - 2),
                    $"shade{(int)Math.Round(5 * part)} {(c == label ? "right" : "wrong")}",
                    Units.Format($"{labels[label]} labelled {(c < n ? labels[c] : "out of range")}: {count}, {100 * part:F1} %"));
                svg.Text(left + (width * (c + 0.5)), y + (height / 2) + 5, $"{count}", SvgCanvas.Anchor.Middle, "cell");
            }
        }

        return new(
            Id, "Confusion matrix",
            "True classes at the left, encrypted labels above; a stronger colour holds more of its row."
            + (hasUnanswered ? " Sentences out of range have no label." : string.Empty),
            [("right", "right"), ("wrong", "wrong")],
            svg.ToSvg(Id, $"Confusion matrix: {matrix.CorrectCount} of {matrix.Count} right"),
            new("True classes in rows", ["class", .. columns, "precision", "recall", "F1"],
                [.. Enumerable.Range(0, n).Select(label => (string[])[
                    labels[label], .. Enumerable.Range(0, columns.Length).Select(c => $"{Count(label, c)}"),
                    Units.Format($"{matrix.Precision(label):F4}"), Units.Format($"{matrix.Recall(label):F4}"),
                    Units.Format($"{matrix.F1(label):F4}")])]));
    }

    private static string Cut(string label) => label.Length <= 13 ? label : label[..12] + "…";
}
