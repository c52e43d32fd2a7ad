using Hnn.Model.Plain;
using Hnn.Model.Tests.Plain;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Weights;

public sealed class ModelFolderTests : IDisposable
{
    private readonly TemporaryFolder _checkpoint = new();

    public ModelFolderTests() => new DistilBertCheckpoint(1, 2, 3, 1, 2, TensorType.F32, 1).Write(_checkpoint.FullPath);

    public void Dispose() => _checkpoint.Dispose();

    [Fact]
    public void Identify_ReadsTheConfig()
    {
        Assert.Equal(ModelKind.Hnn, ModelFolder.Identify(TestData.HnnTiny));
        Assert.Equal(ModelKind.HuggingFace, ModelFolder.Identify(_checkpoint.FullPath));
        File.WriteAllText(_checkpoint["config.json"], """{"architectures":["BertModel"]}""");
        Assert.Equal(ModelKind.HuggingFace, ModelFolder.Identify(_checkpoint.FullPath));
    }

    [Fact]
    public void Open_OfTheOtherKindNamesBothAndTheRemedy()
    {
        string encrypted = Assert.Throws<InvalidDataException>(() => ModelDirectory.Open(_checkpoint.FullPath)).Message;
        string[] parts =
        [
            _checkpoint.FullPath, "Hugging Face checkpoint", "model_type \"distilbert\"", "DistilBertForSequenceClassification",
            "an hnn model is needed", "'hnn classify --plain'", "tools/train",
        ];
        Assert.All(parts, part => Assert.Contains(part, encrypted, StringComparison.Ordinal));
        string plain = Assert.Throws<InvalidDataException>(() => DistilBertDirectory.Open(TestData.HnnTiny)).Message;
        parts = ["holds an hnn model", "Hugging Face checkpoint", "\"distilbert\"", "as an hnn model instead"];
        Assert.All(parts, part => Assert.Contains(part, plain, StringComparison.Ordinal));
    }

    [Fact]
    public void Open_NamesAnotherArchitecture()
    {
        File.WriteAllText(_checkpoint["config.json"], """{"model_type":"bert","architectures":["BertForSequenceClassification"]}""");
        string message = Assert.Throws<InvalidDataException>(() => DistilBertDirectory.Open(_checkpoint.FullPath)).Message;
        Assert.Contains("model_type is \"bert\"", message, StringComparison.Ordinal);
        Assert.Contains("architectures is [\"BertForSequenceClassification\"]", message, StringComparison.Ordinal);
        Assert.Contains("supported: \"distilbert\"", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("model.safetensors")]
    [InlineData("vocab.txt")]
    public void Open_NamesTheFileThatIsMissing(string name)
    {
        File.Delete(_checkpoint[name]);
        string message = Assert.Throws<FileNotFoundException>(() => DistilBertDirectory.Open(_checkpoint.FullPath)).Message;
        Assert.Contains($"has no {name}", message, StringComparison.Ordinal);
        Assert.DoesNotContain("pytorch_model.bin", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_SaysWhatToDoWithPickledWeights()
    {
        File.Move(_checkpoint["model.safetensors"], _checkpoint["pytorch_model.bin"]);
        string message = Assert.Throws<FileNotFoundException>(() => DistilBertDirectory.Open(_checkpoint.FullPath)).Message;
        const string Remedy = "pytorch_model.bin is code as well as data and is not read: save it again as safetensors";
        Assert.Contains(Remedy, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[1]")]
    [InlineData("{\"model_type\":")]
    public void Identify_RefusesWhatIsNoObject(string json)
    {
        File.WriteAllText(_checkpoint["config.json"], json);
        string message = Assert.Throws<InvalidDataException>(() => ModelFolder.Identify(_checkpoint.FullPath)).Message;
        Assert.Contains("config.json", message, StringComparison.Ordinal);
    }
}
