using Heann.Core.Evaluation;
using Heann.Core.Parameters;
using Hnn.Model;
using Hnn.Model.Compilation;

namespace Hnn.Tool.Output;

/// <summary>A bucket's plan in the throughput packing, for JSON and for people.</summary>
internal sealed record BatchPlanOutput(
    int Bucket,
    int Sentences,
    string Release,
    int SecurityBits,
    int LogN,
    double LogQ,
    double LogQP,
    int Levels,
    int DigitCount,
    int BabySteps,
    int Threads,
    IReadOnlyList<PlanStepOutput> Steps,
    int KeySwitches,
    int Products,
    long IntegerProducts,
    int Rescalings,
    int KeyCount,
    long KeyBytes,
    long KeyMemoryBytes,
    int? RelinearizationLevel,
    IReadOnlyList<RotationOutput> Rotations,
    long CiphertextPeakBytes,
    long PeakBytes,
    long MemoryBytes,
    bool IsOnDisk,
    long DiskPeakBytes,
    long DiskWrittenBytes,
    long DiskReadBytes,
    long RequestBytes,
    long ResponseBytes,
    double EstimateMs)
{
    /// <summary>Collects a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="memoryBytes">The memory that it was made for.</param>
    /// <param name="threadCount">Threads to compute with.</param>
    public static BatchPlanOutput Create(ThroughputPlan plan, long memoryBytes, int threadCount)
    {
        CkksParameters parameters = plan.Parameters;
        CostModel cost = CostModel.Default(threadCount);
        return new(
            plan.Bucket,
            plan.SentenceCount,
            ReleaseName.Of(plan.Release),
            parameters.SecurityBits,
            parameters.LogN,
            Math.Round(parameters.BasisQ.Log2, 2),
            Math.Round(parameters.BasisQP.Log2, 2),
            parameters.MaxLevel,
            parameters.DigitCount,
            plan.Layout.BabyStepCount,
            threadCount,
            PlanStepOutput.List(plan.Steps, parameters, cost),
            plan.KeySwitchCount,
            plan.ProductCount,
            plan.IntegerProductCount,
            plan.RescaleCount,
            plan.KeyCount,
            plan.SeededKeyBytes,
            plan.KeyBytes,
            plan.Keys.RelinearizationLevel,
            RotationOutput.List(plan.Keys, parameters.SlotCount),
            plan.CiphertextPeakBytes,
            plan.PeakBytes,
            memoryBytes,
            plan.Schedule.OnDisk,
            plan.DiskPeakBytes,
            plan.DiskWrittenBytes,
            plan.DiskReadBytes,
            plan.RequestBytes,
            plan.ResponseBytes,
            1000 * plan.EstimateSeconds(cost));
    }

    /// <summary>Writes a row for each plan.</summary>
    public static void WriteSummary(IReadOnlyList<BatchPlanOutput> plans, TextWriter writer)
    {
        TextTable table = new(
            "bucket", "sentences", "log N", "log QP", "levels", "key switches", "keys", "request", "memory", "disk", "estimate",
            "a sentence");
        foreach (BatchPlanOutput p in plans)
        {
            table.Add(
                $"{p.Bucket}", $"{p.Sentences}", $"{p.LogN}", Units.Format($"{p.LogQP:F0}"), $"{p.Levels}", $"{p.KeySwitches}",
                $"{p.KeyCount}", Units.Bytes(p.RequestBytes), Units.Bytes(p.PeakBytes), p.IsOnDisk ? Units.Bytes(p.DiskPeakBytes) : "none",
                Units.Milliseconds(p.EstimateMs), Units.Milliseconds(p.EstimateMs / p.Sentences));
        }

        table.Write(writer);
    }

    /// <summary>Writes the plan step by step.</summary>
    public void Write(TextWriter writer)
    {
        void Row(string name, FormattableString value) => writer.WriteLine($"{name,-11} {Units.Format(value)}");
        Row("bucket", $"{Bucket}, up to {Sentences} sentences at once");
        Row("released", $"{Release}");
        Row("parameters", $"N = 2^{LogN}, log Q = {LogQ:F1}, log QP = {LogQP:F1}, {Levels} levels, {DigitCount} digit(s), {SecurityBits}-bit security");
        Row("operations", $"{KeySwitches} key switches, {Products} products, {IntegerProducts} products with integers, {Rescalings} rescalings");
        Row("keys", $"{KeyCount}, {BabySteps} baby steps; {Units.Bytes(KeyBytes)} sent, {Units.Bytes(KeyMemoryBytes)} in memory");
        Row("memory", $"{Units.Bytes(PeakBytes)} of {Units.Bytes(MemoryBytes)}: keys, and {Units.Bytes(CiphertextPeakBytes)} for ciphertexts and working memory");
        string onDisk = IsOnDisk
            ? $"columns that wait: a file of up to {Units.Bytes(DiskPeakBytes)}; {Units.Bytes(DiskWrittenBytes)} written and {Units.Bytes(DiskReadBytes)} read in all"
            : "nothing";
        Row("disk", $"{onDisk}");
        Row("sent", $"request {Units.Bytes(RequestBytes)}, response {Units.Bytes(ResponseBytes)}");
        Row("estimate", $"{Units.Milliseconds(EstimateMs)} with {Threads} thread(s), however many sentences, by a cost model fitted on 2 cores with AVX-512");
        writer.WriteLine();
        PlanStepOutput.Write(Steps, writer);
        if (IsOnDisk)
        {
            writer.WriteLine("(time so far: without the file's, which is in the estimate)");
        }

        writer.WriteLine();
        RotationOutput.Write(RelinearizationLevel, Rotations, writer);
    }
}
