using System.Globalization;

namespace Heann.Bench.ThroughputCost;

/// <summary>What <c>throughput-cost</c> is to measure and where it writes.</summary>
/// <param name="Buckets">Buckets to measure; null for the model's.</param>
/// <param name="Sentences">Sizes of the batches to measure; null for those of <see cref="CostReport.Sizes"/> that a batch holds.</param>
/// <param name="LatencySentences">Sentences to measure in the latency packing in each bucket; 0 for none.</param>
/// <param name="ModelPath">Folder of the model.</param>
/// <param name="OutPath">Folder of the results.</param>
/// <param name="ThreadCount">Threads to compute with.</param>
/// <param name="IsDryRun">Whether nothing is measured: the plan's predictions alone, beside what was measured before.</param>
internal sealed record CostOptions(
    IReadOnlyList<int>? Buckets, IReadOnlyList<int>? Sentences, int LatencySentences, string ModelPath, string OutPath, int ThreadCount,
    bool IsDryRun)
{
    private const int Most = 65536;

    /// <summary>Reads the command line.</summary>
    /// <exception cref="ArgumentException">An option that does not exist, or a value that it does not take.</exception>
    public static CostOptions Parse(ReadOnlySpan<string> args)
    {
        CostOptions options = new(
            null, null, 3, Path.Combine("models", "hnn-tiny"), Path.Combine("bench", "results", "throughput-cost"),
            Environment.ProcessorCount, false);
        for (int i = 0; i < args.Length; i++)
        {
            string name = args[i];
            options = name switch
            {
                "--buckets" => options with { Buckets = Numbers(name, Value(args, ++i)) },
                "--sentences" => options with { Sentences = Numbers(name, Value(args, ++i)) },
                "--latency" => options with { LatencySentences = Number(name, Value(args, ++i), 0) },
                "--model" => options with { ModelPath = Value(args, ++i) },
                "--out" => options with { OutPath = Value(args, ++i) },
                "--threads" => options with { ThreadCount = Number(name, Value(args, ++i), 1) },
                "--dry-run" => options with { IsDryRun = true },
                _ => throw new ArgumentException(
                    $"Unknown option '{name}'; there are --buckets, --sentences, --latency, --model, --out, --threads, --dry-run."),
            };
        }

        return options;
    }

    private static string Value(ReadOnlySpan<string> args, int index) =>
        index < args.Length ? args[index] : throw new ArgumentException($"A value is missing after {args[index - 1]}.");

    private static int[] Numbers(string name, string list) =>
        [.. list.Split(',').Select(text => Number(name, text, 1)).Distinct().Order()];

    private static int Number(string name, string text, int least) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= Most
            ? number
            : throw new ArgumentException($"{name} takes whole numbers from {least} to {Most}; got '{text}'.");
}
