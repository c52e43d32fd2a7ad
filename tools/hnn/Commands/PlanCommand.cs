using System.CommandLine;
using Heann.Core.Evaluation;
using Hnn.Model;
using Hnn.Model.Compilation;
using Hnn.Model.Sessions;
using Hnn.Model.Weights;
using Hnn.Tool.Output;

namespace Hnn.Tool.Commands;

/// <summary><c>hnn plan</c>: what an evaluation takes in either packing, without any ciphertext: all buckets in a row each, the largest
/// step by step.</summary>
internal static class PlanCommand
{
    private const int MaxBucket = 4096;
    private const int MaxSentences = 100_000_000;

    /// <summary>Makes the command.</summary>
    public static Command Create(Terminal terminal)
    {
        Option<string> model = CommonOptions.Model();
        Option<int?> bucket = CommonOptions.Number(
            "--bucket", "B", 2, MaxBucket, "One of the model's buckets (default: a row for each, and the largest in detail).");
        Option<Release?> release = CommonOptions.Release();
        Option<SessionPacking?> packing = CommonOptions.Packing();
        Option<long?> memory = CommonOptions.Memory();
        Option<int?> sentences = CommonOptions.Number(
            "--sentences", "N", 1, MaxSentences, "Say for each bucket which packing takes less time for so many sentences of it.");
        Option<int?> threads = CommonOptions.Threads();
        Option<bool> json = CommonOptions.Json();
        Command command = new("plan", "Shows parameters, levels, keys, memory and estimated time, without computing on ciphertexts.")
        {
            model, bucket, packing, memory, release, sentences, threads, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(sentences) is null)
            {
                CommonOptions.RequireThroughput(result, packing, memory);
            }
            else if (result.GetValue(packing) is not null)
            {
                result.AddError("--sentences compares the packings and --packing chooses one; give one of them.");
            }
        });
        command.SetAction((parsed, cancellation) =>
        {
            (HnnConfig config, IEnumerable<int> buckets) = Read(parsed.GetValue(model), parsed.GetValue(bucket), parsed.GetValue(release));
            int threadCount = parsed.GetValue(threads) ?? Environment.ProcessorCount;
            long bytes = parsed.GetValue(memory) ?? ThroughputPlan.DefaultMemoryBytes;
            if (parsed.GetValue(sentences) is { } count)
            {
                CostModel cost = CostModel.Default(threadCount);
                PackingChoiceOutput[] choices = Plan(
                    buckets, b => PackingChoiceOutput.Create(PackingChoice.Create(config, b, count, cost, bytes)), cancellation);
                new PackingChoicesOutput(threadCount, choices).Show(
                    parsed.GetValue(json), terminal.Out, writer => PackingChoiceOutput.Write(choices, writer));
            }
            else if (parsed.GetValue(packing) == SessionPacking.Throughput)
            {
                BatchPlanOutput[] plans = Plan(
                    buckets, b => BatchPlanOutput.Create(ThroughputPlan.Create(config, b, bytes), bytes, threadCount), cancellation);
                Write(plans, parsed.GetValue(json), terminal.Out, plan => plan.Write, BatchPlanOutput.WriteSummary);
            }
            else
            {
                PlanOutput[] plans = Plan(buckets, b => PlanOutput.Create(LevelPlan.Create(config, b), threadCount), cancellation);
                Write(plans, parsed.GetValue(json), terminal.Out, plan => plan.Write, PlanOutput.WriteSummary);
            }

            return Task.CompletedTask;
        });
        return command;
    }

    private static (HnnConfig Config, IEnumerable<int> Buckets) Read(string? modelPath, int? bucket, Release? release)
    {
        HnnConfig model = Inputs.OpenModel(modelPath).Config;
        HnnConfig config = Inputs.Guard(() => model.WithRelease(release));
        if (bucket is { } given && !config.Buckets.Contains(given))
        {
            throw new InputException($"The model has no bucket {given}; it has {string.Join(", ", config.Buckets)}.");
        }

        return (config, bucket is { } one ? [one] : config.Buckets);
    }

    private static T[] Plan<T>(IEnumerable<int> buckets, Func<int, T> create, CancellationToken cancellation)
    {
        List<T> plans = [];
        foreach (int bucket in buckets)
        {
            cancellation.ThrowIfCancellationRequested();
            plans.Add(Inputs.Guard(() => create(bucket)));
        }

        return [.. plans];
    }

    private static void Write<T>(
        T[] plans, bool asJson, TextWriter writer, Func<T, Action<TextWriter>> write, Action<IReadOnlyList<T>, TextWriter> writeSummary)
    {
        if (asJson)
        {
            JsonOutput.Write(writer, new PlansOutput<T>(plans));
            return;
        }

        write(plans[^1])(writer);
        if (plans.Length > 1)
        {
            writer.WriteLine();
            writeSummary(plans, writer);
        }
    }
}
