using System.Globalization;
using System.Text.Json;

namespace Hnn.Model.Plain;

/// <summary>Parses Hugging Face's config.json and proves each field that is used; see <see cref="DistilBertConfig"/> for the
/// ranges.</summary>
internal sealed class DistilBertConfigReader
{
    private const int MaxLabelCount = 1000;
    private const int MaxLabelLength = 256;
    private const int DefaultLabelCount = 2; // upstream writes neither id2label nor num_labels where they are the default
    private const string SupportedProblem = "single_label_classification";

    private readonly JsonElement _root;

    private DistilBertConfigReader(JsonElement root) => _root = root;

    /// <summary>Parses a whole file.</summary>
    /// <param name="json">UTF-8 JSON.</param>
    /// <returns>The proven configuration.</returns>
    /// <exception cref="InvalidDataException">See <see cref="DistilBertConfig.Load(Stream)"/>.</exception>
    public static DistilBertConfig Read(byte[] json)
    {
        using JsonDocument document = JsonText.ParseObject(json, DistilBertDirectory.ConfigFileName);
        return JsonText.Guard(DistilBertDirectory.ConfigFileName, () => new DistilBertConfigReader(document.RootElement).Config());
    }

    private DistilBertConfig Config()
    {
        RequireArchitecture();
        RequireProblem();
        var config = new DistilBertConfig
        {
            HiddenSize = Integer("dim", 1, 4096),
            LayerCount = Integer("n_layers", 1, 64),
            HeadCount = Integer("n_heads", 1, 4096),
            IntermediateSize = Integer("hidden_dim", 1, 16384),
            VocabularySize = Integer("vocab_size", 3, 1_000_000),
            MaxPosition = Integer("max_position_embeddings", 2, 4096),
            Activation = Activation(),
            Labels = Labels(),
        };
        if (config.HiddenSize % config.HeadCount != 0)
            throw Invalid("n_heads", config.HeadCount.ToString(CultureInfo.InvariantCulture), $"a divisor of dim {config.HiddenSize}");
        return config;
    }

    private void RequireArchitecture()
    {
        string modelType = JsonText.Describe(_root, "model_type"), architectures = JsonText.Describe(_root, "architectures");
        const string Wanted = $"[\"{DistilBertConfig.SupportedArchitecture}\"]";
        bool isSupported = modelType == $"\"{DistilBertConfig.SupportedModelType}\"" && HasArchitecture();
        if (!isSupported)
            throw new InvalidDataException(
                $"config.json: model_type is {modelType} and architectures is {architectures}; supported: "
                + $"\"{DistilBertConfig.SupportedModelType}\" and {Wanted}. Give a DistilBERT that was fine-tuned for classification.");
    }

    private bool HasArchitecture() => _root.TryGetProperty("architectures", out JsonElement value)
        && value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 1
        && value[0].ValueKind == JsonValueKind.String && value[0].GetString() == DistilBertConfig.SupportedArchitecture;

    /// <summary>Regressions and multi-label models have the same architecture, but a softmax over their logits means nothing.</summary>
    private void RequireProblem()
    {
        if (!_root.TryGetProperty("problem_type", out JsonElement value) || value.ValueKind == JsonValueKind.Null) return;
        if (value.ValueKind != JsonValueKind.String || value.GetString() != SupportedProblem)
            throw Invalid("problem_type", JsonText.Shown(value), $"\"{SupportedProblem}\"");
    }

    private PlainActivation Activation()
    {
        JsonElement value = Field("activation");
        return (value.ValueKind == JsonValueKind.String ? value.GetString() : null) switch
        {
            "gelu" => PlainActivation.Gelu,
            "relu" => PlainActivation.Relu,
            _ => throw Invalid("activation", JsonText.Shown(value), "\"gelu\" and \"relu\""),
        };
    }

    private string[] Labels()
    {
        int? stated = _root.TryGetProperty("num_labels", out _) ? Integer("num_labels", 2, MaxLabelCount) : null;
        if (!_root.TryGetProperty("id2label", out JsonElement map) || map.ValueKind == JsonValueKind.Null)
            return DefaultLabels(stated ?? DefaultLabelCount);
        string allowed = $"an object with 2 to {MaxLabelCount} labels under \"0\", \"1\", …, each of 1 to {MaxLabelLength} characters, "
            + "without control characters";
        if (map.ValueKind != JsonValueKind.Object) throw Invalid("id2label", JsonText.Shown(map), allowed);
        var labels = new string?[map.EnumerateObject().Count()];
        if (labels.Length is < 2 or > MaxLabelCount) throw Invalid("id2label", $"an object of {labels.Length}", allowed);
        foreach (JsonProperty entry in map.EnumerateObject())
        {
            string? label = entry.Value.ValueKind == JsonValueKind.String ? entry.Value.GetString() : null;
            bool isGood = int.TryParse(entry.Name, NumberStyles.None, CultureInfo.InvariantCulture, out int id) && id < labels.Length
                && labels[id] is null && label is { Length: > 0 and <= MaxLabelLength } && !label.Any(char.IsControl);
            if (!isGood) throw Invalid("id2label", JsonText.Shown(map), allowed);
            labels[id] = label;
        }

        if (stated is { } count && count != labels.Length)
            throw Invalid("num_labels", count.ToString(CultureInfo.InvariantCulture), $"the {labels.Length} labels of id2label");
        return labels!; // as many distinct ids below Length as there are places
    }

    private static string[] DefaultLabels(int count) =>
        [.. Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"LABEL_{i}"))];

    private JsonElement Field(string name) => _root.TryGetProperty(name, out JsonElement value)
        ? value
        : throw new InvalidDataException($"config.json: the field '{name}' of a DistilBERT is missing; add it.");

    private int Integer(string name, int low, int high)
    {
        JsonElement value = Field(name);
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number >= low && number <= high
            ? number
            : throw Invalid(name, JsonText.Shown(value), $"an integer in [{low}, {high}]");
    }

    private static InvalidDataException Invalid(string name, string shown, string allowed) =>
        new($"config.json: {name} is {shown}; supported: {allowed}.");
}
