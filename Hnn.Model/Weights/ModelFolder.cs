using System.Text.Json;

namespace Hnn.Model.Weights;

/// <summary>A folder of config.json, model.safetensors and vocab.txt, before it is known whose.</summary>
public static class ModelFolder
{
    private const int MaxConfigByteCount = 1 << 20;
    private const string UnsafeWeightsFileName = "pytorch_model.bin";

    private static readonly string[] FileNames =
        [ModelDirectory.ConfigFileName, ModelDirectory.WeightsFileName, ModelDirectory.VocabularyFileName];

    /// <summary>Says which kind of model a folder holds: a config.json with model_type or architectures is Hugging Face's, any other
    /// hnn's.</summary>
    /// <param name="path">The folder; all three files must be there.</param>
    /// <returns>The kind; whether the model can be used is for <see cref="ModelDirectory.Open"/> and <c>DistilBertDirectory.Open</c> to
    /// say.</returns>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">One of the three files is missing; the message names it.</exception>
    /// <exception cref="InvalidDataException">config.json is too large, or no JSON object.</exception>
    public static ModelKind Identify(string path) => Read(FullPath(path)).Kind;

    /// <summary>Finds a folder of one kind.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="needed">The kind.</param>
    /// <returns>Its full path.</returns>
    /// <exception cref="InvalidDataException">It holds the other kind; the message names both and what to do.</exception>
    internal static string Require(string path, ModelKind needed)
    {
        string full = FullPath(path);
        (ModelKind kind, string description) = Read(full);
        if (kind == needed) return full;
        throw new InvalidDataException(needed == ModelKind.Hnn
            ? $"The model folder '{full}' holds a Hugging Face checkpoint ({description}), which cannot be evaluated under encryption; "
                + "an hnn model is needed here. Run the checkpoint in the clear with 'hnn classify --plain', "
                + "or turn it into an hnn model with tools/train."
            : $"The model folder '{full}' holds an hnn model; a Hugging Face checkpoint (model_type \"distilbert\") is needed here. "
                + "Open it as an hnn model instead.");
    }

    private static string FullPath(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = Path.GetFullPath(path);
        if (!Directory.Exists(full))
            throw new DirectoryNotFoundException(
                $"There is no model folder '{full}'; give the folder that holds {ModelDirectory.ConfigFileName}.");
        foreach (string name in FileNames)
        {
            string file = Path.Combine(full, name);
            if (File.Exists(file)) continue;
            bool isPickled = name == ModelDirectory.WeightsFileName && File.Exists(Path.Combine(full, UnsafeWeightsFileName));
            throw new FileNotFoundException(
                $"The model folder '{full}' has no {name}; "
                + $"it needs {ModelDirectory.ConfigFileName}, {ModelDirectory.WeightsFileName} and {ModelDirectory.VocabularyFileName}."
                + (isPickled ? $" {UnsafeWeightsFileName} is code as well as data and is not read: save it again as safetensors." : ""),
                file);
        }

        return full;
    }

    private static (ModelKind Kind, string Description) Read(string folder)
    {
        using FileStream stream = File.OpenRead(Path.Combine(folder, ModelDirectory.ConfigFileName));
        byte[] json = BoundedRead.ToEnd(stream, MaxConfigByteCount, ModelDirectory.ConfigFileName);
        using JsonDocument document = JsonText.ParseObject(json, ModelDirectory.ConfigFileName);
        JsonElement root = document.RootElement;
        bool isHuggingFace = root.TryGetProperty("model_type", out _) || root.TryGetProperty("architectures", out _);
        if (!isHuggingFace) return (ModelKind.Hnn, "");
        string modelType = JsonText.Describe(root, "model_type"), architectures = JsonText.Describe(root, "architectures");
        return (ModelKind.HuggingFace, $"model_type {modelType}, architectures {architectures}");
    }
}
