using System.Text.Json;
using Hnn.Model.Tests.Plain;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Cli;

public sealed class PlainCommandTests : IDisposable
{
    private static readonly DistilBertCheckpoint Checkpoint = new(2, 4, 12, 2, 3, TensorType.F16, 8);
    private static readonly int[] Ids = [2, 4, 6, 7, 9, 3]; // [CLS] good film ##s . [SEP]

    private readonly TemporaryFolder _folder = new();

    public PlainCommandTests() => Checkpoint.Write(_folder.FullPath);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Json_HasEveryClassOfACheckpoint()
    {
        CliRun run = await CliRun.RunAsync("classify", "Good films.", "--plain", "--model", _folder.FullPath, "--json");
        Assert.Equal(0, run.ExitCode);
        Assert.Empty(run.Error);
        Assert.Equal("text, model, tokens, label, classes, totalMs, truncated", CliRun.FieldNames(run.Json));
        Assert.Equal(("distilbert", 6), (run.Json.GetProperty("model").GetString(), run.Json.GetProperty("tokens").GetInt32()));
        JsonElement[] classes = [.. run.Json.GetProperty("classes").EnumerateArray()];
        double[] logits = new NaiveDistilBert(Checkpoint).Logits(Ids), powers = [.. logits.Select(Math.Exp)];
        Assert.Equal(3, classes.Length);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal("label, probability, logit", CliRun.FieldNames(classes[i]));
            Assert.Equal($"class {i}", classes[i].GetProperty("label").GetString());
            Assert.Equal(logits[i], classes[i].GetProperty("logit").GetDouble(), 1e-5);
            Assert.Equal(powers[i] / powers.Sum(), classes[i].GetProperty("probability").GetDouble(), 1e-5);
        }

        Assert.Equal($"class {Array.IndexOf(logits, logits.Max())}", run.Json.GetProperty("label").GetString());
    }

    [Fact]
    public async Task Text_HasALineForEachClassAndSaysThatNothingWasEncrypted()
    {
        CliRun run = await CliRun.RunAsync("classify", "good", "--plain", "--model", _folder.FullPath);
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(3, run.Out.Split('\n').Count(line => line.StartsWith("class ", StringComparison.Ordinal)));
        Assert.Contains("in the clear", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HnnModel_IsRunInTheClearAsWell()
    {
        CliRun run = await CliRun.RunAsync("classify", "a charming and often affecting journey .", "--plain", "--json");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(("hnn", "positive"), (run.Json.GetProperty("model").GetString(), run.Json.GetProperty("label").GetString()));
        JsonElement[] classes = [.. run.Json.GetProperty("classes").EnumerateArray()];
        double difference = classes[1].GetProperty("logit").GetDouble() - classes[0].GetProperty("logit").GetDouble();
        Assert.Equal(1 / (1 + Math.Exp(-difference / 0.449893)), classes[1].GetProperty("probability").GetDouble(), 1e-12); // T
    }

    [Fact]
    public async Task LongText_IsCutWithAWarning()
    {
        string text = string.Join(' ', Enumerable.Repeat("film", 30));
        CliRun run = await CliRun.RunAsync("classify", text, "--plain", "--model", _folder.FullPath, "--json");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(12, run.Json.GetProperty("tokens").GetInt32());
        Assert.True(run.Json.GetProperty("truncated").GetBoolean());
        Assert.Contains("warning: the text is longer than the model's 12 tokens", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tokenize_UsesTheCheckpointsVocabulary()
    {
        CliRun run = await CliRun.RunAsync("tokenize", "Good films.", "--model", _folder.FullPath, "--json");
        Assert.Equal(Ids, run.Json.GetProperty("ids").Deserialize<int[]>());
    }

    [Theory]
    [InlineData("classify", "good")]
    [InlineData("plan")]
    [InlineData("keygen", "--out", "nowhere")]
    public async Task EncryptedCommands_NameBothKindsAndTheRemedy(params string[] arguments) =>
        (await CliRun.RunAsync([.. arguments, "--model", _folder.FullPath]))
            .AssertRefused("Run the checkpoint in the clear with 'hnn classify --plain'");

    [Fact]
    public async Task EmptyText_IsRefused() =>
        (await CliRun.RunAsync("classify", " ", "--plain", "--model", _folder.FullPath)).AssertRefused("text is empty");

    [Fact]
    public async Task OtherArchitecture_IsRefused()
    {
        string path = _folder["config.json"], config = await File.ReadAllTextAsync(path);
        await File.WriteAllTextAsync(path, config.Replace("\"distilbert\"", "\"bert\"", StringComparison.Ordinal));
        (await CliRun.RunAsync("classify", "good", "--plain", "--model", _folder.FullPath)).AssertRefused("model_type is \"bert\"");
    }

    [Fact]
    public async Task TruncatedWeights_AreRefused()
    {
        byte[] whole = await File.ReadAllBytesAsync(_folder["model.safetensors"]);
        await File.WriteAllBytesAsync(_folder["model.safetensors"], whole[..^3]);
        (await CliRun.RunAsync("classify", "good", "--plain", "--model", _folder.FullPath)).AssertRefused("cut short");
    }

    [Theory]
    [InlineData("nowhere")]
    [InlineData("")]
    public async Task MissingFolder_IsRefused(string folder) =>
        (await CliRun.RunAsync("classify", "good", "--plain", "--model", folder)).AssertRefused(folder.Length == 0 ? "--model" : folder);
}
