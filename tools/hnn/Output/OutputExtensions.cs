using System.Diagnostics;

namespace Hnn.Tool.Output;

/// <summary>What the outputs of the file commands share.</summary>
internal static class OutputExtensions
{
    /// <summary>Peak working set of this process.</summary>
    public static long PeakBytes
    {
        get
        {
            using Process process = Process.GetCurrentProcess();
            return process.PeakWorkingSet64;
        }
    }

    /// <summary>Writes a result, as one JSON object or for people.</summary>
    public static void Show<T>(this T output, bool asJson, TextWriter writer, Action<TextWriter> write)
    {
        if (asJson)
        {
            JsonOutput.Write(writer, output);
        }
        else
        {
            write(writer);
        }
    }

    /// <summary>Writes one line of a result for people.</summary>
    public static void Row(this TextWriter writer, string name, FormattableString value) => writer.WriteLine($"{name,-13} {Units.Format(value)}");

    /// <summary>Writes the line with the parameters.</summary>
    public static void ParametersRow(this TextWriter writer, ParametersOutput p) => writer.Row(
        "parameters",
        $"N = 2^{p.LogN}, log Q = {p.LogQ:F0}, log QP = {p.LogQP:F0}, {p.Levels} levels, {(p.SecurityBits == 0 ? "INSECURE" : $"{p.SecurityBits}-bit security")} ({p.Id})");
}
