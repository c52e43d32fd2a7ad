namespace Heann.Bench.ThroughputCost;

/// <summary>What the plans of both packings say of a bucket, by the cost model; nothing in it is measured.</summary>
/// <param name="Bucket">B.</param>
/// <param name="BatchSize">The most sentences of a batch.</param>
/// <param name="BatchSeconds">Evaluation of a batch, however many sentences it holds.</param>
/// <param name="SentenceSeconds">Evaluation of one sentence in the latency packing.</param>
/// <param name="BatchPeakBytes">Keys, ciphertexts and working memory of a batch.</param>
/// <param name="SentencePeakBytes">The same of one sentence in the latency packing.</param>
internal sealed record CostPrediction(
    int Bucket, int BatchSize, double BatchSeconds, double SentenceSeconds, long BatchPeakBytes, long SentencePeakBytes);
