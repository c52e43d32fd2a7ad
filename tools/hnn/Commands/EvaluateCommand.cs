using System.CommandLine;
using Heann.Core.Rings;
using Hnn.Model.Compilation;
using Hnn.Model.Datasets;
using Hnn.Model.Sessions;
using Hnn.Model.Text;
using Hnn.Tool.Output;
using Hnn.Tool.Progress;

namespace Hnn.Tool.Commands;

/// <summary><c>hnn evaluate --data FILE</c>: labelled sentences under encryption, one set of keys for each bucket, or with <c>--clear</c>
/// in the clear. Prints no text.</summary>
internal static class EvaluateCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Terminal terminal)
    {
        Option<string> data = CommonOptions.Data();
        Option<int?> limit = CommonOptions.Number("--limit", "N", 1, int.MaxValue, "Take the first N sentences (default: all).");
        Option<string> model = CommonOptions.Model();
        Option<int?> threads = CommonOptions.Threads();
        Option<bool> json = CommonOptions.Json();
        Option<bool> clear = new("--clear") { Description = "Evaluate in the clear alone, in seconds: more metrics, any number of classes." };
        Option<bool> ranges = new("--ranges") { Description = "With --clear: list the largest absolute value of every quantity." };
        Command command = new("evaluate", "Classifies labelled sentences under encryption and compares with the clear network.")
        {
            data, limit, model, threads, clear, ranges, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(ranges) && !result.GetValue(clear))
            {
                result.AddError("--ranges is for --clear; give both.");
            }
        });
        command.SetAction((parsed, cancellation) =>
        {
            if (parsed.GetValue(clear))
            {
                ClearRun run = ClearRun.Create(
                    parsed.GetRequiredValue(data), parsed.GetValue(limit), parsed.GetValue(model), parsed.GetValue(threads),
                    terminal, cancellation);
                ClearEvaluateOutput output = ClearEvaluateOutput.Create(run, parsed.GetValue(ranges));
                output.Show(parsed.GetValue(json), terminal.Out, output.Write);
                return Task.CompletedTask;
            }

            Request request = new(
                parsed.GetRequiredValue(data), parsed.GetValue(limit), parsed.GetValue(model),
                parsed.GetValue(threads) ?? Environment.ProcessorCount, parsed.GetValue(json));
            Run(request, terminal, cancellation);
            return Task.CompletedTask;
        });
        return command;
    }

    private static void Run(Request request, Terminal terminal, CancellationToken cancellation)
    {
        LoadedModel model = Inputs.LoadModel(request.ModelPath);
        _ = Inputs.Guard(() => LevelPlan.ParametersFor(model.Config)); // what cannot be encrypted is refused before the first line
        Item[] items = ReadItems(request, model);
        using RingBackend backend = Inputs.CreateBackend(request.ThreadCount);
        List<ScoredSentence> scored = [];
        if (!request.AsJson)
        {
            terminal.Out.WriteLine(SentenceOutput.Header);
        }

        // One bucket after the other: the keys of one are freed before the next's are made.
        foreach (IGrouping<int, Item> bucket in items.GroupBy(i => model.Config.BucketFor(i.Tokens.Ids.Count)).OrderBy(g => g.Key))
        {
            using LocalSession session = Inputs.Guard(() => new LocalSession(model, bucket.Key, backend));
            LineView view = new(terminal.Error);
            session.CreateKeys(StageViews.Keys(view), cancellation);
            foreach (Item item in bucket)
            {
                cancellation.ThrowIfCancellationRequested();
                LocalResult result = session.Classify(item.Tokens, cancellation: cancellation);
                ScoredSentence sentence = new(item.Index, bucket.Key, item.Label, item.Tokens.IsTruncated, result);
                scored.Add(sentence);
                (request.AsJson ? terminal.Error : terminal.Out).WriteLine(SentenceOutput.Create(sentence, model.Config.Labels).ToLine());
            }
        }

        Write(scored, model, request.AsJson, terminal);
    }

    private static void Write(List<ScoredSentence> scored, LoadedModel model, bool asJson, Terminal terminal)
    {
        EvaluateSummaryOutput summary = EvaluateSummaryOutput.Create(EvaluationSummary.Create(scored));
        if (summary.OutOfRange + summary.Truncated > 0)
        {
            terminal.Warn($"{summary.OutOfRange} sentence(s) out of range, {summary.Truncated} truncated.");
        }

        if (asJson)
        {
            SentenceOutput[] sentences = [.. scored.OrderBy(s => s.Index).Select(s => SentenceOutput.Create(s, model.Config.Labels))];
            JsonOutput.Write(terminal.Out, new EvaluateOutput(sentences, summary));
            return;
        }

        terminal.Out.WriteLine();
        summary.Write(terminal.Out);
    }

    private static Item[] ReadItems(Request request, LoadedModel model)
    {
        Item[] items =
        [
            .. Inputs.LoadSentences(request.DataPath, request.Limit, model).Select((s, i) => new Item(i, s.Label, model.Tokenize(s.Text))),
        ];
        return items.FirstOrDefault(i => i.Tokens.IsEmpty) is { } empty
            ? throw new InputException($"Sentence {empty.Index} of the data file is empty: it holds no words.")
            : items;
    }

    private sealed record Request(string DataPath, int? Limit, string? ModelPath, int ThreadCount, bool AsJson);

    private sealed record Item(int Index, int Label, TokenizedText Tokens);
}
