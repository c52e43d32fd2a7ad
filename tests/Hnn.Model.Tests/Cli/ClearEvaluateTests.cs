using System.Text.Json;

namespace Hnn.Model.Tests.Cli;

/// <summary><c>hnn evaluate --clear</c>.</summary>
public sealed class ClearEvaluateTests
{
    private const string Table = "sentence\tlabel\ngood film\t1\nbad film and a longer one\t0\nbad\t1\n";
    private const string Trees = "(3 (2 Good) (2 film))\n(0 (1 Bad) (2 film))\n(4 good)\n";

    [Fact]
    public async Task Json_HasTheDocumentedFields()
    {
        using TinyModel model = new();
        CliRun run = await EvaluateAsync(model, Table, "--json");
        Assert.Equal(0, run.ExitCode);
        JsonElement json = run.Json;
        Assert.Equal(
            "data, classes, count, correct, accuracy, precision, recall, f1, auroc, temperature, loss, entropyBits, calibrationError, "
            + "interval, outOfRange, truncated, largestQuantity, largestValue, evaluateMs, perClass, ranges",
            CliRun.FieldNames(json));
        Assert.Equal("data.tsv", json.GetProperty("data").GetString());
        Assert.Equal((2, 3, 1), (Int("classes"), Int("count"), Int("truncated")));
        Assert.Equal(Int("correct") / 3.0, Double("accuracy"));
        Assert.Equal([2.0, -8, 8], [Double("temperature"), .. json.GetProperty("interval").EnumerateArray().Select(v => v.GetDouble())]);
        Assert.Equal(JsonValueKind.Null, json.GetProperty("ranges").ValueKind);
        JsonElement[] classes = [.. json.GetProperty("perClass").EnumerateArray()];
        Assert.Equal("label, count, precision, recall, f1, auroc", CliRun.FieldNames(classes[0]));
        Assert.Equal(["negative", "positive"], classes.Select(c => c.GetProperty("label").GetString()));
        Assert.Equal(Double("f1"), classes[1].GetProperty("f1").GetDouble());
        Assert.Contains("warning: 1 sentence(s) are longer than the model's 4 tokens", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("film", run.Out + run.Error, StringComparison.Ordinal);

        int Int(string name) => json.GetProperty(name).GetInt32();
        double Double(string name) => json.GetProperty(name).GetDouble();
    }

    [Fact]
    public async Task Ranges_ListEveryQuantityAndItsLargestIsTheSummarys()
    {
        using TinyModel model = new();
        JsonElement json = (await EvaluateAsync(model, Table, "--json", "--ranges")).Json;
        JsonElement[] ranges = [.. json.GetProperty("ranges").EnumerateArray()];
        Assert.Equal(16, ranges.Length); // input, ten of the layer, pooled, two of the head, logits and their difference
        Assert.Equal(ranges.Max(r => r.GetProperty("largest").GetDouble()), json.GetProperty("largestValue").GetDouble());
        CliRun text = await EvaluateAsync(model, Table, "--ranges");
        Assert.All(ranges, r => Assert.Contains(r.GetProperty("name").GetString()!, text.Out, StringComparison.Ordinal));
        Assert.DoesNotContain("layers.0.score", (await EvaluateAsync(model, Table)).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FiveClasses_AreEvaluatedFromTrees()
    {
        using TinyModel model = new(classCount: 5);
        CliRun run = await EvaluateAsync(model, Trees, "--json");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal((5, 3), (run.Json.GetProperty("classes").GetInt32(), run.Json.GetProperty("count").GetInt32()));
        Assert.Equal([1, 0, 0, 1, 1], run.Json.GetProperty("perClass").EnumerateArray().Select(c => c.GetProperty("count").GetInt32()));
        Assert.Equal(JsonValueKind.Null, run.Json.GetProperty("auroc").ValueKind); // two classes do not occur
        Assert.Contains("mean of 5 classes", (await EvaluateAsync(model, Trees)).Out, StringComparison.Ordinal);
        Assert.Equal(1, (await EvaluateAsync(model, Trees, "--limit", "1", "--json")).Json.GetProperty("count").GetInt32());
    }

    [Theory]
    [InlineData(Trees, 2, "of 5 classes, and the model has 2")]
    [InlineData(Table, 5, "of 2 classes, and the model has 5")]
    [InlineData("(3 (2 good", 5, "Line 1")]
    [InlineData("sentence\tlabel\n", 2, "no sentence")]
    [InlineData("sentence\tlabel\ngood\t1\n \t0\n", 2, "Sentence 1 of the data is empty")]
    public async Task BadData_IsRefused(string content, int classCount, string part)
    {
        using TinyModel model = new(classCount: classCount);
        CliRun run = await EvaluateAsync(model, content);
        Assert.Equal(2, run.ExitCode);
        Assert.Empty(run.Out);
        Assert.Contains(part, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CommittedModel_HasItsAccuracyAndStaysBelowSixteen()
    {
        CliRun run = await CliRun.RunAsync("evaluate", "--clear", "--data", TestData.RequireData("sst2", "dev.tsv"), "--json");
        Assert.Equal((872, 740), (run.Json.GetProperty("count").GetInt32(), run.Json.GetProperty("correct").GetInt32()));
        Assert.Equal(0, run.Json.GetProperty("outOfRange").GetInt32());
        Assert.InRange(run.Json.GetProperty("largestValue").GetDouble(), 9, 16);
    }

    private static async Task<CliRun> EvaluateAsync(TinyModel model, string content, params string[] more) => await CliRun.RunAsync(
        ["evaluate", "--clear", "--data", await WriteAsync(model, content), "--model", model.Folder, .. more]);

    private static async Task<string> WriteAsync(TinyModel model, string content)
    {
        string path = Path.Combine(model.Folder, "data.tsv");
        await File.WriteAllTextAsync(path, content);
        return path;
    }
}
