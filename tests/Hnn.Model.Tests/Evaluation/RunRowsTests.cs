using System.Text;
using Hnn.Tool.Evaluation;

namespace Hnn.Model.Tests.Evaluation;

/// <summary>Rows on disk: whatever was written is found again, whatever was cut is done again, and nothing else is touched.</summary>
public sealed class RunRowsTests : IDisposable
{
    private readonly SampleEvaluation _sample = new(count: 4);
    private readonly TemporaryFolder _folder = new();

    private string FilePath => _folder["rows.jsonl"];

    public void Dispose()
    {
        _folder.Dispose();
        _sample.Dispose();
    }

    [Fact]
    public void Rows_ComeBackAsTheyWereWritten()
    {
        RunRow[] rows = [.. _sample.AllRows()];
        Write(rows);
        using RunRows again = Open();
        Assert.False(again.WasTorn);
        Assert.Equal(rows.OfType<SentenceRow>().Select(r => r.ToLine()), again.State.Sentences.Select(r => r.ToLine()));
        Assert.Equal(rows.OfType<SessionRow>().Select(r => r.ToLine()), again.State.Sessions.Select(r => r.ToLine()));
        Assert.Equal(rows.OfType<TraceRow>().Select(r => r.ToLine()), again.State.Traces.Select(r => r.ToLine()));
    }

    [Fact]
    public void AFileCutAnywhere_GoesOnAndEndsTheSame()
    {
        SessionRow session = SampleEvaluation.Session() with { StageNames = ["encrypt"] };
        TraceRow trace = SampleEvaluation.Trace(0);
        RunRow[] rows =
        [
            session, .. new[] { 0, 1 }.Select(i => _sample.Sentence(i) with { StageSeconds = [0.5] }),
            trace with { Steps = [trace.Steps[0]] },
        ];
        Write(rows);
        byte[] whole = File.ReadAllBytes(FilePath);
        for (int length = 0; length < whole.Length; length++)
        {
            byte[] cut = whole[..length];
            File.WriteAllBytes(FilePath, cut);
            int lines = cut.Count(b => b == '\n'), complete = Math.Max(0, lines - 1); // without the identity
            bool isBetweenLines = length == 0 || cut[^1] == '\n';
            using (RunRows resumed = Open())
            {
                Assert.Equal(!isBetweenLines, resumed.WasTorn);
                Assert.Equal(complete, resumed.State.Sentences.Count + resumed.State.Sessions.Count + resumed.State.Traces.Count);
                if (isBetweenLines || length % 13 == 0)
                {
                    foreach (RunRow row in rows.Skip(complete)) resumed.Append(row);
                    lines = rows.Length + 1;
                }
            }

            Assert.Equal(whole[..EndOfLine(whole, Math.Max(1, lines))], File.ReadAllBytes(FilePath)); // the identity is always there
        }
    }

    [Fact]
    public void ValuesThatAreNoNumbers_AreKept()
    {
        SentenceRow row = _sample.Sentence(0, isInRange: false) with { Released = [double.NaN], Twin = [double.PositiveInfinity] };
        Write([SampleEvaluation.Session(), row]);
        using RunRows again = Open();
        Assert.True(double.IsNaN(again.State.Sentences.Single().Released[0]));
        Assert.Equal(double.PositiveInfinity, again.State.Sentences.Single().Twin[0]);
    }

    [Fact]
    public void TimesOfAllStarts_AddUp()
    {
        Write([SampleEvaluation.Session(), _sample.Sentence(0, elapsed: 30), _sample.Sentence(1, elapsed: 50)]);
        using (RunRows second = Open())
        {
            Assert.Equal(2, second.State.NextRun);
            second.Append(SampleEvaluation.Session(run: 2));
            second.Append(_sample.Sentence(2, elapsed: 20));
            second.Append(SampleEvaluation.Trace(0)); // after 100
        }

        using RunRows third = Open();
        Assert.Equal(150, third.State.TotalSeconds);
        Assert.Equal(3, third.State.NextRun);
        Assert.Equal(5000, third.State.PeakBytes);
        Assert.Equal((0.75, 2.25), (third.State.StageSeconds["encrypt"], third.State.StageSeconds[SampleEvaluation.Steps[1]]));
        Assert.Equal(SampleEvaluation.Timed, third.State.StageSeconds.Keys);
    }

    public static TheoryData<string, Func<string, string>> Damages => new()
    {
        { "Line 3", text => text.Replace("\"index\":0,", "\"index\":0;", StringComparison.Ordinal) },
        { "Line 3", text => text.Replace("\"index\":0,", "", StringComparison.Ordinal) },
        { "Line 3", text => text.Replace("\"index\":0,", "\"index\":0,\"more\":1,", StringComparison.Ordinal) },
        { "there is no sentence 99", text => text.Replace("\"index\":0,", "\"index\":99,", StringComparison.Ordinal) },
        { "sentence 1 is there twice", text => WithLine(text, 4, text.Split('\n')[3]) },
        { "sentence 0 is of bucket 4, not 8",
            text => text.Replace("\"index\":0,\"bucket\":4", "\"index\":0,\"bucket\":8", StringComparison.Ordinal) },
        { "Line 2", text => text.Replace("\"kind\":\"session\"", "\"kind\":\"season\"", StringComparison.Ordinal) },
        { "Line 4", text => WithLine(text, 3, "") },
        { "Line 4", text => WithLine(text, 3, "null") },
        { "first line alone", text => WithLine(text, 3, text.Split('\n')[0]) },
        { "does not follow a session", text => string.Join('\n', text.Split('\n').Where((_, i) => i != 1)) },
        { "no rows of hnn evaluate", text => text[1..] },
        { "are no row", text => text + "\0\0\0" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public void ADamagedFile_IsRefusedAndLeftAsItWas(string part, Func<string, string> damage)
    {
        Write([.. _sample.AllRows()]);
        string damaged = damage(File.ReadAllText(FilePath));
        Assert.NotEqual(File.ReadAllText(FilePath), damaged);
        File.WriteAllText(FilePath, damaged);
        InvalidDataException e = Assert.Throws<InvalidDataException>(() => Open().Dispose());
        Assert.Contains(part, e.Message, StringComparison.Ordinal);
        Assert.Contains(FilePath, e.Message, StringComparison.Ordinal);
        Assert.Equal(damaged, File.ReadAllText(FilePath));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"kind\":\"run\",\"form")]
    public void AnEmptyOrBarelyBegunFile_IsAFreshOne(string content)
    {
        File.WriteAllText(FilePath, content);
        using (RunRows rows = Open()) Assert.Empty(rows.State.Sentences);
        Assert.Equal(_sample.Input.Identity.ToLine() + "\n", File.ReadAllText(FilePath));
    }

    [Theory]
    [InlineData("a letter to a friend")]
    [InlineData("a letter\nto a friend\n")]
    [InlineData("{\"kind\":\"other\"}")]
    public void AnotherKindOfFile_IsNotTouched(string content)
    {
        File.WriteAllText(FilePath, content);
        Assert.Contains("no rows", Assert.Throws<InvalidDataException>(() => Open().Dispose()).Message, StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(FilePath));
    }

    public static TheoryData<string, string> Others => new()
    {
        { "format", "the format is 1 here and 2 there" }, { "data", "the data is data.tsv (dddddddd)" },
        { "limit", "the limit is none here and 3 there" }, { "model", "the model is tiny" },
        { "packing", "the packing is latency here and throughput there" }, { "parameters", "the parameters" },
    };

    [Theory]
    [MemberData(nameof(Others))]
    public void ResultsOfAnotherRun_AreRefusedByName(string field, string part)
    {
        RunIdentity identity = _sample.Input.Identity;
        RunIdentity other = field switch
        {
            "format" => identity with { Format = 2 },
            "data" => identity with { DataSha256 = new string('e', 64) },
            "limit" => identity with { Limit = 3 },
            "model" => identity with { ModelId = new string('f', 64) },
            "packing" => identity with { Packing = "throughput" },
            _ => identity with { ParametersIds = ["0123"] },
        };
        File.WriteAllText(FilePath, other.ToLine() + "\n");
        string message = Assert.Throws<InvalidDataException>(() => Open().Dispose()).Message;
        Assert.Contains(part, message, StringComparison.Ordinal);
        Assert.Contains("another place", message, StringComparison.Ordinal);
        Assert.Equal(other.ToLine() + "\n", File.ReadAllText(FilePath));
    }

    [Fact]
    public void NamesForPeople_MayChange()
    {
        File.WriteAllText(FilePath, (_sample.Input.Identity with { Data = "copy.tsv", Model = "renamed" }).ToLine() + "\n");
        using RunRows rows = Open();
        Assert.Empty(rows.State.Sentences);
    }

    [Fact]
    public void TwoAtOnce_AreRefused()
    {
        using RunRows first = Open();
        Assert.ThrowsAny<IOException>(() => Open().Dispose());
    }

    [Fact]
    public void ARowThatCannotBe_IsNotWritten()
    {
        using (RunRows rows = Open())
        {
            Assert.Throws<InvalidDataException>(() => rows.Append(_sample.Sentence(0))); // before any session
        }

        Assert.Equal(Encoding.UTF8.GetByteCount(_sample.Input.Identity.ToLine()) + 1, new FileInfo(FilePath).Length);
    }

    private static int EndOfLine(byte[] text, int number)
    {
        int end = 0;
        for (int i = 0; i < number; i++) end = Array.IndexOf(text, (byte)'\n', end) + 1;
        return end;
    }

    private static string WithLine(string text, int index, string line)
    {
        string[] lines = text.Split('\n');
        lines[index] = line;
        return string.Join('\n', lines);
    }

    private RunRows Open() => RunRows.Open(FilePath, _sample.Input.Identity, new RunState(_sample.Input.Sentences));

    private void Write(IEnumerable<RunRow> rows)
    {
        File.Delete(FilePath);
        using RunRows file = Open();
        foreach (RunRow row in rows) file.Append(row);
    }
}
