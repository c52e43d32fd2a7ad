using System.Text.Json;
using Hnn.Model.Client;
using Hnn.Model.Plain;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Training;

/// <summary>tools/train: its own tests, and that what it exports is what Hnn.Model reads.</summary>
public sealed class TrainingRecipeTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hnn-train-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void ItsOwnTestsPass()
    {
        string output = PythonRecipe.Run("-m", "unittest", "discover", "-t", ".", "-s", "tests");
        Assert.Matches(@"Ran (1[5-9]|[2-9]\d|\d{3,}) tests", output);
    }

    [Fact]
    public void ExportedNetworksComputeTheSameHere()
    {
        PythonRecipe.Run("-m", "tests.export_example", _folder.FullName);
        foreach ((string name, int classCount) in (ReadOnlySpan<(string, int)>)[("raw-2", 2), ("normed-2", 2), ("normed-5", 5)])
        {
            ModelDirectory model = ModelDirectory.Open(Path.Combine(_folder.FullName, name));
            Assert.Equal(classCount, model.Config.Labels.Count);
            HnnWeights weights = model.LoadWeights();
            SentenceEmbedder embedder = new(weights.Embeddings);
            PolynomialNetwork network = new(model.Config, weights.Network);
            foreach ((int[] ids, double[] wanted) in Cases(Path.Combine(model.FullPath, "reference.json"), "sentences"))
            {
                AssertClose(wanted, network.Logits(embedder.Embed(ids), model.Config.BucketFor(ids.Length)), 1e-9);
            }
        }
    }

    [Fact]
    public void TheTeacherComputesTheSameHere()
    {
        PythonRecipe.Run("-m", "tests.export_example", _folder.FullName);
        var teacher = DistilBertDirectory.Open(Path.Combine(_folder.FullName, "teacher-3"));
        PlainDistilBert network = teacher.LoadModel();
        foreach ((int[] ids, double[] wanted) in Cases(Path.Combine(teacher.FullPath, "logits.json"), null))
        {
            AssertClose(wanted, [.. network.Classify(ids).Logits], 1e-5);
        }
    }

    private static IEnumerable<(int[] Ids, double[] Logits)> Cases(string path, string? property)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        JsonElement list = property is null ? document.RootElement : document.RootElement.GetProperty(property);
        Assert.True(list.GetArrayLength() >= 8);
        foreach (JsonElement item in list.EnumerateArray())
        {
            yield return (
                [.. item.GetProperty("ids").EnumerateArray().Select(e => e.GetInt32())],
                [.. item.GetProperty("logits").EnumerateArray().Select(e => e.GetDouble())]);
        }
    }

    private static void AssertClose(double[] wanted, double[] got, double bound)
    {
        double scale = Math.Max(1, wanted.Max(Math.Abs));
        Assert.Equal(wanted.Length, got.Length);
        for (int i = 0; i < wanted.Length; i++) Assert.InRange(got[i] - wanted[i], -bound * scale, bound * scale);
    }
}
