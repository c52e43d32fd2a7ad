using System.Diagnostics;
using Heann.Core.Parameters;

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

/// <summary>A parameter set in a JSON object.</summary>
/// <param name="Id">The beginning of its hash.</param>
/// <param name="SecurityBits">Classical security.</param>
/// <param name="LogN">log2 of the ring degree.</param>
/// <param name="LogQ">Bits of the ciphertext modulus.</param>
/// <param name="LogQP">Bits of the largest modulus.</param>
/// <param name="Levels">Levels of a fresh ciphertext.</param>
/// <param name="DigitCount">dnum.</param>
internal sealed record ParametersOutput(string Id, int SecurityBits, int LogN, double LogQ, double LogQP, int Levels, int DigitCount)
{
    /// <summary>Describes a set.</summary>
    public static ParametersOutput Create(CkksParameters p) =>
        new(p.Id.ToString(), p.SecurityBits, p.LogN, Math.Round(p.BasisQ.Log2, 2), Math.Round(p.BasisQP.Log2, 2), p.MaxLevel, p.DigitCount);
}
