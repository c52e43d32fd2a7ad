using System.Globalization;
using System.Text;

namespace Heann.Bench.ThroughputCost;

/// <summary>The table for people: measured and predicted in columns of their own.</summary>
internal static class CostReport
{
    /// <summary>Sizes of batches that have a row, measured or not.</summary>
    public static IReadOnlyList<int> Sizes { get; } = [1, 4, 16, 64, 256];

    /// <summary>Markdown.</summary>
    public static string ToMarkdown(CostTable table)
    {
        StringBuilder text = new();
        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
        void Row(params ReadOnlySpan<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
        Line($"# Cost of a batch, {table.Model}");
        Line($"");
        Line($"Machine: {table.Machine}. `dotnet run -c Release --project bench/Heann.Bench -- throughput-cost`; commits stand with the rows in throughput-cost.json. Seconds of encryption, evaluation and decryption, without keys, which are made once.");
        Line($"");
        Line($"**Predicted** columns are the plans' estimates of the evaluation by a cost model fitted on 2 cores with AVX-512; nothing in them is measured. An empty **measured** cell was not measured.");
        Line($"");
        Line($"| bucket | sentences | batch, measured | batch, predicted | one at a time, measured | one at a time, predicted | a sentence of the batch, measured |");
        Line($"|--:|--:|--:|--:|--:|--:|--:|");
        foreach (CostPrediction plan in table.Predictions)
        {
            IEnumerable<int> measured = table.Rows
                .Where(row => row.Packing == CostRow.Throughput && row.Bucket == plan.Bucket).Select(row => row.Sentences);
            foreach (int count in Sizes.Where(size => size <= plan.BatchSize).Union(measured).Order())
            {
                double? batch = table.Find(CostRow.Throughput, plan.Bucket, count)?.Seconds;
                Row(
                    $"{plan.Bucket}", $"{count}", Seconds(batch), Seconds(plan.BatchSeconds),
                    Seconds(table.MeasuredSentenceSeconds(plan.Bucket) * count), Seconds(plan.SentenceSeconds * count), Seconds(batch / count));
            }
        }

        Line($"");
        Line($"*One at a time* is the latency packing's time of one sentence times the number of sentences.");
        Line($"");
        Line($"| bucket | a batch holds | break-even, measured | break-even, predicted | a sentence of a full batch, measured | predicted | latency packing, measured | predicted |");
        Line($"|--:|--:|--:|--:|--:|--:|--:|--:|");
        foreach (CostPrediction plan in table.Predictions)
        {
            Row(
                $"{plan.Bucket}", $"{plan.BatchSize}", Count(table.MeasuredBreakEven(plan.Bucket)),
                Count(CostTable.BreakEven(plan.BatchSeconds, plan.SentenceSeconds)),
                Seconds(table.MeasuredBatchSeconds(plan.Bucket) / plan.BatchSize), Seconds(plan.BatchSeconds / plan.BatchSize),
                Seconds(table.MeasuredSentenceSeconds(plan.Bucket)), Seconds(plan.SentenceSeconds));
        }

        Line($"");
        Line($"*Break-even*: from so many sentences on a batch takes less time than the sentences one at a time.");
        Line($"");
        Line($"**Why a batch costs the same however large it is.** A ciphertext holds one feature of every token of every sentence, and the server computes on whole ciphertexts: which slots are filled it does not even know. More sentences cost the client their embedding, and nothing else. **Why a longer bucket costs more.** Linear maps do not depend on the bucket B; the scores are B ciphertexts for each head, each with two relinearisations, and as many products with values, so their part grows with B. **And a sentence of it more still**: a ciphertext has room for slots/B sentences. A full batch's price per sentence grows faster than B.");
        return text.ToString();
    }

    private static string Count(int? count) => count?.ToString(CultureInfo.InvariantCulture) ?? "";

    // Three figures.
    private static string Seconds(double? seconds) => seconds switch
    {
        null => "",
        >= 99.95 => seconds.Value.ToString("F0", CultureInfo.InvariantCulture) + " s",
        >= 9.995 => seconds.Value.ToString("F1", CultureInfo.InvariantCulture) + " s",
        >= 0.9995 => seconds.Value.ToString("F2", CultureInfo.InvariantCulture) + " s",
        _ => (1000 * seconds.Value).ToString("F0", CultureInfo.InvariantCulture) + " ms",
    };
}
