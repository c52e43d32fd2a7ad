using Hnn.Model.Plain;

namespace Hnn.Model.Sessions;

/// <summary>Labelled sentences after their evaluation in the clear. Holds no text.</summary>
/// <param name="Logits">Finite logits, (sentences, classes).</param>
/// <param name="Labels">The true classes.</param>
/// <param name="TruncatedCount">Sentences that were cut to the largest bucket.</param>
/// <param name="Ranges">The largest absolute value of each quantity.</param>
public sealed record ClearOutcome(
    IReadOnlyList<double[]> Logits, IReadOnlyList<int> Labels, int TruncatedCount, IReadOnlyList<ValueRange> Ranges);
