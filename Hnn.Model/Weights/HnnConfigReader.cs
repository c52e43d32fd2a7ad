using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace Hnn.Model.Weights;

/// <summary>Parses config.json and proves each field; see <see cref="HnnConfig"/> for the ranges.</summary>
internal sealed class HnnConfigReader
{
    private static readonly string[] Fields =
    [
        "hidden_size", "num_layers", "num_heads", "intermediate_size", "vocab_size", "buckets", "layer_norm_eps", "attention", "activation",
        "normalization", "pooling", "labels", "soft_argmax", "max_position",
    ];

    private static readonly string[] CalibrationFields =
    [
        "data", "samples", "initial_temperature", "loss_before", "loss_after", "entropy_before", "entropy_after",
        "calibration_error_before", "calibration_error_after", "accuracy", "reached",
    ];

    private static readonly string[] SoftArgmaxFields = ["temperature", "interval", "degree", "iterations", "release", "calibration"];

    private readonly JsonElement _root;
    private readonly string _prefix;

    private HnnConfigReader(JsonElement root, string prefix, string[] fields)
    {
        (_root, _prefix) = (root, prefix);
        foreach (JsonProperty property in root.EnumerateObject())
        {
            if (!fields.Contains(property.Name))
                throw new InvalidDataException(
                    $"config.json: unknown field '{prefix}{Shown(property.Name)}'; known are {string.Join(", ", fields)}. "
                    + "Remove it, or use a newer version.");
        }
    }

    /// <summary>Parses a whole file.</summary>
    /// <param name="json">UTF-8 JSON.</param>
    /// <returns>The proven configuration.</returns>
    /// <exception cref="InvalidDataException">See <see cref="HnnConfig.Load(Stream)"/>.</exception>
    public static HnnConfig Read(byte[] json)
    {
        try
        {
            var options = new JsonDocumentOptions { MaxDepth = 4, AllowDuplicateProperties = false };
            using JsonDocument document = JsonDocument.Parse(json, options);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new InvalidDataException($"config.json holds {document.RootElement.ValueKind}; an object is needed.");
            return new HnnConfigReader(document.RootElement, "", Fields).Config();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string that is not Unicode, as an escaped lone surrogate.
            throw new InvalidDataException($"config.json is not valid JSON with distinct names: {e.Message}", e);
        }
    }

    private HnnConfig Config()
    {
        RequireText("attention", HnnConfig.SupportedAttention);
        RequireText("normalization", HnnConfig.SupportedNormalization);
        RequireText("pooling", HnnConfig.SupportedPooling);
        var config = new HnnConfig
        {
            HiddenSize = Integer("hidden_size", 1, 4096),
            LayerCount = Integer("num_layers", 1, 64),
            HeadCount = Integer("num_heads", 1, 4096),
            IntermediateSize = Integer("intermediate_size", 1, 16384),
            VocabularySize = Integer("vocab_size", 3, 1_000_000),
            MaxPosition = Integer("max_position", 2, 4096),
            LayerNormEpsilon = Number("layer_norm_eps", Field("layer_norm_eps"), double.Epsilon, 1, "(0, 1]"),
            Buckets = Buckets(),
            Activation = Activation(),
            Labels = Labels(),
            SoftArgmax = SoftArgmax(),
        };
        RequireForClasses(config);
        if (config.HiddenSize % config.HeadCount != 0)
            throw Invalid("num_heads", config.HeadCount, $"a divisor of hidden_size {config.HiddenSize}");
        if (config.MaxTokenCount > config.MaxPosition)
            throw Invalid("buckets", config.MaxTokenCount, $"no bucket above max_position {config.MaxPosition}");
        return config;
    }

    private int[] Buckets()
    {
        const string Allowed = "1 to 12 powers of two in [2, 4096], rising";
        JsonElement value = Field("buckets");
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() is 0 or > 12) throw Invalid("buckets", value, Allowed);
        var buckets = new int[value.GetArrayLength()];
        for (int i = 0; i < buckets.Length; i++)
        {
            buckets[i] = Integer("buckets", value[i], 2, 4096);
            if (!BitOperations.IsPow2(buckets[i]) || (i > 0 && buckets[i] <= buckets[i - 1])) throw Invalid("buckets", value, Allowed);
        }

        return buckets;
    }

    private double[] Activation()
    {
        JsonElement value = Field("activation");
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() != 3)
            throw Invalid("activation", value, "three numbers [c0, c1, c2]");
        double[] c = [.. value.EnumerateArray().Select(e => Number("activation", e, -1024, 1024, "[-1024, 1024]"))];
        return c[0] == 0 ? c : throw Invalid("activation", value, "c0 = 0, so that padded positions stay zero");
    }

    private string[] Labels()
    {
        string allowed = $"2 to {HnnConfig.MaxLabelCount} different labels of 1 to 64 characters, without control characters";
        JsonElement value = Field("labels");
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() is < 2 or > HnnConfig.MaxLabelCount)
            throw Invalid("labels", value, allowed);
        string[] labels = [.. value.EnumerateArray().Select(e => e.ValueKind == JsonValueKind.String ? e.GetString()! : "")];
        bool isGood = labels.All(l => l.Length is > 0 and <= 64 && !l.Any(char.IsControl)) && labels.Distinct().Count() == labels.Length;
        return isGood ? labels : throw Invalid("labels", value, allowed);
    }

    private SoftArgmaxConfig SoftArgmax()
    {
        JsonElement value = Field("soft_argmax");
        if (value.ValueKind != JsonValueKind.Object) throw Invalid("soft_argmax", value, "an object of temperature and interval");
        var inner = new HnnConfigReader(value, "soft_argmax.", SoftArgmaxFields);
        (double low, double high) = inner.Interval("interval");
        return low < high
            ? new SoftArgmaxConfig(inner.Temperature("temperature"), low, high, inner.Calibration()) 
            {
                Degree = inner.Degree(),
                Iterations = inner._root.TryGetProperty("iterations", out _)
                    ? inner.Integer("iterations", 1, SoftArgmaxConfig.MaxIterations)
                    : null,
                Release = inner.Release(),
            }
            : throw inner.Invalid("interval", inner.Field("interval"), "low < high");
    }

    // May be missing, as in the files of version 0.1.
    private int Degree()
    {
        if (!_root.TryGetProperty("degree", out JsonElement value)) return SoftArgmaxConfig.DefaultDegree;
        int degree = Integer("degree", value, 3, SoftArgmaxConfig.MaxDegree);
        return int.IsOddInteger(degree) ? degree : throw Invalid("degree", value, $"an odd integer in [3, {SoftArgmaxConfig.MaxDegree}]");
    }

    // May be missing, as in the files of version 0.1.
    private Release? Release()
    {
        if (!_root.TryGetProperty("release", out JsonElement value)) return null;
        string name = value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
        return ReleaseName.TryParse(name, out Release release) ? release : throw Invalid("release", value, ReleaseName.Choices);
    }

    // With two classes there is nothing to divide, and nothing to release but y.
    private static void RequireForClasses(HnnConfig config)
    {
        if (config.Labels.Count > 2) return;
        SoftArgmaxConfig softArgmax = config.SoftArgmax;
        if (softArgmax.Iterations is { } iterations)
            throw new InvalidDataException($"config.json: soft_argmax.iterations is {iterations}; supported: none with 2 labels, which divide nothing.");
        if (softArgmax.Release == Model.Release.Probabilities)
            throw new InvalidDataException(
                "config.json: soft_argmax.release is \"probabilities\"; supported: \"soft_argmax\" with 2 labels, whose y is the probability of the second.");
    }

    // May be missing: it says how the others were found.
    private SoftArgmaxCalibration? Calibration()
    {
        if (!_root.TryGetProperty("calibration", out JsonElement value)) return null;
        if (value.ValueKind != JsonValueKind.Object) throw Invalid("calibration", value, "an object of what was measured");
        var inner = new HnnConfigReader(value, _prefix + "calibration.", CalibrationFields);
        (double low, double high) = inner.Interval("reached");
        return low <= high
            ? new SoftArgmaxCalibration(
                inner.Data(), inner.Integer("samples", 1, int.MaxValue), inner.Temperature("initial_temperature"), inner.Figures("before"),
                inner.Figures("after"), inner.Share("accuracy"), low, high)
            : throw inner.Invalid("reached", inner.Field("reached"), "low <= high");
    }

    private CalibrationFigures Figures(string when) => new(
        Number($"loss_{when}", Field($"loss_{when}"), 0, 1e9, "[0, 1000000000]"),
        Number($"entropy_{when}", Field($"entropy_{when}"), 0, 6, "[0, 6], log2 of the most classes"),
        Share($"calibration_error_{when}"));

    private string Data()
    {
        JsonElement value = Field("data");
        string name = value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
        return name.Length is > 0 and <= SoftArgmaxCalibration.MaxDataLength && !name.Any(char.IsControl)
            ? name
            : throw Invalid("data", value, $"a name of 1 to {SoftArgmaxCalibration.MaxDataLength} characters, without control characters");
    }

    private double Temperature(string name) => Number(name, Field(name), double.Epsilon, 1e6, "(0, 1000000]");

    private double Share(string name) => Number(name, Field(name), 0, 1, "[0, 1]");

    private (double Low, double High) Interval(string name)
    {
        JsonElement interval = Field(name);
        return interval.ValueKind == JsonValueKind.Array && interval.GetArrayLength() == 2
            ? (Number(name, interval[0], -64, 64, "[-64, 64]"), Number(name, interval[1], -64, 64, "[-64, 64]"))
            : throw Invalid(name, interval, "two numbers [low, high]");
    }

    private JsonElement Field(string name) => _root.TryGetProperty(name, out JsonElement value)
        ? value
        : throw new InvalidDataException($"config.json: the field '{_prefix}{name}' is missing; add it.");

    private int Integer(string name, int low, int high) => Integer(name, Field(name), low, high);

    private int Integer(string name, JsonElement value, int low, int high) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number >= low && number <= high
            ? number
            : throw Invalid(name, value, $"an integer in [{low}, {high}]");

    private double Number(string name, JsonElement value, double low, double high, string range) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && number >= low && number <= high
            ? number
            : throw Invalid(name, value, $"a number in {range}");

    private void RequireText(string name, string supported)
    {
        JsonElement value = Field(name);
        if (value.ValueKind != JsonValueKind.String || value.GetString() != supported) throw Invalid(name, value, $"\"{supported}\"");
    }

    private InvalidDataException Invalid(string name, object value, string allowed)
    {
        string text = value is JsonElement element ? element.GetRawText() : Convert.ToString(value, CultureInfo.InvariantCulture)!;
        return new InvalidDataException($"config.json: {_prefix}{name} is {Shown(text)}; supported: {allowed}.");
    }

    /// <summary>At most 64 characters, without line ends or other controls: the text is a stranger's.</summary>
    private static string Shown(string text)
    {
        string clean = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
        return clean.Length <= 64 ? clean : clean[..64] + "…";
    }
}
