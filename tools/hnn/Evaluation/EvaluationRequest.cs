using Hnn.Model.Compilation;
using Hnn.Model.Sessions;
using Hnn.Tool.Commands;
using Hnn.Tool.Output;

namespace Hnn.Tool.Evaluation;

/// <summary>What <c>hnn evaluate</c> was asked for.</summary>
/// <param name="DataPath">--data.</param>
/// <param name="Limit">--limit.</param>
/// <param name="ModelPath">--model; null for the one that comes with the tool.</param>
/// <param name="Packing">--packing.</param>
/// <param name="ThreadCount">--threads.</param>
/// <param name="TraceCount">Sentences of each bucket to be decrypted after every step.</param>
internal sealed record EvaluationRequest(
    string DataPath, int? Limit, string? ModelPath, SessionPacking Packing, int ThreadCount, int TraceCount)
{
    /// <summary>--memory, --key-memory and --disk.</summary>
    public SessionMemory Memory { get; init; } = new();

    /// <summary>--backend.</summary>
    public string Backend { get; init; } = Processor.Cpu;

    /// <summary>The command again, with names in place of paths.</summary>
    public string Command => string.Join(' ',
    [
        "hnn evaluate --data", Path.GetFileName(DataPath),
        .. Limit is { } limit ? (string[])[$"--limit {limit}"] : [],
        .. ModelPath is { } model
            ? (string[])[$"--model {Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(model)))}"] : [],
        $"--packing {PackingName}",
        .. Memory.Bytes != ThroughputPlan.DefaultMemoryBytes ? (string[])[Units.Format($"--memory {Memory.Bytes / 1e9:0.###}")] : [],
        .. Memory.KeyBytes is { } keys ? (string[])[Units.Format($"--key-memory {keys / 1e9:0.###}")] : [],
        $"--trace {TraceCount}",
        .. Backend != Processor.Cpu ? (string[])[$"--backend {Backend}"] : [],
        $"--threads {ThreadCount}",
    ]);

    /// <summary>latency or throughput.</summary>
    public string PackingName => Packing.ToString().ToLowerInvariant();
}
