using System.Text;
using System.Text.Json.Nodes;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Weights;

public sealed class HnnConfigTests
{
    /// <summary>Field (dotted), the JSON put in its place, part of the message.</summary>
    public static TheoryData<string, string, string> BadFields => new()
    {
        { "hidden_size", "0", "[1, 4096]" }, { "hidden_size", "4097", "4097" }, { "hidden_size", "\"128\"", "an integer" },
        { "hidden_size", "128.5", "an integer" },
        { "hidden_size", "null", "an integer" }, { "hidden_size", "99999999999999999999", "an integer" },
        { "num_layers", "0", "[1, 64]" }, { "num_layers", "65", "[1, 64]" }, { "num_layers", "-1", "[1, 64]" },
        { "num_heads", "0", "[1, 4096]" }, { "num_heads", "3", "a divisor of hidden_size 128" },
        { "intermediate_size", "0", "[1, 16384]" }, { "intermediate_size", "16385", "[1, 16384]" },
        { "vocab_size", "2", "[3, 1000000]" }, { "vocab_size", "1000001", "[3, 1000000]" },
        { "max_position", "1", "[2, 4096]" }, { "max_position", "4097", "[2, 4096]" },
        { "max_position", "32", "no bucket above max_position 32" },
        { "layer_norm_eps", "0", "(0, 1]" }, { "layer_norm_eps", "-1e-5", "(0, 1]" }, { "layer_norm_eps", "1e999", "(0, 1]" },
        { "layer_norm_eps", "[]", "(0, 1]" },
        { "buckets", "[]", "powers of two" }, { "buckets", "16", "powers of two" }, { "buckets", "[16, 16]", "rising" },
        { "buckets", "[32, 16]", "rising" },
        { "buckets", "[24]", "powers of two" }, { "buckets", "[1]", "[2, 4096]" }, { "buckets", "[8192]", "[2, 4096]" },
        { "buckets", "[\"16\"]", "an integer" },
        { "buckets", "[2,2,2,2,2,2,2,2,2,2,2,2,2]", "1 to 12" },
        { "activation", "[0, 0.5]", "three numbers" }, { "activation", "0.5", "three numbers" },
        { "activation", "[0, 0.5, 2000]", "[-1024, 1024]" },
        { "activation", "[0, null, 1]", "[-1024, 1024]" }, { "activation", "[0.1, 0.5, 0.125]", "c0 = 0" },
        { "attention", "\"softmax\"", "(q.k/sqrt(head_size))^2 / bucket" }, { "attention", "1", "supported" },
        { "normalization", "\"layer_norm\"", "folded" }, { "pooling", "\"cls\"", "sum over positions" },
        { "labels", "[\"a\"]", "2 to 64 different labels" }, { "labels", "[\"a\", \"a\"]", "2 to 64 different labels" },
        { "labels", "[\"a\", \"\"]", "2 to 64 different labels" },
        { "labels", "[\"a\", 1]", "2 to 64 different labels" }, { "labels", "\"ab\"", "2 to 64 different labels" },
        { "labels", "[]", "2 to 64 different labels" }, { "labels", "[\"a\", \"b\", \"a\"]", "2 to 64 different labels" },
        { "labels", $"[{string.Join(',', Enumerable.Range(0, 65))}]", "2 to 64 different labels" },
        { "labels", "[\"a\", \"\\u001b[2J\"]", "control characters" },
        { "labels", $"[\"a\", \"{new string('b', 65)}\"]", "1 to 64" },
        { "soft_argmax", "2.0", "an object" }, { "soft_argmax.temperature", "0", "(0, 1000000]" },
        { "soft_argmax.temperature", "1e7", "(0, 1000000]" },
        { "soft_argmax.interval", "8", "two numbers" }, { "soft_argmax.interval", "[-8]", "two numbers" },
        { "soft_argmax.interval", "[8, -8]", "low < high" },
        { "soft_argmax.interval", "[8, 8]", "low < high" }, { "soft_argmax.interval", "[-65, 8]", "[-64, 64]" },
        { "soft_argmax.slope", "1", "unknown field" }, { "dropout", "0.1", "unknown field" },
    };

    /// <summary>Field of soft_argmax.calibration, the JSON put in its place, part of the message.</summary>
    public static TheoryData<string, string, string> BadCalibrationFields => new()
    {
        { "data", "\"\"", "1 to 128 characters" }, { "data", $"\"{new string('x', 129)}\"", "1 to 128 characters" },
        { "data", "\"a\\nb\"", "control characters" }, { "data", "1", "1 to 128 characters" },
        { "samples", "0", "[1, 2147483647]" }, { "samples", "1.5", "an integer" },
        { "initial_temperature", "0", "(0, 1000000]" },
        { "loss_before", "-0.1", "[0, 1000000000]" }, { "loss_after", "1e999", "[0, 1000000000]" },
        { "entropy_before", "6.1", "[0, 6]" }, { "entropy_after", "-1", "[0, 6]" },
        { "calibration_error_before", "1.1", "[0, 1]" }, { "calibration_error_after", "\"0\"", "[0, 1]" },
        { "accuracy", "2", "[0, 1]" }, { "accuracy", "null", "[0, 1]" },
        { "reached", "[1]", "two numbers" }, { "reached", "[3, -3]", "low <= high" }, { "reached", "[-65, 0]", "[-64, 64]" },
        { "seed", "1", "unknown field" },
    };

    public static TheoryData<string> FieldNames =>
    [
        "hidden_size", "num_layers", "num_heads", "intermediate_size", "vocab_size", "buckets", "layer_norm_eps", "attention", "activation",
        "normalization", "pooling", "labels", "soft_argmax", "max_position", "soft_argmax.temperature", "soft_argmax.interval",
    ];

    [Fact]
    public void Load_ReadsTheCommittedModel()
    {
        HnnConfig config = HnnConfig.Load(Path.Combine(TestData.HnnTiny, "config.json"));
        Assert.Equal((128, 2, 4, 512, 30522, 64, 32, 64), (config.HiddenSize, config.LayerCount, config.HeadCount, config.IntermediateSize,
            config.VocabularySize, config.MaxPosition, config.HeadSize, config.MaxTokenCount));
        Assert.Equal([16, 32, 64], config.Buckets);
        Assert.Equal([0, 0.5, 0.125], config.Activation);
        Assert.Equal(["negative", "positive"], config.Labels);
        Assert.Equal((-10, 10, 31), (config.SoftArgmax.Low, config.SoftArgmax.High, config.SoftArgmax.Degree));
        Assert.Equal(872, config.SoftArgmax.Calibration?.SampleCount);
        Assert.Equal(1e-12, config.LayerNormEpsilon);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(HnnConfig.MaxLabelCount)]
    public void Load_ReadsTwoToSixtyFourLabels(int count)
    {
        JsonNode root = Good();
        string[] labels = [.. Enumerable.Range(0, count).Select(i => $"class {i}")];
        root["labels"] = new JsonArray([.. labels.Select(label => JsonValue.Create(label))]);
        Assert.Equal(labels, Load(root.ToJsonString()).Labels);
    }

    [Theory]
    [MemberData(nameof(BadFields))]
    public void Load_RefusesBadFields(string field, string value, string reason)
    {
        string message = Assert.Throws<InvalidDataException>(() => Load(With(field, value))).Message;
        Assert.Contains(field, message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_ReadsTheCalibrationAndLoadsWithoutIt()
    {
        Assert.Null(Load(Good().ToJsonString()).SoftArgmax.Calibration);
        Assert.Equal(
            new SoftArgmaxConfig(2, -8, 8, new("dev.tsv", 9, 2, new(0.5, 0.75, 0.1), new(0.4, 0.7, 0.05), 0.8, -3, 4)),
            Load(Calibrated().ToJsonString()).SoftArgmax);
    }

    [Fact]
    public void Load_ReadsTheDegreeAndTakes15WhereThereIsNone()
    {
        Assert.Equal(15, Load(Good().ToJsonString()).SoftArgmax.Degree);
        JsonNode root = Good();
        root["soft_argmax"]!["degree"] = 27;
        Assert.Equal(27, Load(root.ToJsonString()).SoftArgmax.Degree);
        foreach (JsonNode bad in (JsonNode[])[1, 8, 65, 7.5, "15"])
        {
            root["soft_argmax"]!["degree"] = bad;
            string message = Assert.Throws<InvalidDataException>(() => Load(root.ToJsonString())).Message;
            Assert.Contains("soft_argmax.degree", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Load_ReadsIterationsAndReleaseOfMoreThanTwoClassesAndKeepsOldFilesReadable()
    {
        JsonNode root = Good();
        Assert.Equal(Release.SoftArgmax, Load(root.ToJsonString()).Release);
        root["labels"] = JsonNode.Parse("[\"a\", \"b\", \"c\"]");
        HnnConfig old = Load(root.ToJsonString());
        Assert.Equal((null, null, Release.Probabilities), (old.SoftArgmax.Iterations, old.SoftArgmax.Release, old.Release));
        root["soft_argmax"]!["iterations"] = 7;
        root["soft_argmax"]!["release"] = "soft_argmax";
        HnnConfig config = Load(root.ToJsonString());
        Assert.Equal((7, Release.SoftArgmax, Release.SoftArgmax), (config.SoftArgmax.Iterations, config.SoftArgmax.Release, config.Release));
        Assert.Equal(Release.Probabilities, config.WithRelease(Release.Probabilities).Release);
        foreach ((string field, JsonNode bad) in ((string, JsonNode)[])[
            ("iterations", 0), ("iterations", 17), ("iterations", "6"), ("release", "label"), ("release", 1), ("release", "Probabilities")])
        {
            JsonNode copy = root.DeepClone();
            copy["soft_argmax"]![field] = bad;
            Assert.Contains($"soft_argmax.{field}", Assert.Throws<InvalidDataException>(() => Load(copy.ToJsonString())).Message,
                StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("iterations", "6", "2 labels, which divide nothing")]
    [InlineData("release", "\"probabilities\"", "the probability of the second")]
    public void Load_RefusesWhatTwoClassesHaveNot(string field, string value, string part)
    {
        JsonNode root = Good();
        root["soft_argmax"]![field] = JsonNode.Parse(value);
        string message = Assert.Throws<InvalidDataException>(() => Load(root.ToJsonString())).Message;
        Assert.Contains($"soft_argmax.{field}", message, StringComparison.Ordinal);
        Assert.Contains(part, message, StringComparison.Ordinal);
        root["soft_argmax"]![field] = null;
        root["soft_argmax"]!.AsObject().Remove(field);
        root["soft_argmax"]!["release"] = "soft_argmax";
        Assert.Equal(Release.SoftArgmax, Load(root.ToJsonString()).SoftArgmax.Release);
    }

    [Theory]
    [MemberData(nameof(BadCalibrationFields))]
    public void Load_RefusesBadCalibrations(string field, string value, string reason)
    {
        JsonNode root = Calibrated();
        root["soft_argmax"]!["calibration"]![field] = "@@";
        string message = Assert.Throws<InvalidDataException>(
            () => Load(root.ToJsonString().Replace("\"@@\"", value, StringComparison.Ordinal))).Message;
        Assert.Contains($"soft_argmax.calibration.{field}", message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_RefusesHalfACalibration()
    {
        foreach (string field in Calibrated()["soft_argmax"]!["calibration"]!.AsObject().Select(f => f.Key).ToArray())
        {
            JsonNode root = Calibrated();
            root["soft_argmax"]!["calibration"]!.AsObject().Remove(field);
            Assert.Contains(
                $"'soft_argmax.calibration.{field}' is missing",
                Assert.Throws<InvalidDataException>(() => Load(root.ToJsonString())).Message,
                StringComparison.Ordinal);
        }

        JsonNode none = Good();
        none["soft_argmax"]!["calibration"] = JsonValue.Create("yes");
        Assert.Contains(
            "an object", Assert.Throws<InvalidDataException>(() => Load(none.ToJsonString())).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(FieldNames))]
    public void Load_RefusesMissingFields(string field)
    {
        JsonNode root = Good();
        Parent(root, field).Remove(field.Split('.')[^1]);
        string message = Assert.Throws<InvalidDataException>(() => Load(root.ToJsonString())).Message;
        Assert.Contains($"'{field}' is missing", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"hidden_size\":1,\"hidden_size\":1}")]
    [InlineData("{\"\\ud800\":1}")]
    [InlineData("{\"a\":{\"b\":{\"c\":{\"d\":{}}}}}")]
    public void Load_RefusesWhatIsNoConfig(string json) => Assert.Throws<InvalidDataException>(() => Load(json));

    [Fact]
    public void Load_RefusesMoreThanItsCapAndEveryTruncation()
    {
        Assert.Throws<InvalidDataException>(() => Load(new string(' ', HnnConfig.MaxByteCount) + "{}"));
        string good = Good().ToJsonString();
        for (int length = 0; length < good.Length; length++) Assert.Throws<InvalidDataException>(() => Load(good[..length]));
    }

    [Fact]
    public void Load_DoesNotEchoControlCharacters() =>
        Assert.DoesNotContain(
            Assert.Throws<InvalidDataException>(() => Load("{\"\\u001b[2J" + new string('x', 500) + "\":1}")).Message, char.IsControl);

    [Theory]
    [InlineData(1, 16)]
    [InlineData(16, 16)]
    [InlineData(17, 32)]
    [InlineData(64, 64)]
    public void BucketFor_GivesTheSmallestThatHolds(int tokens, int bucket) =>
        Assert.Equal(bucket, Load(Good().ToJsonString()).BucketFor(tokens));

    [Theory]
    [InlineData(0)]
    [InlineData(65)]
    public void BucketFor_RefusesWhatNoneHolds(int tokens) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Load(Good().ToJsonString()).BucketFor(tokens));

    private static JsonNode Calibrated()
    {
        JsonNode root = Good();
        root["soft_argmax"]!["calibration"] = JsonNode.Parse("""
            {
              "data": "dev.tsv", "samples": 9, "initial_temperature": 2, "loss_before": 0.5, "loss_after": 0.4, "entropy_before": 0.75,
              "entropy_after": 0.7, "calibration_error_before": 0.1, "calibration_error_after": 0.05, "accuracy": 0.8, "reached": [-3, 4]
            }
            """);
        return root;
    }

    /// <summary>The committed model's, its soft-argmax as before any calibration.</summary>
    private static JsonNode Good()
    {
        JsonNode root = JsonNode.Parse(File.ReadAllText(Path.Combine(TestData.HnnTiny, "config.json")))!;
        root["soft_argmax"] = JsonNode.Parse("{ \"temperature\": 2.0, \"interval\": [-8, 8] }");
        return root;
    }

    /// <summary>The good config with one field's text replaced, by a placeholder, as some values are no number of .NET's.</summary>
    private static string With(string field, string value)
    {
        JsonNode root = Good();
        Parent(root, field)[field.Split('.')[^1]] = "@@";
        return root.ToJsonString().Replace("\"@@\"", value, StringComparison.Ordinal);
    }

    private static JsonObject Parent(JsonNode root, string field) =>
        (field.Contains('.', StringComparison.Ordinal) ? root["soft_argmax"] : root)!.AsObject();

    private static HnnConfig Load(string json) => HnnConfig.Load(new MemoryStream(Encoding.UTF8.GetBytes(json)));
}
