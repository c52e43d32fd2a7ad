using System.Runtime.InteropServices;
using Hnn.Tool.Output;

namespace Hnn.Tool.Evaluation;

/// <summary>What figures are labelled with.</summary>
internal static class Machine
{
    /// <summary>Processors, memory, system and runtime; no names of hosts or people.</summary>
    public static string Describe()
    {
        double memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1L << 30);
        return Units.Format($"{Environment.ProcessorCount} x {Processor()}, {memory:F0} GiB, {RuntimeInformation.OSArchitecture}, ")
            + RuntimeInformation.FrameworkDescription;
    }

    private static string Processor()
    {
        const string List = "/proc/cpuinfo";
        IEnumerable<string> lines = File.Exists(List) ? File.ReadLines(List) : [];
        string? line = lines.FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal));
        return line is null ? "processor" : line[(line.IndexOf(':') + 1)..].Trim();
    }
}
