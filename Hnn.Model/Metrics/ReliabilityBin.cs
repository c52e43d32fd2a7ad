namespace Hnn.Model.Metrics;

/// <summary>Samples of similar confidence: a point of a reliability diagram.</summary>
/// <param name="Low">The least confidence of the bin, included.</param>
/// <param name="High">The largest, not included but for 1.</param>
/// <param name="Count">Samples in it; at least one.</param>
/// <param name="MeanConfidence">Mean of their largest probability.</param>
/// <param name="Accuracy">Part of them whose argmax is the label: equal to the mean confidence where probabilities are honest.</param>
public sealed record ReliabilityBin(double Low, double High, int Count, double MeanConfidence, double Accuracy);
