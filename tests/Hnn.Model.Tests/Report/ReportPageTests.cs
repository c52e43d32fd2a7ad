using System.Text.RegularExpressions;
using Hnn.Model.Metrics;
using Hnn.Model.Sessions;
using Hnn.Model.Tests.Evaluation;
using Hnn.Model.Weights;
using Hnn.Tool.Evaluation;
using Hnn.Tool.Output;
using Hnn.Tool.Report;

namespace Hnn.Model.Tests.Report;

public sealed partial class ReportPageTests
{
    [Fact]
    public void Page_LoadsNothingAndHoldsNoText()
    {
        using SampleEvaluation sample = new();
        EvaluationResult result = sample.Result();
        string page = ReportPage.Create(result, EvaluateOutput.Create(result));
        Assert.DoesNotMatch("(?i)https?://|<script|<link|<img|<iframe|@import|url\\(|\\bon[a-z]+=", page);
        Assert.Contains("default-src 'none'", page, StringComparison.Ordinal);
        Assert.DoesNotContain("film", page, StringComparison.Ordinal);
        Assert.DoesNotContain("/data/", page, StringComparison.Ordinal);
        Assert.Contains("hnn evaluate --data data.tsv --packing latency --trace 1 --threads 2", page, StringComparison.Ordinal);
        Assert.Contains("1.2.3+abc", page, StringComparison.Ordinal);
        Assert.Contains(result.Input.Identity.DataSha256, page, StringComparison.Ordinal);
        Assert.Equal(page, ReportPage.Create(result, EvaluateOutput.Create(result)));
    }

    [Fact]
    public void Ids_AreUniqueAndEveryReferenceHasOne()
    {
        using SampleEvaluation sample = new();
        EvaluationResult result = sample.Result();
        string page = ReportPage.Create(result, EvaluateOutput.Create(result));
        string[] ids = [.. Id().Matches(page).Select(m => m.Groups[1].Value)];
        string[] references = [.. Reference().Matches(page).Select(m => m.Groups[1].Value)];
        Assert.Equal(ids.Distinct(), ids);
        Assert.Equal(7, references.Length);
        Assert.All(references, reference => Assert.Contains(reference, ids));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void Figures_HaveAMarkForEachNumber(int classCount)
    {
        using SampleEvaluation sample = new(classCount: classCount);
        EvaluationResult result = sample.Result();
        Dictionary<string, int> marks = ReportPage.Figures(result).ToDictionary(f => f.Id, f => Mark().Count(f.Svg));
        ReportFigure errors = ReportPage.Figures(result).Single(f => f.Id == "errors");
        Assert.Equal(["precision", "noise", "time", "temperature", "confusion", "reliability", "errors"], marks.Keys);
        Assert.Equal((66, 66, 24), (marks["precision"], marks["noise"], marks["time"]));
        Assert.Equal(classCount * (classCount + 1), marks["confusion"]); // a column for the one without a label
        Assert.Equal(classCount == 2 ? 3 : 4, marks["temperature"]);
        SoftArgmaxConfig soft = result.Input.Model.Config.SoftArgmax;
        int bins = ReliabilityDiagram.Create(result.Input.Clear.Logits, result.Input.Clear.Labels, soft.Temperature).Count;
        Assert.Equal(2 * bins, marks["reliability"]); // T is T_0 here
        double[] margins = [.. result.State.Sentences.Where(s => s.Label is not null).Select(s => s.Scored.Margin(classCount))];
        Assert.Equal(4 + margins.Select(m => Math.Floor(4 * Math.Log10(m))).Distinct().Count(), marks["errors"]);
        Assert.Equal(39, errors.Table!.Rows.Sum(row => int.Parse(row[2], System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal(39, errors.Table!.Rows.Sum(row => int.Parse(row[3], System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void WithoutATrace_ItSaysHowToHaveOne()
    {
        Assert.Contains("--trace 1", PrecisionFigure.Create([]).ToHtml(), StringComparison.Ordinal);
        Assert.Contains("--trace 1", NoiseFigure.Create([]).ToHtml(), StringComparison.Ordinal);
        Assert.Contains("No sentence is in range", ErrorFigure.Create([], 2).ToHtml(), StringComparison.Ordinal);
    }

    [Fact]
    public void ErrorsOfZeroAndInfinity_AreDrawnWithinTheFigure()
    {
        StageError[] steps = [.. SampleEvaluation.Trace(0).Steps];
        steps[1] = steps[1] with { MaxError = 0, MeanError = 0, NoiseBits = double.NegativeInfinity };
        steps[2] = steps[2] with { MaxError = double.PositiveInfinity, BudgetBits = -3 };
        foreach (string svg in (string[])[PrecisionFigure.Create(steps).Svg, NoiseFigure.Create(steps).Svg])
        {
            Assert.DoesNotMatch("(x|y|cx|cy|width|height)=\"(-|NaN|[^\"]*Infinity|∞)", svg);
        }
    }

    [Fact]
    public void NamesOfStrangers_AreEncoded()
    {
        string html = ConfusionFigure.Create(new ConfusionMatrix([0, 1], [0, 1], 2), ["<b>bold</b>", "\" onload=x & y"]).ToHtml();
        Assert.DoesNotContain("<b>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("\" onload", html, StringComparison.Ordinal);
        Assert.Contains("&lt;b&gt;bold&lt;/b&gt;", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("layers.0.attention.qkv", "0 qkv")]
    [InlineData("layers.11.ff.activation", "11 ff.activation")]
    [InlineData("layers.3", "3 output")]
    [InlineData("head.classifier", "head.classifier")]
    [InlineData("soft-argmax", "soft-argmax")]
    public void Steps_HaveShortNames(string name, string shown) => Assert.Equal(shown, StepRows.Shorten(name));

    [Theory]
    [InlineData(0, 1)]
    [InlineData(-3.7, 946)]
    [InlineData(1e-9, 2e-9)]
    [InlineData(5, 5)]
    [InlineData(0.83, 0.85)]
    public void Axis_HasRoundTicksAroundTheValues(double low, double high)
    {
        Axis axis = Axis.Around(low, high, 100, 0);
        Assert.True(axis.Low <= low + 1e-12 && axis.High >= high - 1e-12 && axis.High > axis.Low);
        Assert.InRange(axis.Ticks.Count, 2, 8);
        Assert.Equal((axis.Low, axis.High), (axis.Ticks[0], axis.Ticks[^1]));
        double step = axis.Ticks[1] - axis.Ticks[0], mantissa = step / Math.Pow(10, Math.Floor(Math.Log10(step) + 1e-9));
        Assert.Contains(Math.Round(mantissa, 6), (double[])[1, 2, 5]);
        Assert.Equal((100.0, 0.0, 50.0), (axis.At(axis.Low), axis.At(axis.High), Math.Round(axis.At((axis.Low + axis.High) / 2), 6)));
        Assert.Equal((100.0, 0.0), (axis.At(double.NegativeInfinity), axis.At(double.PositiveInfinity)));
    }

    [Fact]
    public void Sweep_EqualsTheNaiveDefinitions()
    {
        double[][] logits = [[0, 2, 1], [5, 0, 5], [0, 0, 9], [1, 2, 3]];
        int[] labels = [1, 2, 2, 0];
        SoftArgmaxConfig config = new(1.5, -3, 3);
        foreach (TemperatureSweep point in TemperatureSweep.Create(logits, labels, config, 2))
        {
            double t = point.Temperature;
            double[][] p = [.. logits.Select(x => x.Select(v => Math.Exp(v / t) / x.Sum(w => Math.Exp(w / t))).ToArray())];
            bool[] inside = [.. logits.Select(x => x.All(v => Math.Abs(v - x.Average()) / t <= 3))];
            bool[] right = [true, false, true, false]; // a tie goes to the first
            Assert.Equal((0.5, right.Zip(inside).Count(r => r.First && r.Second) / 4.0), (point.Accuracy, point.InIntervalAccuracy));
            Assert.Equal(p.Zip(labels).Count(s => Math.Abs(s.First[1] + (2 * s.First[2]) - s.Second) < 0.5) / 4.0, point.RoundedAccuracy);
            Assert.Equal(p.Average(row => -row.Sum(v => v * Math.Log2(v))), point.EntropyBits, 1e-12);
        }

        double[] sweep = [.. TemperatureSweep.Create(logits, labels, config, 2).Select(point => point.Temperature)];
        Assert.Equal(sweep.Order(), sweep);
        Assert.Contains(1.5, sweep);
        Assert.Contains(2.0, sweep);
        Assert.Equal((1.5 / 8, 8.0), (Math.Round(sweep[0], 9), Math.Round(sweep[^1], 9)));
    }

    [GeneratedRegex("class=\"mark ")]
    private static partial Regex Mark();

    [GeneratedRegex(" id=\"([^\"]+)\"")]
    private static partial Regex Id();

    [GeneratedRegex("aria-labelledby=\"([^\"]+)\"")]
    private static partial Regex Reference();
}
