using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hnn.Model.Plain;
using Hnn.Model.Tests.Weights;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Plain;

/// <summary>A DistilBertForSequenceClassification of a given shape with random weights, and the folder that upstream would write for
/// it.</summary>
/// <param name="Heads">Attention heads.</param>
/// <param name="HeadSize">Features of a head.</param>
/// <param name="Inner">Inner features of the feed-forward.</param>
/// <param name="Layers">Transformer layers.</param>
/// <param name="Labels">Classes.</param>
/// <param name="Type">How weights are stored.</param>
/// <param name="Seed">Of the weights.</param>
internal sealed record DistilBertCheckpoint(int Heads, int HeadSize, int Inner, int Layers, int Labels, TensorType Type, int Seed)
{
    /// <summary>Positions with an embedding.</summary>
    public const int Positions = 12;

    private const string Embeddings = "distilbert.embeddings.";
    private static readonly string[] Pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "good", "bad", "film", "##s", "Good", "."];

    /// <summary>Rows of the word embedding: some more than the vocabulary has pieces.</summary>
    public static int Vocabulary => Pieces.Length + 2;

    /// <summary>Upstream's name of the activation.</summary>
    public string Activation { get; init; } = "gelu";

    /// <summary>False: every position has the embedding 0.</summary>
    public bool HasPositions { get; init; } = true;

    /// <summary>Features of a token.</summary>
    public int Hidden => Heads * HeadSize;

    /// <summary>Every tensor under its name, in upstream's order, as the file's type rounds it.</summary>
    public List<(string Name, int[] Shape, float[] Values)> Tensors()
    {
        Random random = new(Seed);
        List<(string, int[], float[])> tensors = [];
        void Add(string name, double center, double size, params int[] shape)
        {
            int count = shape.Aggregate(1, (product, n) => product * n);
            float Next() => SafetensorsFile.Rounded(Type, (float)(center + (size * ((2 * random.NextDouble()) - 1))));
            tensors.Add((name, shape, [.. Enumerable.Range(0, count).Select(_ => Next())]));
        }

        void Dense(string name, int rows, int columns)
        {
            Add(name + ".weight", 0, 2.5 / Math.Sqrt(columns), rows, columns);
            Add(name + ".bias", 0, 0.5, rows);
        }

        void Norm(string name)
        {
            Add(name + ".weight", 1, 0.3, Hidden);
            Add(name + ".bias", 0, 0.3, Hidden);
        }

        Add(Embeddings + "word_embeddings.weight", 0, 1, Vocabulary, Hidden);
        Add(Embeddings + "position_embeddings.weight", 0, HasPositions ? 0.5 : 0, Positions, Hidden);
        Norm(Embeddings + "LayerNorm");
        for (int i = 0; i < Layers; i++)
        {
            string layer = $"distilbert.transformer.layer.{i}.";
            foreach (string name in (string[])["q_lin", "k_lin", "v_lin", "out_lin"]) Dense(layer + "attention." + name, Hidden, Hidden);
            Norm(layer + "sa_layer_norm");
            Dense(layer + "ffn.lin1", Inner, Hidden);
            Dense(layer + "ffn.lin2", Hidden, Inner);
            Norm(layer + "output_layer_norm");
        }

        Dense("pre_classifier", Hidden, Hidden);
        Dense("classifier", Labels, Hidden);
        return tensors;
    }

    /// <summary>The config.json that upstream writes, fields that inference does not need included.</summary>
    public JsonObject Config()
    {
        var config = (JsonObject)JsonNode.Parse("""
            {
              "_name_or_path": "distilbert-base-uncased", "activation": "gelu", "architectures": ["DistilBertForSequenceClassification"],
              "attention_dropout": 0.1, "dropout": 0.1, "finetuning_task": "sst-2", "initializer_range": 0.02, "model_type": "distilbert",
              "output_past": true, "pad_token_id": 0, "qa_dropout": 0.1, "seq_classif_dropout": 0.2, "sinusoidal_pos_embds": false,
              "tie_weights_": true, "torch_dtype": "float32", "transformers_version": "4.46.0"
            }
            """)!;
        config["activation"] = Activation;
        (config["dim"], config["n_layers"], config["n_heads"], config["hidden_dim"]) = (Hidden, Layers, Heads, Inner);
        (config["vocab_size"], config["max_position_embeddings"]) = (Vocabulary, Positions);
        (config["id2label"], config["label2id"]) = (new JsonObject(), new JsonObject());
        for (int i = 0; i < Labels; i++)
        {
            config["id2label"]![$"{i}"] = $"class {i}";
            config["label2id"]![$"class {i}"] = i;
        }

        return config;
    }

    /// <summary>Tensors as the writer of a file takes them.</summary>
    public List<(string Name, string Type, int[] Shape, byte[] Bytes)> StoredTensors() =>
        [.. Tensors().Select(t => (t.Name, Type.ToString(), t.Shape, SafetensorsFile.Encode(Type, t.Values)))];

    /// <summary>The configuration, read back.</summary>
    public DistilBertConfig LoadConfig() => DistilBertConfig.Load(new MemoryStream(Encoding.UTF8.GetBytes(Config().ToJsonString())));

    /// <summary>The model, read back from a file in memory.</summary>
    public PlainDistilBert LoadModel(int threadCount = 1)
    {
        using SafetensorsReader reader = new(new MemoryStream(SafetensorsFile.FromBytes(StoredTensors())));
        DistilBertConfig config = LoadConfig();
        return new PlainDistilBert(config, DistilBertWeights.Load(reader, config), threadCount);
    }

    /// <summary>A random text of so many tokens.</summary>
    public int[] Text(int tokenCount)
    {
        Random random = new(Seed + tokenCount);
        return [.. Enumerable.Range(0, tokenCount).Select(_ => random.Next(Vocabulary))];
    }

    /// <summary>Writes the folder.</summary>
    /// <param name="folder">An existing folder.</param>
    public void Write(string folder)
    {
        File.WriteAllText(Path.Combine(folder, "config.json"), Config().ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
        File.WriteAllLines(Path.Combine(folder, "vocab.txt"), Pieces);
        File.WriteAllBytes(Path.Combine(folder, "model.safetensors"), SafetensorsFile.FromBytes(StoredTensors()));
    }
}
