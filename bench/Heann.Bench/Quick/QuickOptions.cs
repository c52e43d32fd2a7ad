using System.Globalization;
using Heann.Bench.Rows;

namespace Heann.Bench.Quick;

/// <summary>What to measure and how to print it.</summary>
/// <param name="Format">json, markdown, summary or table.</param>
/// <param name="Sets">Sets and transform sizes.</param>
/// <param name="Ops">Operations.</param>
/// <param name="Threads">Threads for all rows; null for one, and two where the table asks for them.</param>
internal sealed record QuickOptions(string Format, IReadOnlyList<string> Sets, IReadOnlyList<string> Ops, int? Threads)
{
    private static readonly string[] AllSets = [.. Enumerable.Range(12, 6).Select(n => $"N{n}"), .. MeasuredSet.Names];

    /// <summary>Reads the command line.</summary>
    /// <exception cref="ArgumentException">An option or a name that does not exist; the message lists those that do.</exception>
    public static QuickOptions Parse(ReadOnlySpan<string> args)
    {
        QuickOptions options = new("table", AllSets, Operations.All, null);
        for (int i = 0; i < args.Length; i++)
        {
            string name = args[i];
            options = name switch
            {
                "--json" => options with { Format = "json" },
                "--markdown" => options with { Format = "markdown" },
                "--summary" => options with { Format = "summary" },
                "--sets" => options with { Sets = Names(Value(args, ++i), AllSets) },
                "--ops" => options with { Ops = Names(Value(args, ++i), Operations.All) },
                "--threads" => options with { Threads = Count(Value(args, ++i)) },
                _ => throw new ArgumentException(
                    $"Unknown option '{name}'; there are --json, --markdown, --summary, --sets, --ops, --threads."),
            };
        }

        return options;
    }

    private static string Value(ReadOnlySpan<string> args, int index) =>
        index < args.Length ? args[index] : throw new ArgumentException($"A value is missing after {args[index - 1]}.");

    private static string[] Names(string list, IReadOnlyList<string> known)
    {
        string[] names = list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (string name in names)
        {
            if (!known.Contains(name))
            {
                throw new ArgumentException($"Unknown name '{name}'; there are {string.Join(", ", known)}.");
            }
        }

        return names;
    }

    private static int Count(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count is > 0 and <= 1024
            ? count
            : throw new ArgumentException($"A number of threads is 1 … 1024; got '{text}'.");
}
