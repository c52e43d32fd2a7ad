namespace Hnn.Model.Metrics;

/// <summary>How well one class is told from all others.</summary>
/// <param name="Support">Samples of the class.</param>
/// <param name="Precision">TP / (TP + FP); 0 where the class was never predicted.</param>
/// <param name="Recall">TP / (TP + FN); 0 where the class does not occur.</param>
/// <param name="F1">Their harmonic mean.</param>
/// <param name="Auroc">Area under the curve of the class's log-odds; null where all samples are of the class, or none.</param>
public sealed record ClassMetrics(int Support, double Precision, double Recall, double F1, double? Auroc);
