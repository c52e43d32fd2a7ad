namespace Hnn.Model.Datasets;

/// <summary>A sentence with its class.</summary>
/// <param name="Text">The sentence.</param>
/// <param name="Label">0 to n − 1.</param>
public sealed record LabelledSentence(string Text, int Label);
