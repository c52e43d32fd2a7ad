using Heann.Bench.Quick;
using Heann.Bench.Rows;

namespace Heann.Bench.Roofline;

/// <summary><c>roofline</c>: measures limits and operations, one thread, and draws them.</summary>
internal static class RooflineRun
{
    private static readonly string[] Sets = ["N14", "N15", "N16", .. MeasuredSet.Names];

    /// <summary>Writes the chart; takes a minute.</summary>
    public static void Write(string path)
    {
        Ceilings ceilings = Ceilings.Measure();
        string[] ops = [.. Operations.All.Where(op => op != "linearTransform")];
        using QuickRun run = new(new("table", Sets, ops, 1));
        RooflinePoint[] points = [.. run.Measure().Select(Point)];
        File.WriteAllText(path, RooflineChart.Draw(ceilings, points, $"{Machine.Describe()}; commit {Machine.Commit()}; least times"));
        Console.WriteLine($"{points.Length} marks written to {path}");
    }

    /// <summary>The mark of a measured row.</summary>
    public static RooflinePoint Point(QuickResult row)
    {
        int logN = int.Parse(row.Set.AsSpan(1));
        Work work = row.Set[0] == 'N'
            ? OperationCount.OfTransform(logN)
            : OperationCount.Of(row.Op, MeasuredSet.Create(row.Set).Parameters);
        return new(row.Op, logN, work, row.MinUs);
    }
}
