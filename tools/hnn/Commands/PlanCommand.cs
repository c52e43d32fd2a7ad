using System.CommandLine;
using Hnn.Model;
using Hnn.Model.Compilation;
using Hnn.Model.Weights;
using Hnn.Tool.Output;

namespace Hnn.Tool.Commands;

/// <summary><c>hnn plan</c>: what an evaluation takes, without any ciphertext: all buckets in a row each, the largest step by step.</summary>
internal static class PlanCommand
{
    private const int MaxBucket = 4096;

    /// <summary>Makes the command.</summary>
    public static Command Create(Terminal terminal)
    {
        Option<string> model = CommonOptions.Model();
        Option<int?> bucket = CommonOptions.Number(
            "--bucket", "B", 2, MaxBucket, "One of the model's buckets (default: a row for each, and the largest in detail).");
        Option<Release?> release = CommonOptions.Release();
        Option<int?> threads = CommonOptions.Threads();
        Option<bool> json = CommonOptions.Json();
        Command command = new("plan", "Shows parameters, levels, keys, memory and estimated time, without computing on ciphertexts.")
        {
            model, bucket, release, threads, json,
        };
        command.SetAction((parsed, cancellation) =>
        {
            PlanOutput[] plans = Plan(
                (parsed.GetValue(model), parsed.GetValue(bucket), parsed.GetValue(release)),
                parsed.GetValue(threads) ?? Environment.ProcessorCount,
                cancellation);
            Write(plans, parsed.GetValue(json), terminal.Out);
            return Task.CompletedTask;
        });
        return command;
    }

    private static PlanOutput[] Plan(
        (string? ModelPath, int? Bucket, Release? Release) what, int threadCount, CancellationToken cancellation)
    {
        HnnConfig model = Inputs.OpenModel(what.ModelPath).Config;
        HnnConfig config = Inputs.Guard(() => model.WithRelease(what.Release));
        if (what.Bucket is { } given && !config.Buckets.Contains(given))
        {
            throw new InputException($"The model has no bucket {given}; it has {string.Join(", ", config.Buckets)}.");
        }

        List<PlanOutput> plans = [];
        foreach (int b in what.Bucket is { } one ? [one] : config.Buckets)
        {
            cancellation.ThrowIfCancellationRequested();
            plans.Add(PlanOutput.Create(Inputs.Guard(() => LevelPlan.Create(config, b)), threadCount));
        }

        return [.. plans];
    }

    private static void Write(PlanOutput[] plans, bool asJson, TextWriter writer)
    {
        if (asJson)
        {
            JsonOutput.Write(writer, new PlansOutput(plans));
            return;
        }

        plans[^1].Write(writer);
        if (plans.Length > 1)
        {
            writer.WriteLine();
            PlanOutput.WriteSummary(plans, writer);
        }
    }
}
