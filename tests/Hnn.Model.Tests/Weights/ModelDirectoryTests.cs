using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Weights;

public sealed class ModelDirectoryTests : IDisposable
{
    private static readonly string[] FileNames = ["config.json", "model.safetensors", "vocab.txt"];

    private readonly string _folder = Directory.CreateTempSubdirectory("hnn-model-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Open_LoadsTheCommittedModel()
    {
        ModelDirectory model = ModelDirectory.Open(TestData.HnnTiny);
        HnnWeights weights = model.LoadWeights();
        Assert.Equal(30522, model.LoadVocabulary().Count);
        Assert.Equal((30522, 64, 128), (weights.Embeddings.VocabularySize, weights.Embeddings.MaxPosition, weights.Embeddings.HiddenSize));
        Assert.Equal(2, weights.Network.Layers.Count);
        Assert.Equal(weights.Embeddings.Word, model.LoadEmbeddings().Word);
        Assert.Equal(weights.Network.Head.Classifier.Weight, model.LoadNetwork().Head.Classifier.Weight);
    }

    [Fact]
    public void Open_NamesTheFolderThatIsMissing() =>
        Assert.Contains(
            "nowhere",
            Assert.Throws<DirectoryNotFoundException>(() => ModelDirectory.Open(Path.Combine(_folder, "nowhere"))).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("config.json")]
    [InlineData("model.safetensors")]
    [InlineData("vocab.txt")]
    public void Open_NamesTheFileThatIsMissing(string name)
    {
        CopyModel();
        File.Delete(Path.Combine(_folder, name));
        string message = Assert.Throws<FileNotFoundException>(() => ModelDirectory.Open(_folder)).Message;
        Assert.Contains($"has no {name}", message, StringComparison.Ordinal);
    }

    [Fact]
    public void LoadVocabulary_RefusesAnotherNumberOfPieces()
    {
        CopyModel();
        File.AppendAllText(Path.Combine(_folder, "vocab.txt"), "onemore\n");
        string message = Assert.Throws<InvalidDataException>(() => ModelDirectory.Open(_folder).LoadVocabulary()).Message;
        Assert.Contains("30523", message, StringComparison.Ordinal);
        Assert.Contains("30522", message, StringComparison.Ordinal);
    }

    [Fact]
    public void ComputeSha256_IsTheDocumentedHash()
    {
        var all = new List<byte>();
        foreach (string name in FileNames)
        {
            byte[] content = File.ReadAllBytes(Path.Combine(TestData.HnnTiny, name)), prefix = new byte[9];
            BinaryPrimitives.WriteInt64LittleEndian(prefix.AsSpan(1), content.Length);
            all.AddRange([.. Encoding.ASCII.GetBytes(name), .. prefix, .. SHA256.HashData(content)]);
        }

        Assert.Equal(SHA256.HashData([.. all]), ModelDirectory.Open(TestData.HnnTiny).ComputeSha256());
    }

    [Fact]
    public void ComputeSha256_ChangesWithEveryFile()
    {
        CopyModel();
        ModelDirectory model = ModelDirectory.Open(_folder);
        var seen = new HashSet<string> { Convert.ToHexString(model.ComputeSha256()) };
        foreach (string name in FileNames)
        {
            File.AppendAllText(Path.Combine(_folder, name), " ");
            Assert.True(seen.Add(Convert.ToHexString(model.ComputeSha256())), name);
        }
    }

    private void CopyModel()
    {
        foreach (string name in FileNames) File.Copy(Path.Combine(TestData.HnnTiny, name), Path.Combine(_folder, name));
    }
}
