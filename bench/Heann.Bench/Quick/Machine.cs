using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Heann.Core.Backends;

namespace Heann.Bench.Quick;

/// <summary>What figures are labelled with.</summary>
internal static class Machine
{
    /// <summary>Processor, vector units, threads, runtime.</summary>
    public static string Describe(int threadCount = 1)
    {
        using SimdBackend backend = new(threadCount);
        double memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1L << 30);
        return string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} x {Processor()}, {memory:F0} GiB, ")
            + $"{RuntimeInformation.OSArchitecture}, "
            + $"{RuntimeInformation.FrameworkDescription}, {backend.Name}";
    }

    /// <summary>The commit that the working tree is at, and whether it was changed since; "unknown" without git.</summary>
    public static string Commit()
    {
        string? commit = Git("rev-parse", "--short=12", "HEAD");
        string? changes = Git("status", "--porcelain", "--untracked-files=no");
        return commit is null or "" ? "unknown" : commit + (changes is null or "" ? "" : " with changes");
    }

    private static string Processor()
    {
        const string List = "/proc/cpuinfo";
        IEnumerable<string> lines = File.Exists(List) ? File.ReadLines(List) : [];
        string? line = lines.FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal));
        return line is null ? "processor" : line[(line.IndexOf(':') + 1)..].Trim();
    }

    private static string? Git(params string[] arguments)
    {
        try
        {
            ProcessStartInfo start = new("git", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
            using Process process = Process.Start(start)!;
            string output = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null; // there is no git
        }
    }
}
