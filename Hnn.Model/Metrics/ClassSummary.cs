namespace Hnn.Model.Metrics;

/// <summary>One figure for all classes: that of class 1 of two, as papers on SST-2 report it, or the macro average over more.</summary>
internal static class ClassSummary
{
    public static double Of(IReadOnlyList<ClassMetrics> classes, Func<ClassMetrics, double> metric) =>
        classes.Count == 2 ? metric(classes[1]) : classes.Average(metric);

    /// <summary>Null where a class has none.</summary>
    public static double? Auroc(IReadOnlyList<ClassMetrics> classes) =>
        classes.Any(c => c.Auroc is null) ? null : Of(classes, c => c.Auroc!.Value);
}
