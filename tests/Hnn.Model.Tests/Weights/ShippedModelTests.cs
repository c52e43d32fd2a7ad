using System.Text.Json;
using Hnn.Model.Client;
using Hnn.Model.Datasets;
using Hnn.Model.Plain;
using Hnn.Model.Sessions;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Weights;

/// <summary>Every folder of models/: its size, its reference, its ranges, and its accuracy on validation where the data set is at hand.</summary>
public sealed class ShippedModelTests
{
    private const long LargestBytes = 30_000_000;
    private const double LargestValue = 16;

    /// <summary>Name, and the least accuracy on validation.</summary>
    public static TheoryData<string, double> Models => new() { { "hnn-tiny", 0.835 }, { "hnn-small", 0.86 }, { "hnn-sst5", 0.46 } };

    [Fact]
    public void EveryFolderIsTested() =>
        Assert.Equal(
            Models.Select(m => m.Data.Item1).Order(StringComparer.Ordinal),
            Directory.GetDirectories(Path.Combine(TestData.Root, "models")).Select(Path.GetFileName).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Models))]
    public void FilesFitAndEqualTheirReference(string name, double leastAccuracy)
    {
        ModelDirectory folder = ModelDirectory.Open(Path.Combine(TestData.Root, "models", name));
        Assert.True(new DirectoryInfo(folder.FullPath).GetFiles().Sum(f => f.Length) <= LargestBytes);
        using JsonDocument reference = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder.FullPath, "reference.json")));
        Assert.True(reference.RootElement.GetProperty("validation_accuracy").GetDouble() >= leastAccuracy);
        foreach (JsonProperty quantity in reference.RootElement.GetProperty("largest_absolute_value").EnumerateObject())
        {
            Assert.InRange(quantity.Value.GetDouble(), 0, LargestValue);
        }

        HnnWeights weights = folder.LoadWeights();
        SentenceEmbedder embedder = new(weights.Embeddings);
        PolynomialNetwork network = new(folder.Config, weights.Network);
        foreach (JsonElement sentence in reference.RootElement.GetProperty("sentences").EnumerateArray())
        {
            int[] ids = [.. sentence.GetProperty("ids").EnumerateArray().Select(e => e.GetInt32())];
            double[] wanted = [.. sentence.GetProperty("logits").EnumerateArray().Select(e => e.GetDouble())];
            double[] got = network.Logits(embedder.Embed(ids), folder.Config.BucketFor(ids.Length));
            Assert.Equal(wanted.Length, got.Length);
            Assert.All(wanted.Zip(got), pair => Assert.Equal(pair.First, pair.Second, 1e-9));
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void ValidationReachesTheAccuracyAndNoRangeIsExceeded(string name, double leastAccuracy)
    {
        var model = LoadedModel.Load(ModelDirectory.Open(Path.Combine(TestData.Root, "models", name)));
        IReadOnlyList<LabelledSentence> sentences = model.Config.Labels.Count == 2
            ? SstFile.Load(TestData.RequireData("sst2", "dev.tsv"))
            : SstTreeFile.Load(TestData.RequireData("sst5", "dev.txt"));
        ClearOutcome outcome = new ClearSession(model).Evaluate(sentences, Environment.ProcessorCount);
        int right = outcome.Logits.Zip(outcome.Labels).Count(pair => Array.IndexOf(pair.First, pair.First.Max()) == pair.Second);
        Assert.True((double)right / sentences.Count >= leastAccuracy, $"{right} of {sentences.Count} are right.");
        Assert.All(outcome.Ranges, range => Assert.InRange(range.LargestMagnitude, 0, LargestValue));
        using JsonDocument reference = JsonDocument.Parse(
            File.ReadAllBytes(Path.Combine(TestData.Root, "models", name, "reference.json")));
        Assert.Equal(reference.RootElement.GetProperty("validation_accuracy").GetDouble(), (double)right / sentences.Count, 1e-12);
    }
}
