using System.Text.Json;
using Hnn.Model.Tests.Evaluation;
using Hnn.Tool.Evaluation;
using Hnn.Tool.Output;
using Hnn.Tool.Report;
using Microsoft.Playwright;

namespace Hnn.Model.Tests.Report;

/// <summary>The report as a reader sees it: opened from the disk by a real browser. HNN_SCREENSHOTS=DIR keeps pages and pictures.</summary>
public sealed class ReportBrowserTests(Browser browser) : IClassFixture<Browser>
{
    // Texts of a drawing that touch each other or leave it, and elements that are wider than their place.
    private const string Faults = """
        () => {
          const faults = [];
          const meet = (a, b) => a.left < b.right - 0.5 && b.left < a.right - 0.5 && a.top < b.bottom - 0.5 && b.top < a.bottom - 0.5;
          const leaves = (r, box) => r.left < box.left - 1 || r.right > box.right + 1 || r.top < box.top - 1 || r.bottom > box.bottom + 1;
          for (const svg of document.querySelectorAll('figure svg')) {
            const box = svg.getBoundingClientRect();
            const texts = [...svg.querySelectorAll('text')].map(t => ({ text: t.textContent, r: t.getBoundingClientRect() }));
            const where = svg.closest('figure').id;
            texts.forEach((a, i) => {
              if (leaves(a.r, box)) faults.push(`${where}: '${a.text}' leaves the drawing`);
              for (const b of texts.slice(i + 1))
                if (meet(a.r, b.r))
                  faults.push(`${where}: '${a.text}' touches '${b.text}'`);
            });
            for (const mark of svg.querySelectorAll('.mark')) {
              if (leaves(mark.getBoundingClientRect(), box)) faults.push(`${where}: a mark leaves the drawing`);
            }
          }
          if (document.documentElement.scrollWidth > window.innerWidth) faults.push('the page scrolls sideways');
          for (const e of document.querySelectorAll('main *')) {
            if (e.closest('svg, .scroll')) continue;
            if (e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0)
              faults.push(`<${e.tagName}> '${e.textContent.slice(0, 30)}' overflows`);
          }
          const blocks = [...document.querySelectorAll('h1, .lead, .tiles li, figure, section')]
            .map(e => ({ e, r: e.getBoundingClientRect() }));
          blocks.forEach((a, i) => blocks.slice(i + 1).forEach(b => {
            if (meet(a.r, b.r)) faults.push(`<${a.e.tagName}> and <${b.e.tagName}> overlap`);
          }));
          return faults;
        }
        """;

    [Theory]
    [InlineData(2, 375, ColorScheme.Light)]
    [InlineData(2, 375, ColorScheme.Dark)]
    [InlineData(2, 1280, ColorScheme.Light)]
    [InlineData(2, 1280, ColorScheme.Dark)]
    [InlineData(5, 375, ColorScheme.Light)]
    [InlineData(5, 1280, ColorScheme.Dark)]
    public async Task Page_IsWholeAtEveryWidth(int classCount, int width, ColorScheme scheme)
    {
        using SampleEvaluation sample = new(classCount: classCount);
        using TemporaryFolder folder = new();
        EvaluationResult result = sample.Result();
        EvaluateOutput output = EvaluateOutput.Create(result);
        await File.WriteAllTextAsync(folder["report.html"], ReportPage.Create(result, output));
        IPage page = await browser.OpenAsync(width, scheme);
        List<string> complaints = [], requests = [];
        page.Console += (_, message) => complaints.Add(message.Text);
        page.PageError += (_, error) => complaints.Add(error);
        page.Request += (_, request) => requests.Add(request.Url);
        await page.GotoAsync(new Uri(folder["report.html"]).AbsoluteUri);
        await ScreenshotAsync(page, $"report-{classCount}-{width}-{scheme}.png");

        Assert.Empty(complaints);
        Assert.EndsWith("/report.html", Assert.Single(requests), StringComparison.Ordinal);
        Assert.Empty(await page.EvaluateAsync<string[]>(Faults));
        foreach (ReportFigure figure in ReportPage.Figures(result))
        {
            int expected = figure.Svg.Split("class=\"mark ").Length - 1;
            Assert.True(expected > 0, figure.Id);
            Assert.Equal(expected, await page.Locator($"#{figure.Id} svg .mark").CountAsync());
            Assert.Equal(figure.Table!.Rows.Count, await page.Locator($"#{figure.Id} tbody tr").CountAsync());
            Assert.Equal(1, await page.GetByRole(AriaRole.Img, new() { Name = TitleOf(figure) }).CountAsync());
        }

        await AssertTilesAreTheSummaryAsync(page, JsonSerializer.Deserialize<JsonElement>(JsonOutput.ToText(output)));
        await page.EvaluateAsync("() => document.querySelectorAll('details').forEach(d => d.open = true)");
        Assert.Empty(await page.EvaluateAsync<string[]>(Faults));
        await ScreenshotAsync(page, $"report-{classCount}-{width}-{scheme}-open.png");
    }

    [Fact]
    public async Task Colours_FollowTheReaderAndStayReadable()
    {
        using SampleEvaluation sample = new(count: 5);
        using TemporaryFolder folder = new();
        EvaluationResult result = sample.Result();
        await File.WriteAllTextAsync(folder["report.html"], ReportPage.Create(result, EvaluateOutput.Create(result)));
        List<double> brightness = [];
        foreach (ColorScheme scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            IPage page = await browser.OpenAsync(800, scheme);
            await page.GotoAsync(new Uri(folder["report.html"]).AbsoluteUri);
            double paper = await LuminanceAsync(page, "figure", "backgroundColor");
            brightness.Add(paper);
            foreach ((string element, string colour) in ((string, string)[])
                [("h2", "color"), ("figcaption", "color"), ("text.tick", "fill"), ("text.cell", "fill"), ("td", "color")])
            {
                double ink = await LuminanceAsync(page, element, colour);
                Assert.True((Math.Max(ink, paper) + 0.05) / (Math.Min(ink, paper) + 0.05) >= 4.5, $"{scheme} {element}"); // WCAG 2 AA
            }

            foreach (string mark in (string[])["circle.s1", "circle.s2", "circle.s3"])
            {
                double ink = await LuminanceAsync(page, mark, "fill");
                Assert.True((Math.Max(ink, paper) + 0.05) / (Math.Min(ink, paper) + 0.05) >= 3, $"{scheme} {mark}"); // of graphics
            }
        }

        Assert.True(brightness[0] > 0.9 && brightness[1] < 0.1, string.Join(", ", brightness));
    }

    [Fact]
    public async Task Print_ShowsTheNumbersBehindTheFigures()
    {
        using SampleEvaluation sample = new();
        using TemporaryFolder folder = new();
        EvaluationResult result = sample.Result();
        await File.WriteAllTextAsync(folder["report.html"], ReportPage.Create(result, EvaluateOutput.Create(result)));
        IPage page = await browser.OpenAsync(1280, ColorScheme.Dark);
        await page.GotoAsync(new Uri(folder["report.html"]).AbsoluteUri);
        ILocator table = page.Locator("#precision tbody tr").First;
        Assert.False(await table.IsVisibleAsync());
        await page.EmulateMediaAsync(new() { Media = Media.Print });
        Assert.True(await table.IsVisibleAsync());
        Assert.True(await LuminanceAsync(page, "figure", "backgroundColor") > 0.99);
    }

    private static string TitleOf(ReportFigure figure)
    {
        int start = figure.Svg.IndexOf("-title\">", StringComparison.Ordinal) + "-title\">".Length;
        return System.Net.WebUtility.HtmlDecode(figure.Svg[start..figure.Svg.IndexOf("</title>", StringComparison.Ordinal)]);
    }

    private static async Task AssertTilesAreTheSummaryAsync(IPage page, JsonElement summary)
    {
        string[] fields = await page.Locator("[data-field]").EvaluateAllAsync<string[]>("all => all.map(e => e.dataset.field)");
        Assert.Equal(["accuracy", "plainAccuracy", "f1", "auroc", "agreement", "maxAbsError", "secondsPerSentence", "peakBytes"], fields);
        foreach (string field in fields)
        {
            string? shown = await page.Locator($"[data-field={field}]").GetAttributeAsync("data-value");
            JsonElement expected = summary.GetProperty(field);
            Assert.Equal(expected.ValueKind == JsonValueKind.Null ? "null" : expected.GetRawText(), shown);
        }
    }

    // Relative luminance of WCAG 2.
    private static Task<double> LuminanceAsync(IPage page, string element, string property) =>
        page.Locator(element).First.EvaluateAsync<double>(
        """
        (e, property) => {
          const [r, g, b] = getComputedStyle(e)[property].match(/[\d.]+/g).map(v => v / 255)
            .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        }
        """,
        property);

    private static async Task ScreenshotAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("HNN_SCREENSHOTS") is { Length: > 0 } folder)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, name + ".html"), await page.ContentAsync());
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, name), FullPage = true });
        }
    }
}
