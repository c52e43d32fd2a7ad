using System.Text;
using Hnn.Tool.Evaluation;
using Hnn.Tool.Output;
using Hnn.Tool.Report;

namespace Hnn.Model.Tests.Evaluation;

/// <summary>Where sentences were classified: a field of a session, which rows of earlier versions lack.</summary>
public sealed class SessionBackendTests
{
    public static TheoryData<string> CommittedRows =>
        [.. Directory.EnumerateFiles(Path.Combine(TestData.Root, "bench", "results"), "rows.jsonl", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(TestData.Root, path)).Order(StringComparer.Ordinal)];

    [Fact]
    public void Backend_ComesBackAndMayBeMissing()
    {
        SessionRow row = SampleEvaluation.Session() with { Backend = "OpenCl: a card" };
        string line = row.ToLine();
        Assert.Equal("OpenCl: a card", Parse(line).Backend);
        Assert.Null(Parse(line.Replace(",\"backend\":\"OpenCl: a card\"", "", StringComparison.Ordinal)).Backend);
        Assert.Null(Parse(SampleEvaluation.Session().ToLine()).Backend);
    }

    [Theory]
    [MemberData(nameof(CommittedRows))]
    public void CommittedRows_AreStillRead(string path)
    {
        RunRow[] rows = [.. File.ReadLines(Path.Combine(TestData.Root, path)).Select(line => RunRow.Parse(Encoding.UTF8.GetBytes(line)))];
        Assert.IsType<RunIdentity>(rows[0]);
        Assert.NotEmpty(rows.OfType<SessionRow>());
        Assert.NotEmpty(rows.OfType<SentenceRow>());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("SIMD (AVX2), 2 threads", "SIMD (AVX2), 2 threads")]
    [InlineData("SIMD (AVX2), 2 threads; Cuda: a card", null, "SIMD (AVX2), 2 threads", "Cuda: a card", "SIMD (AVX2), 2 threads")]
    public void Summary_NamesEveryBackendOnce(string? expected, params string?[] backends)
    {
        using SampleEvaluation sample = new();
        RunState state = new(sample.Input.Sentences);
        foreach (string? backend in backends) state.Add(SampleEvaluation.Session() with { Backend = backend });
        foreach (RunRow row in sample.AllRows()) state.Add(row);
        EvaluationResult result = EvaluationResult.Create(SampleEvaluation.Request, sample.Input, state);
        EvaluateOutput output = EvaluateOutput.Create(result);
        Assert.Equal(expected, output.Backend);
        Assert.Contains($"<dt>backend</dt><dd>{expected ?? "not recorded"}</dd>", ReportPage.Create(result, output), StringComparison.Ordinal);
    }

    private static SessionRow Parse(string line) => Assert.IsType<SessionRow>(RunRow.Parse(Encoding.UTF8.GetBytes(line)));
}
