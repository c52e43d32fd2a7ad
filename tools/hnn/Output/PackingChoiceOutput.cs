using Hnn.Model.Sessions;

namespace Hnn.Tool.Output;

/// <summary>The JSON object of <c>hnn plan --sentences N</c>.</summary>
internal sealed record PackingChoicesOutput(int Threads, IReadOnlyList<PackingChoiceOutput> Choices);

/// <summary>Both packings for a number of sentences of a bucket; a time that there is no plan for is null.</summary>
internal sealed record PackingChoiceOutput(
    int Bucket, int Sentences, string Packing, double LatencySeconds, int Batches, double ThroughputSeconds)
{
    /// <summary>Collects a choice.</summary>
    public static PackingChoiceOutput Create(PackingChoice choice) => new(
        choice.Bucket, choice.SentenceCount, Name(choice.Packing), choice.LatencySeconds, choice.BatchCount, choice.ThroughputSeconds);

    /// <summary>Writes a row for each bucket.</summary>
    public static void Write(IReadOnlyList<PackingChoiceOutput> choices, TextWriter writer)
    {
        TextTable table = new("bucket", "sentences", "one at a time", "in batches", "batches", "faster");
        foreach (PackingChoiceOutput c in choices)
        {
            table.Add($"{c.Bucket}", $"{c.Sentences}", Seconds(c.LatencySeconds), Seconds(c.ThroughputSeconds), $"{c.Batches}", c.Packing);
        }

        table.Write(writer);
    }

    // As --packing takes it.
    private static string Name(SessionPacking packing) => packing.ToString().ToLowerInvariant();

    private static string Seconds(double seconds) => double.IsFinite(seconds) ? Units.Milliseconds(1000 * seconds) : "not possible";
}
