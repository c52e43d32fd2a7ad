namespace Heann.Bench.ThroughputCost;

/// <summary>Measures batches and sentences of one model; another stands in for it in tests.</summary>
internal interface ICostMeter : IDisposable
{
    /// <summary>Name of the model's folder.</summary>
    string Model { get; }

    /// <summary>SHA-256 of the model's files.</summary>
    string ModelId { get; }

    /// <summary>The model's buckets.</summary>
    IReadOnlyList<int> Buckets { get; }

    /// <summary>What the plans say.</summary>
    CostPrediction Predict(int bucket);

    /// <summary>Measures batches of some sizes with one set of keys, or sentences one at a time.</summary>
    /// <param name="packing"><see cref="CostRow.Throughput"/> or <see cref="CostRow.Latency"/>.</param>
    /// <param name="bucket">B.</param>
    /// <param name="sizes">Sizes of the batches, or one number of sentences.</param>
    /// <returns>A row for each, as soon as it is measured.</returns>
    IEnumerable<CostRow> Measure(string packing, int bucket, IReadOnlyList<int> sizes);
}
