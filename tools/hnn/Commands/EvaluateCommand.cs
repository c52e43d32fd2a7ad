using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;
using System.Text;
using Heann.Core.Serialization;
using Hnn.Model.Compilation;
using Hnn.Model.Sessions;
using Hnn.Tool.Evaluation;
using Hnn.Tool.Output;
using Hnn.Tool.Report;

namespace Hnn.Tool.Commands;

/// <summary><c>hnn evaluate --data FILE</c>: labelled sentences under encryption, or with <c>--clear</c> in the clear. Prints and writes no
/// text.</summary>
internal static class EvaluateCommand
{
    private const int MaxTraceCount = 1000;

    /// <summary>Makes the command.</summary>
    public static Command Create(Terminal terminal)
    {
        Options options = new();
        Command command = new("evaluate", "Classifies labelled sentences under encryption and compares with the clear network.");
        foreach (Option option in options.All) command.Add(option);
        command.Validators.Add(result =>
        {
            bool isClear = result.GetValue(options.Clear);
            if (result.GetValue(options.Ranges) && !isClear)
            {
                result.AddError("--ranges is for --clear; give both.");
            }
            else if (isClear && options.ForEncryption.FirstOrDefault(o => result.GetResult(o) is { Implicit: false }) is { } foreign)
            {
                result.AddError($"{foreign.Name} is for evaluation under encryption; leave out --clear.");
            }
            else if (result.GetValue(options.Report) is not null && result.GetValue(options.Rows) is not null)
            {
                result.AddError("--report keeps rows in its folder and --rows in a file of its own; give one of them.");
            }
            else
            {
                CheckMemory(result, options);
            }
        });
        command.SetAction((parsed, cancellation) =>
        {
            if (parsed.GetValue(options.Clear))
            {
                RunClear(parsed, options, terminal, cancellation);
            }
            else
            {
                Run(parsed, options, terminal, cancellation);
            }

            return Task.CompletedTask;
        });
        return command;
    }

    // A batch bounds all it takes, sentences one at a time their keys; either may leave something on disk.
    private static void CheckMemory(CommandResult result, Options options)
    {
        CommonOptions.RequireLatency(result, options.Packing, options.KeyMemory);
        CommonOptions.RequireThroughput(result, options.Packing, options.Memory);
        if (result.GetResult(options.KeyMemory) is null)
        {
            CommonOptions.RequireThroughput(result, options.Packing, options.Disk);
        }
    }

    private static void RunClear(ParseResult parsed, Options options, Terminal terminal, CancellationToken cancellation)
    {
        ClearRun run = ClearRun.Create(
            parsed.GetRequiredValue(options.Data), parsed.GetValue(options.Limit), parsed.GetValue(options.Model),
            parsed.GetValue(options.Threads), terminal, cancellation);
        ClearEvaluateOutput output = ClearEvaluateOutput.Create(run, parsed.GetValue(options.Ranges));
        output.Show(parsed.GetValue(options.Json), terminal.Out, output.Write);
    }

    private static void Run(ParseResult parsed, Options options, Terminal terminal, CancellationToken cancellation)
    {
        Stopwatch watch = Stopwatch.StartNew();
        string? report = parsed.GetValue(options.Report), rowsPath = parsed.GetValue(options.Rows);
        EvaluationRequest request = new(
            parsed.GetRequiredValue(options.Data), parsed.GetValue(options.Limit), parsed.GetValue(options.Model),
            parsed.GetValue(options.Packing) ?? SessionPacking.Latency, parsed.GetValue(options.Threads) ?? Environment.ProcessorCount,
            parsed.GetValue(options.Trace) ?? (report is null ? 0 : 1))
        {
            Backend = parsed.GetRequiredValue(options.Backend),
            Memory = new(parsed.GetValue(options.Memory) ?? ThroughputPlan.DefaultMemoryBytes, parsed.GetValue(options.Disk))
            {
                KeyBytes = parsed.GetValue(options.KeyMemory),
            },
        };
        EvaluationInput input = EvaluationInput.Read(request, cancellation);
        EvaluationTargets targets = EvaluationTargets.Create(report, rowsPath);
        RunState state = new(input.Sentences);
        using RunRows rows = targets.RowsPath is { } path
            ? Inputs.Guard(() => RunRows.Open(path, input.Identity, state))
            : RunRows.InMemory(state);
        bool asJson = parsed.GetValue(options.Json);
        TextWriter lines = asJson ? terminal.Error : terminal.Out;
        Announce(rows, targets, terminal);
        if (!asJson) lines.WriteLine(SentenceOutput.Header);
        EvaluationRun run = new(request, input, rows, terminal, watch);
        run.Complete(row => lines.WriteLine(SentenceOutput.ToLine(row, input.Model.Config.Labels)), cancellation);
        Finish(EvaluationResult.Create(request, input, state), targets, asJson, terminal);
    }

    private static void Announce(RunRows rows, EvaluationTargets targets, Terminal terminal)
    {
        if (rows.WasTorn)
        {
            terminal.Warn($"{targets.RowsPath} ended within a line; what was cut is done again.");
        }

        if (rows.State.Sentences.Count > 0)
        {
            terminal.Error.WriteLine(
                $"{rows.State.Sentences.Count} of {rows.State.Expected.Count} sentences are done already; going on with the rest.");
        }
    }

    private static void Finish(EvaluationResult result, EvaluationTargets targets, bool asJson, Terminal terminal)
    {
        EvaluateOutput output = EvaluateOutput.Create(result);
        if (output.OutOfRange + output.Truncated > 0)
        {
            terminal.Warn($"{output.OutOfRange} sentence(s) out of range, {output.Truncated} truncated.");
        }

        if (targets.Folder is not null)
        {
            Save(targets.SummaryPath, JsonOutput.ToText(output) + "\n");
            Save(targets.ReportPath, ReportPage.Create(result, output));
            terminal.Error.WriteLine($"Report: {targets.ReportPath}");
        }

        if (asJson)
        {
            JsonOutput.Write(terminal.Out, output);
            return;
        }

        terminal.Out.WriteLine();
        output.Write(terminal.Out);
    }

    private static void Save(string path, string text) => Inputs.Guard(() =>
    {
        AtomicFile.Write(path, overwrite: true, isSecret: false, stream => stream.Write(Encoding.UTF8.GetBytes(text)));
        return true;
    });

    /// <summary>The command's options.</summary>
    private sealed class Options
    {
        public Option<string> Data { get; } = CommonOptions.Data();

        public Option<int?> Limit { get; } =
            CommonOptions.Number("--limit", "N", 1, int.MaxValue, "Take the first N sentences (default: all).");

        public Option<string> Model { get; } = CommonOptions.Model();

        public Option<SessionPacking?> Packing { get; } = CommonOptions.Packing();

        public Option<long?> Memory { get; } = CommonOptions.Memory();

        public Option<long?> KeyMemory { get; } = CommonOptions.KeyMemory(
            "With --packing latency: the memory of the keys; they are made into a temporary file and read when they are needed (default: all are in memory).");

        public Option<string> Disk { get; } = CommonOptions.Disk(
            "With --packing throughput, where ciphertexts wait that do not fit; with --key-memory, where the keys are");

        public Option<string> Report { get; } = new("--report")
        {
            Description = "Write report.html, summary.json and rows.jsonl there; a run that was cut goes on where it stopped.",
            HelpName = "DIR",
        };

        public Option<string> Rows { get; } = new("--rows")
        {
            Description = "Keep a row for each sentence in this file; a run that was cut goes on where it stopped.", HelpName = "FILE",
        };

        public Option<int?> Trace { get; } = CommonOptions.Number(
            "--trace", "N", 0, MaxTraceCount, "Decrypt after every step of N sentences of each bucket (default: 1 with --report, else 0).");

        public Option<string> Backend { get; } = CommonOptions.Backend();

        public Option<int?> Threads { get; } = CommonOptions.Threads();

        public Option<bool> Clear { get; } =
            new("--clear") { Description = "Evaluate in the clear alone, in seconds: more metrics, any number of classes." };

        public Option<bool> Ranges { get; } =
            new("--ranges") { Description = "With --clear: list the largest absolute value of every quantity." };

        public Option<bool> Json { get; } = CommonOptions.Json();

        public IEnumerable<Option> ForEncryption => [Packing, Memory, KeyMemory, Disk, Report, Rows, Trace, Backend];

        public IEnumerable<Option> All => [Data, Limit, Model, .. ForEncryption, Threads, Clear, Ranges, Json];
    }
}
