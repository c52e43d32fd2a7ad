using System.Text.Json.Nodes;
using Hnn.Model.Plain;
using Hnn.Model.Tests.Weights;
using Hnn.Model.Text;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Plain;

public sealed class DistilBertDirectoryTests : IDisposable
{
    private static readonly DistilBertCheckpoint Checkpoint = new(2, 4, 12, 2, 3, TensorType.BF16, 5);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(TensorType.F32)]
    [InlineData(TensorType.F16)]
    [InlineData(TensorType.BF16)]
    public void Open_RunsWhatUpstreamWrites(TensorType type)
    {
        DistilBertCheckpoint checkpoint = Checkpoint with { Type = type };
        checkpoint.Write(_folder.FullPath);
        DistilBertDirectory directory = DistilBertDirectory.Open(_folder.FullPath);
        TokenizedText tokens = directory.LoadTokenizer().Tokenize("Good films.", directory.Config.MaxPosition);
        Assert.Equal("[CLS] good film ##s . [SEP]", string.Join(' ', tokens.Pieces));
        double[] expected = new NaiveDistilBert(checkpoint).Logits([.. tokens.Ids]);
        IReadOnlyList<double> actual = directory.LoadModel().Classify(tokens.Ids).Logits;
        Assert.All(expected.Zip(actual), p => Assert.Equal(p.First, p.Second, 1e-5));
    }

    public static TheoryData<string> TensorNames => [.. Checkpoint.Tensors().Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(TensorNames))]
    public void LoadModel_NamesTheTensorThatIsMissing(string name)
    {
        string message = RefusedWeights(tensors => tensors.RemoveAll(t => t.Name == name));
        Assert.Contains($"The tensor '{name}' [", message, StringComparison.Ordinal);
        Assert.Contains("is missing", message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(TensorNames))]
    public void LoadModel_NamesBothShapesOfATensorThatDoesNotFit(string name)
    {
        string expected = $"[{string.Join(", ", Checkpoint.Tensors().Single(t => t.Name == name).Shape)}]";
        string message = RefusedWeights(tensors =>
        {
            int at = tensors.FindIndex(t => t.Name == name);
            tensors[at] = (name, "F16", [1, 3], new byte[6]);
        });
        Assert.Contains($"'{name}' has the shape [1, 3]; config.json makes it {expected}", message, StringComparison.Ordinal);
    }

    /// <summary>Tensors of other models: another head, one layer more, no prefix.</summary>
    [Theory]
    [InlineData("vocab_transform.weight")]
    [InlineData("distilbert.transformer.layer.2.ffn.lin1.weight")]
    [InlineData("distilbert.transformer.layer.01.ffn.lin1.weight")]
    [InlineData("embeddings.word_embeddings.weight")]
    [InlineData("classifier.position_ids")]
    public void LoadModel_NamesATensorThatTheModelDoesNotHave(string name)
    {
        string message = RefusedWeights(tensors => tensors.Add((name, "F32", [1], new byte[4])));
        Assert.Contains($"'{name}' that a DistilBertForSequenceClassification of 2 layers does not", message, StringComparison.Ordinal);
    }

    [Fact]
    public void LoadModel_IgnoresPositionIdsAlone()
    {
        WriteWeights(tensors => tensors.Insert(0, (DistilBertWeights.IgnoredTensor, "I64", [1, 12], new byte[96])));
        PlainDistilBert model = DistilBertDirectory.Open(_folder.FullPath).LoadModel();
        Assert.Equal(Checkpoint.LoadModel().Classify([2, 4, 3]).Logits, model.Classify([2, 4, 3]).Logits);
    }

    [Fact]
    public void LoadModel_NamesATypeThatItDoesNotRead()
    {
        const string Name = "pre_classifier.bias";
        int[] shape = [Checkpoint.Hidden];
        string integers = RefusedWeights(tensors => tensors[tensors.FindIndex(t => t.Name == Name)] = (Name, "I64", shape, new byte[64]));
        Assert.Contains($"'{Name}' has the dtype I64; F32, F16 and BF16 can be read", integers, StringComparison.Ordinal);
        string doubles = RefusedWeights(tensors => tensors[tensors.FindIndex(t => t.Name == Name)] = (Name, "F64", shape, new byte[64]));
        Assert.Contains($"'{Name}' the dtype 'F64'; F32, F16 and BF16 can be read", doubles, StringComparison.Ordinal);
    }

    [Fact]
    public void LoadModel_RefusesWeightsThatAreNotFinite()
    {
        string message = RefusedWeights(tensors => tensors[^1].Bytes.AsSpan()[2..4].Fill(0xFF));
        Assert.Contains("'classifier.bias' holds NaN at element 1", message, StringComparison.Ordinal);
    }

    [Fact]
    public void LoadModel_RefusesEveryTruncation()
    {
        Checkpoint.Write(_folder.FullPath);
        DistilBertDirectory directory = DistilBertDirectory.Open(_folder.FullPath);
        byte[] whole = File.ReadAllBytes(_folder["model.safetensors"]);
        foreach (int length in Enumerable.Range(0, whole.Length).Where(n => n < 32 || n % 97 == 0 || n > whole.Length - 8))
        {
            File.WriteAllBytes(_folder["model.safetensors"], whole[..length]);
            Assert.Throws<InvalidDataException>(() => directory.LoadModel());
        }
    }

    [Fact]
    public void LoadModel_RefusesAClassifierOfAnotherNumberOfClasses()
    {
        WriteWeights(_ => { });
        WriteConfig(c => c["id2label"] = new JsonObject { ["0"] = "no", ["1"] = "yes" });
        string message = Assert.Throws<InvalidDataException>(() => DistilBertDirectory.Open(_folder.FullPath).LoadModel()).Message;
        Assert.Contains("'classifier.weight' has the shape [3, 8]; config.json makes it [2, 8]", message, StringComparison.Ordinal);
    }

    [Fact]
    public void LoadModel_NeedsAThread()
    {
        Checkpoint.Write(_folder.FullPath);
        Assert.Throws<ArgumentOutOfRangeException>(() => DistilBertDirectory.Open(_folder.FullPath).LoadModel(0));
    }

    [Fact]
    public void LoadTokenizer_RefusesMorePiecesThanEmbeddings()
    {
        WriteWeights(_ => { });
        File.AppendAllLines(_folder["vocab.txt"], ["one", "more", "piece"]);
        string message = Assert.Throws<InvalidDataException>(() => DistilBertDirectory.Open(_folder.FullPath).LoadTokenizer()).Message;
        Assert.Contains("13 pieces, but config.json's vocab_size is 12", message, StringComparison.Ordinal);
    }

    /// <summary>tokenizer_config.json, and whether it is that of a cased model.</summary>
    [Theory]
    [InlineData(null, "good")]
    [InlineData("{}", "good")]
    [InlineData("""{"do_lower_case": true, "model_max_length": 512, "strip_accents": null, "unk_token": "[UNK]"}""", "good")]
    [InlineData("""{"do_lower_case": true, "strip_accents": true, "cls_token": {"content": "[CLS]", "lstrip": false}}""", "good")]
    [InlineData("""{"do_lower_case": false, "tokenizer_class": "DistilBertTokenizer", "sep_token": "[SEP]"}""", "Good")]
    [InlineData("""{"do_lower_case": false, "strip_accents": false, "tokenize_chinese_chars": true}""", "Good")]
    public void LoadTokenizer_IsCasedWhereTheModelIs(string? options, string piece)
    {
        Checkpoint.Write(_folder.FullPath);
        if (options is not null) File.WriteAllText(_folder["tokenizer_config.json"], options);
        Assert.Equal(piece, DistilBertDirectory.Open(_folder.FullPath).LoadTokenizer().Tokenize("Good", 9).Pieces[1]);
    }

    [Theory]
    [InlineData("""{"do_lower_case": "yes"}""", "do_lower_case is \"yes\"; supported: true and false")]
    [InlineData("""{"do_lower_case": false, "strip_accents": true}""", "strip_accents is true; supported: null or false")]
    [InlineData("""{"strip_accents": false}""", "strip_accents is false; supported: null or true")]
    [InlineData("""{"tokenize_chinese_chars": false}""", "tokenize_chinese_chars is false; supported: true")]
    [InlineData("""{"unk_token": "<unk>"}""", "unk_token is \"<unk>\"; supported: \"[UNK]\"")]
    [InlineData("""{"cls_token": {"content": "<s>"}}""", "cls_token is")]
    [InlineData("""{"sep_token": 3}""", "sep_token is 3")]
    [InlineData("[]", "an object is needed")]
    [InlineData("{", "not valid JSON")]
    public void LoadTokenizer_RefusesOptionsThatItDoesNotHave(string options, string part)
    {
        Checkpoint.Write(_folder.FullPath);
        File.WriteAllText(_folder["tokenizer_config.json"], options);
        string message = Assert.Throws<InvalidDataException>(() => DistilBertDirectory.Open(_folder.FullPath).LoadTokenizer()).Message;
        Assert.Contains("tokenizer_config.json", message, StringComparison.Ordinal);
        Assert.Contains(part, message, StringComparison.Ordinal);
    }

    private string RefusedWeights(Action<List<(string Name, string Type, int[] Shape, byte[] Bytes)>> change)
    {
        WriteWeights(change);
        DistilBertDirectory directory = DistilBertDirectory.Open(_folder.FullPath);
        return Assert.Throws<InvalidDataException>(() => directory.LoadModel()).Message;
    }

    private void WriteWeights(Action<List<(string Name, string Type, int[] Shape, byte[] Bytes)>> change)
    {
        Checkpoint.Write(_folder.FullPath);
        List<(string Name, string Type, int[] Shape, byte[] Bytes)> tensors = Checkpoint.StoredTensors();
        change(tensors);
        File.WriteAllBytes(_folder["model.safetensors"], SafetensorsFile.FromBytes(tensors));
    }

    private void WriteConfig(Action<JsonObject> change)
    {
        JsonObject config = Checkpoint.Config();
        change(config);
        File.WriteAllText(_folder["config.json"], config.ToJsonString());
    }
}
