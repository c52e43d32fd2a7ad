using Hnn.Model.Tests.Weights;

namespace Hnn.Model.Tests.Cli;

/// <summary>A model of one layer and four features, in a folder of its own: its secure parameters are small enough for the reference backend.</summary>
internal sealed class TinyModel : IDisposable
{
    private static readonly string[] Pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "good", "bad", "film"];

    /// <summary>Writes the model; <paramref name="biasGap"/> is what the classifier's bias adds from one logit to the next,
    /// <paramref name="weightSize"/> the size of the maps' weights.</summary>
    public TinyModel(float biasGap = 1, int classCount = 2, float weightSize = 0.5f)
    {
        string labels = classCount == 2 ? "\"negative\", \"positive\""
            : string.Join(", ", Enumerable.Range(0, classCount).Select(c => $"\"class {c}\""));
        File.WriteAllText(Path.Combine(Folder, "config.json"), Config.Replace("@labels", labels, StringComparison.Ordinal));
        File.WriteAllLines(Path.Combine(Folder, "vocab.txt"), Pieces);
        File.WriteAllBytes(Path.Combine(Folder, "model.safetensors"),
            SafetensorsFile.FromTensors(Tensors(biasGap, classCount, weightSize)));
    }

    /// <summary>The model's folder.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("hnn-tiny-model-").FullName;

    private static string Config => """
        {
          "hidden_size": 4, "num_layers": 1, "num_heads": 1, "intermediate_size": 4, "vocab_size": 7, "buckets": [4],
          "layer_norm_eps": 1e-05, "attention": "(q.k/sqrt(head_size))^2 / bucket", "activation": [0.0, 0.5, 0.125],
          "normalization": "folded", "pooling": "sum over positions / bucket", "labels": [@labels],
          "soft_argmax": { "temperature": 2.0, "interval": [-8.0, 8.0] }, "max_position": 4
        }
        """;

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static IEnumerable<(string, int[], float[])> Tensors(float biasGap, int classCount, float weightSize)
    {
        var random = new Random(42);
        float[] Values(int count, float size) => [.. Enumerable.Range(0, count).Select(_ => (float)((2 * random.NextDouble()) - 1) * size)];
        yield return ("embeddings.word.weight", [Pieces.Length, 4], Values(4 * Pieces.Length, 1));
        yield return ("embeddings.position.weight", [4, 4], Values(16, 0.1f));
        yield return ("embeddings.norm.weight", [4], [1, 1, 1, 1]);
        yield return ("embeddings.norm.bias", [4], [0, 0, 0, 0]);
        string[] maps = [.. "q k v out".Split(' ').Select(name => "layers.0.attention." + name), "layers.0.ff.1", "layers.0.ff.2", "head.pre"];
        foreach (string name in maps)
        {
            yield return (name + ".weight", [4, 4], Values(16, weightSize));
            yield return (name + ".bias", [4], Values(4, 0.1f));
        }

        yield return ("head.pre.mask_weight", [4], Values(4, 0.1f));
        yield return ("head.classifier.weight", [classCount, 4], Values(4 * classCount, 0.5f));
        yield return ("head.classifier.bias", [classCount], [.. Enumerable.Range(0, classCount).Select(c => c * biasGap)]);
    }
}
