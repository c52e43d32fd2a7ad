using System.Text;
using System.Text.Json.Nodes;
using Hnn.Model.Plain;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Plain;

public sealed class DistilBertConfigTests
{
    private static readonly DistilBertCheckpoint Checkpoint = new(4, 8, 40, 3, 5, TensorType.F32, 1);

    [Fact]
    public void Load_ReadsUpstreamsFields()
    {
        DistilBertConfig config = Load(_ => { });
        Assert.Equal((32, 3, 4, 8, 40), (config.HiddenSize, config.LayerCount, config.HeadCount, config.HeadSize, config.IntermediateSize));
        Assert.Equal((DistilBertCheckpoint.Vocabulary, DistilBertCheckpoint.Positions), (config.VocabularySize, config.MaxPosition));
        Assert.Equal(PlainActivation.Gelu, config.Activation);
        Assert.Equal(["class 0", "class 1", "class 2", "class 3", "class 4"], config.Labels);
        Assert.Equal(PlainActivation.Relu, Load(c => c["activation"] = "relu").Activation);
    }

    [Fact]
    public void Load_TakesLabelsInTheOrderOfTheirIds() => Assert.Equal(
        ["zero", "one", "two"], Load(c => c["id2label"] = new JsonObject { ["2"] = "two", ["0"] = "zero", ["1"] = "one" }).Labels);

    [Fact]
    public void Load_NamesLabelsAsUpstreamDoesWhereThereAreNone()
    {
        Assert.Equal(["LABEL_0", "LABEL_1"], Load(c => c.Remove("id2label")).Labels);
        Assert.Equal(["LABEL_0", "LABEL_1", "LABEL_2"], Load(c => (c["id2label"], c["num_labels"]) = (null, 3)).Labels);
        Assert.Equal(5, Load(c => c["num_labels"] = 5).Labels.Count);
    }

    [Fact]
    public void Load_IgnoresWhatInferenceDoesNotNeed() => Assert.Equal(32, Load(c =>
    {
        c["something_new"] = new JsonObject { ["deep"] = new JsonArray(1, 2) };
        (c["sinusoidal_pos_embds"], c["problem_type"]) = (true, "single_label_classification");
        c["label2id"] = new JsonObject { ["LABEL_0"] = 0 };
    }).HiddenSize);

    [Fact]
    public void Load_AcceptsTheCheckpointOfSixLayersOf768()
    {
        DistilBertConfig config = Load(c =>
        {
            (c["dim"], c["n_layers"], c["n_heads"], c["hidden_dim"]) = (768, 6, 12, 3072);
            (c["vocab_size"], c["max_position_embeddings"]) = (30522, 512);
        });
        Assert.Equal((768, 64, 30522, 512), (config.HiddenSize, config.HeadSize, config.VocabularySize, config.MaxPosition));
    }

    /// <summary>What it must say, field, JSON; null removes the field.</summary>
    public static TheoryData<string, string, string?> Bad => new()
    {
        { "model_type is \"bert\"", "model_type", "\"bert\"" },
        { "model_type is missing", "model_type", null },
        { "architectures is [\"DistilBertForMaskedLM\"]", "architectures", "[\"DistilBertForMaskedLM\"]" },
        { "supported: \"distilbert\" and [\"DistilBertForSequenceClassification\"]", "architectures", "[\"BertModel\"]" },
        { "architectures is missing", "architectures", null },
        { "architectures is []", "architectures", "[]" },
        { "architectures is 7", "architectures", "7" },
        { "problem_type is \"regression\"", "problem_type", "\"regression\"" },
        { "problem_type is \"multi_label_classification\"", "problem_type", "\"multi_label_classification\"" },
        { "activation is \"gelu_new\"; supported: \"gelu\" and \"relu\"", "activation", "\"gelu_new\"" },
        { "'activation'", "activation", null },
        { "'dim'", "dim", null },
        { "dim is 0; supported: an integer in [1, 4096]", "dim", "0" },
        { "dim is 1e9", "dim", "1e9" },
        { "dim is \"32\"", "dim", "\"32\"" },
        { "n_layers is 65", "n_layers", "65" },
        { "n_layers is 2.5", "n_layers", "2.5" },
        { "n_heads is 5; supported: a divisor of dim 32", "n_heads", "5" },
        { "n_heads is -4", "n_heads", "-4" },
        { "hidden_dim is 16385", "hidden_dim", "16385" },
        { "vocab_size is 1000001", "vocab_size", "1000001" },
        { "max_position_embeddings is 4097", "max_position_embeddings", "4097" },
        { "num_labels is 4; supported: the 5 labels of id2label", "num_labels", "4" },
        { "num_labels is 1", "num_labels", "1" },
        { "id2label is an object of 1", "id2label", """{"0":"LABEL_0"}""" },
        { "id2label is {\"0\":\"a\",\"2\":\"b\"}", "id2label", """{"0":"a","2":"b"}""" },
        { "id2label is {\"0\":\"a\",\"00\":\"b\"}", "id2label", """{"0":"a","00":"b"}""" },
        { "id2label is {\"0\":\"a\",\"-1\":\"b\"}", "id2label", """{"0":"a","-1":"b"}""" },
        { "id2label is {\"0\":\"a\",\"1\":\"\"}", "id2label", """{"0":"a","1":""}""" },
        { "id2label is {\"0\":\"a\",\"1\":2}", "id2label", """{"0":"a","1":2}""" },
        { "without control characters", "id2label", """{"0":"a","1":"\u001b[2J"}""" },
        { "id2label is [\"a\",\"b\"]", "id2label", """["a","b"]""" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void Load_RefusesWhatItDoesNotSupportByName(string part, string field, string? json)
    {
        string message = Assert.Throws<InvalidDataException>(() => Load(c =>
        {
            c.Remove(field);
            if (json is not null) c[field] = JsonNode.Parse(json);
        })).Message;
        Assert.Contains(part, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"model_type":"distilbert","model_type":"bert"}""")]
    [InlineData("""{"model_type":"distilbert","architectures":["DistilBertForSequenceClassification"],"activation":"\ud800"}""")]
    public void Load_RefusesWhatIsNotJson(string json) =>
        Assert.Throws<InvalidDataException>(() => DistilBertConfig.Load(new MemoryStream(Encoding.UTF8.GetBytes(json))));

    [Fact]
    public void Load_BoundsTheFile()
    {
        var large = new MemoryStream(new byte[DistilBertConfig.MaxByteCount + 1]);
        Assert.Contains("larger than", Assert.Throws<InvalidDataException>(() => DistilBertConfig.Load(large)).Message, StringComparison.Ordinal);
    }

    private static DistilBertConfig Load(Action<JsonObject> change)
    {
        JsonObject config = Checkpoint.Config();
        change(config);
        return DistilBertConfig.Load(new MemoryStream(Encoding.UTF8.GetBytes(config.ToJsonString())));
    }
}
