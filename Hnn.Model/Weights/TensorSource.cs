namespace Hnn.Model.Weights;

/// <summary>Reads a model's tensors by name, proving shape and finiteness before they are used.</summary>
internal sealed class TensorSource
{
    private readonly SafetensorsReader _reader;

    /// <summary>Wraps a reader, and proves that the file has no tensor the model does not have.</summary>
    /// <param name="reader">An open file.</param>
    /// <param name="config">Tells the names.</param>
    /// <exception cref="InvalidDataException">There is such a tensor, as where the file has more layers than the config: ignoring it
    /// would compute another network.</exception>
    public TensorSource(SafetensorsReader reader, HnnConfig config)
        : this(reader, Names(config), $"a model of {config.LayerCount} layers")
    {
    }

    /// <summary>Wraps a reader, and proves that the file has no tensor but those known.</summary>
    /// <param name="reader">An open file.</param>
    /// <param name="known">Every name the model may have.</param>
    /// <param name="model">What has them, for the message.</param>
    /// <exception cref="InvalidDataException">There is another tensor.</exception>
    public TensorSource(SafetensorsReader reader, IReadOnlySet<string> known, string model)
    {
        ArgumentNullException.ThrowIfNull(reader);
        _reader = reader;
        foreach (TensorInfo tensor in reader.Tensors)
        {
            if (!known.Contains(tensor.Name))
                throw new InvalidDataException(
                    $"The file has a tensor '{tensor.Name}' that {model} does not; "
                    + "check that model.safetensors and config.json belong together.");
        }
    }

    /// <summary>Reads a tensor of a given shape.</summary>
    /// <param name="name">Exact name.</param>
    /// <param name="shape">The only shape accepted.</param>
    /// <returns>Finite values, row-major.</returns>
    /// <exception cref="InvalidDataException">Missing, another shape, or not finite.</exception>
    public float[] Singles(string name, params ReadOnlySpan<int> shape)
    {
        CheckShape(name, shape);
        float[] values = _reader.ReadSingles(name);
        int bad = Array.FindIndex(values, v => !float.IsFinite(v));
        return bad < 0 ? values : throw NotFinite(name, bad, values[bad]);
    }

    /// <inheritdoc cref="Singles"/>
    public double[] Doubles(string name, params ReadOnlySpan<int> shape)
    {
        CheckShape(name, shape);
        double[] values = _reader.ReadDoubles(name);
        int bad = Array.FindIndex(values, v => !double.IsFinite(v));
        return bad < 0 ? values : throw NotFinite(name, bad, values[bad]);
    }

    /// <summary>Reads <c>name.weight</c> (out, in) and <c>name.bias</c> (out).</summary>
    /// <param name="name">Common prefix of the two.</param>
    /// <param name="outCount">Output features.</param>
    /// <param name="inCount">Input features.</param>
    /// <returns>The layer.</returns>
    public LinearWeights Linear(string name, int outCount, int inCount) =>
        new(Doubles(name + ".weight", outCount, inCount), Doubles(name + ".bias", outCount), inCount, outCount);

    /// <summary>Every tensor name of a model, as its README lists them.</summary>
    private static HashSet<string> Names(HnnConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        HashSet<string> names =
        [
            "embeddings.word.weight", "embeddings.position.weight", "embeddings.norm.weight", "embeddings.norm.bias",
            "head.pre.weight", "head.pre.mask_weight", "head.pre.bias", "head.classifier.weight", "head.classifier.bias",
        ];
        string[] linears = ["attention.q", "attention.k", "attention.v", "attention.out", "ff.1", "ff.2"];
        for (int i = 0; i < config.LayerCount; i++)
        {
            foreach (string linear in linears)
            {
                names.Add($"layers.{i}.{linear}.weight");
                names.Add($"layers.{i}.{linear}.bias");
            }
        }

        return names;
    }

    private void CheckShape(string name, ReadOnlySpan<int> shape)
    {
        string expected = $"[{string.Join(", ", shape.ToArray())}]";
        if (!_reader.TryGetTensor(name, out TensorInfo? tensor))
            throw new InvalidDataException(
                $"The tensor '{name}' {expected} is missing from the file; check that model.safetensors and config.json belong together.");
        string actual = $"[{string.Join(", ", tensor.Shape)}]";
        if (actual != expected)
            throw new InvalidDataException($"The tensor '{name}' has the shape {actual}; config.json makes it {expected}.");
    }

    private static InvalidDataException NotFinite(string name, int index, double value) =>
        new($"The tensor '{name}' holds {value} at element {index}; every weight must be finite.");
}
