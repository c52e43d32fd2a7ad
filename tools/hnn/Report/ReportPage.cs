using System.Text;
using Hnn.Model.Approximations;
using Hnn.Model.Sessions;
using Hnn.Model.Weights;
using Hnn.Tool.Evaluation;
using Hnn.Tool.Output;

namespace Hnn.Tool.Report;

/// <summary>report.html: one file that loads nothing and runs nothing. Holds no text of the data.</summary>
internal static class ReportPage
{
    /// <summary>Writes the page.</summary>
    /// <param name="result">What was found.</param>
    /// <param name="output">The same as it stands in summary.json, which the page's figures equal.</param>
    public static string Create(EvaluationResult result, EvaluateOutput output)
    {
        string title = SvgCanvas.Encode($"{output.Model} under encryption");
        StringBuilder html = new();
        html.Append($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>{title}</title>
            <style>
            {ReportStyle.Css}
            </style>
            </head>
            <body>
            <main>
            <h1>{title}</h1>
            <p class="lead">{SvgCanvas.Encode(Lead(output))}</p>

            """);
        html.Append(Tiles(output)).Append("<div class=\"figures\">\n");
        foreach (ReportFigure figure in Figures(result)) html.Append(figure.ToHtml());
        html.Append(Section("Metrics", Metrics(result, output))).Append("</div>\n")
            .Append(Section("Buckets", Buckets(output))).Append(Section("Disagreements", Disagreements(output)));

        html.Append(Provenance(result, output)).Append("</main>\n</body>\n</html>\n");
        return html.ToString();
    }

    /// <summary>The page's figures, in order.</summary>
    internal static IEnumerable<ReportFigure> Figures(EvaluationResult result)
    {
        HnnConfig config = result.Input.Model.Config;
        SoftArgmaxConfig soft = config.SoftArgmax;
        (IReadOnlyList<double[]> logits, IReadOnlyList<int> labels) = (result.Input.Clear.Logits, result.Input.Clear.Labels);
        double initial = soft.Calibration?.InitialTemperature ?? DifferentiableSoftArgmax.InitialTemperature;
        IReadOnlyList<StageError> layers = result.Layers;
        yield return PrecisionFigure.Create(layers);
        yield return NoiseFigure.Create(layers);
        yield return TimeFigure.Create(result.State);
        yield return TemperatureFigure.Create(
            TemperatureSweep.Create(logits, labels, soft, initial), soft.Temperature, config.Labels.Count);
        yield return ConfusionFigure.Create(result.Summary.Encrypted.Confusion, config.Labels);
        yield return ReliabilityFigure.Create(logits, labels, initial, soft.Temperature);
        yield return ErrorFigure.Create([.. result.State.Sentences.Select(s => s.Scored)], config.Labels.Count);
    }

    private static string Lead(EvaluateOutput o) => Units.Format(
        $"{o.Sentences} labelled sentences of {o.Data}, encrypted, classified by the network on ciphertexts, decrypted, and held against ")
        + $"the same network in the clear. {Security(o.SecurityBits)}, packing for {o.Packing}.";

    private static string Tiles(EvaluateOutput o)
    {
        (string Field, double? Value, string Shown, string Name)[] tiles =
        [
            ("accuracy", o.Accuracy, Units.Format($"{o.Accuracy:F4}"), "accuracy, encrypted"),
            ("plainAccuracy", o.PlainAccuracy, Units.Format($"{o.PlainAccuracy:F4}"), "accuracy in the clear"),
            ("f1", o.F1, Units.Format($"{o.F1:F4}"), "F1, encrypted"),
            ("auroc", o.Auroc, o.Auroc is { } area ? Units.Format($"{area:F4}") : "undefined", "AUROC, encrypted"),
            ("agreement", o.Agreement, Units.Format($"{100 * o.Agreement:0.##} %"), "labels as in the clear"),
            ("maxAbsError", o.MaxAbsError, Units.Format($"{o.MaxAbsError:0.0e-0}"), "largest error released"),
            ("secondsPerSentence", o.SecondsPerSentence, Units.Milliseconds(1000 * o.SecondsPerSentence), "a sentence"),
            ("peakBytes", o.PeakBytes, Units.Bytes(o.PeakBytes), "peak memory"),
        ];
        StringBuilder html = new("<ul class=\"tiles\">\n");
        foreach ((string field, double? value, string shown, string name) in tiles)
        {
            string exact = value is { } number ? Units.Format($"{number:R}") : "null";
            html.Append($"<li data-field=\"{field}\" data-value=\"{exact}\"><b>{shown}</b><span>{name}</span></li>\n");
        }

        return html.Append("</ul>\n").ToString();
    }

    private static ReportTable Metrics(EvaluationResult result, EvaluateOutput o)
    {
        IReadOnlyList<string> labels = result.Input.Model.Config.Labels;
        string[] Pair(string name, double? encrypted, double? plain) => [name, Shown(encrypted), Shown(plain)];
        return new(
            labels.Count == 2 ? $"Precision, recall, F1 and AUROC of '{labels[1]}'" : $"Means of {labels.Count} classes",
            ["metric", "encrypted", "in the clear"],
            [
                Pair("accuracy", o.Accuracy, o.PlainAccuracy), Pair("precision", o.Precision, o.PlainPrecision),
                Pair("recall", o.Recall, o.PlainRecall), Pair("F1", o.F1, o.PlainF1), Pair("AUROC", o.Auroc, o.PlainAuroc),
                Pair("entropy, bits", o.EntropyBits, o.PlainEntropyBits),
            ]);
    }

    private static ReportTable Buckets(EvaluateOutput o) => new(
        "Keys of all sessions; mean seconds a sentence",
        ["bucket", "sentences", "keys, s", "keys", "encrypt", "evaluate", "decrypt", "largest error"],
        [.. o.Buckets.Select(b => (string[])[
            $"{b.Bucket}", $"{b.Count}", Units.Format($"{b.KeySeconds:F1}"), Units.Bytes(b.KeyBytes),
            Units.Format($"{b.EncryptSeconds:F3}"), Units.Format($"{b.EvaluateSeconds:F3}"), Units.Format($"{b.DecryptSeconds:F3}"),
            Units.Format($"{b.MaxAbsError:0.0e-0}")])]);

    private static ReportTable Disagreements(EvaluateOutput o) => new(
        o.Disagreements.Count == 0
            ? $"None: all {o.Sentences} labels are those of the network in the clear"
            : $"{o.Disagreements.Count} of {o.Sentences} labels differ from the network in the clear",
        ["sentence", "encrypted", "in the clear", "true", "margin", "error"],
        [.. o.Disagreements.Select(d => (string[])[
            $"{d.Index}", d.Label ?? "out of range", d.PlainLabel, d.GoldLabel, Units.Format($"{d.Margin:0.0e-0}"),
            Units.Format($"{d.AbsError:0.0e-0}")])]);

    private static string Provenance(EvaluationResult result, EvaluateOutput o)
    {
        ParametersOutput p = o.Parameters;
        IReadOnlyList<SessionRow> sessions = result.State.Sessions;
        (string Name, string Value)[] rows =
        [
            ("command", result.Request.Command),
            ("version", string.Join("; ", sessions.Select(s => s.Version).Distinct())),
            ("machine", string.Join("; ", sessions.Select(s => $"{s.Machine}, {s.Threads} thread(s)").Distinct())),
            ("backend", o.Backend ?? "not recorded"),
            ("parameters", Units.Format($"N = 2^{p.LogN}, log Q = {p.LogQ:F1}, log QP = {p.LogQP:F1}, {p.Levels} levels, ")
                + $"dnum {p.DigitCount}, {Security(o.SecurityBits)} ({p.Id})"),
            ("time", Units.Format($"{o.TotalSeconds:F1} s in {o.Runs} start(s), {o.KeySeconds:F1} s of it keys")),
            ("model", $"{o.Model}, SHA-256 {o.ModelId}"),
            ("data", $"{o.Data}, SHA-256 {result.Input.Identity.DataSha256}"),
            ("sentences", $"{o.Sentences}; {o.OutOfRange} out of range, {o.Truncated} truncated"),
        ];
        StringBuilder html = new("<section><h2>How it was made</h2>\n<dl>\n");
        foreach ((string name, string value) in rows)
        {
            string shown = SvgCanvas.Encode(value);
            html.Append($"<dt>{name}</dt><dd>{(name == "command" ? $"<code>{shown}</code>" : shown)}</dd>\n");
        }

        return html.Append("</dl>\n</section>\n").ToString();
    }

    private static string Security(int bits) => bits == 0 ? "INSECURE parameters" : $"{bits}-bit security";

    private static string Section(string heading, ReportTable table) =>
        $"<section><h2>{heading}</h2>\n{table.ToHtml()}\n</section>\n";

    private static string Shown(double? value) => value is { } number ? Units.Format($"{number:F4}") : "undefined";
}
