using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Parameters;
using Hnn.Model;
using Hnn.Model.Compilation;

namespace Hnn.Tool.Output;

/// <summary>The JSON object of <c>hnn plan</c>: one plan for each bucket asked for.</summary>
internal sealed record PlansOutput<T>(IReadOnlyList<T> Plans);

/// <summary>A step of a plan.</summary>
/// <param name="Name">After the tensor names of the model.</param>
/// <param name="Level">Levels left after it.</param>
/// <param name="LogScale">log2 of the scale after it.</param>
/// <param name="PredictedError">Predicted standard deviation of a slot's error after it.</param>
/// <param name="KeySwitches">Key switches so far.</param>
/// <param name="EstimateMs">Estimated time so far.</param>
/// <param name="Quantity">What of the network the slots hold, by the names of <c>hnn evaluate --clear --ranges</c>; the step's name where
/// they have none.</param>
/// <param name="Factor">What the slots are multiplied by: constants of the network that the circuit folds into weights.</param>
/// <param name="ValueError">PredictedError / Factor: the predicted standard deviation of the quantity's error, in the quantity's own unit,
/// all steps before included. The noise that a network has to bear under encryption, for whoever trains one.</param>
internal sealed record PlanStepOutput(
    string Name, int Level, double LogScale, double PredictedError, int KeySwitches, double EstimateMs, string Quantity, double Factor,
    double ValueError)
{
    /// <summary>The steps of a plan.</summary>
    public static PlanStepOutput[] List(IEnumerable<PlanStep> steps, CkksParameters parameters, CostModel cost) =>
    [
        .. steps.Select(s => new PlanStepOutput(
            s.Name, s.Level, s.Scale.Log2, s.PredictedError, s.KeySwitchCount,
            1000 * cost.Seconds(parameters.RingDegree, s.TransformCount, s.MultiplyAddCount), s.Quantity, s.Factor, s.ValueError)),
    ];

    /// <summary>Writes a row for each step.</summary>
    public static void Write(IEnumerable<PlanStepOutput> steps, TextWriter writer)
    {
        TextTable table = new("step", "level", "log scale", "error", "key switches", "time so far");
        foreach (PlanStepOutput s in steps)
        {
            table.Add(
                s.Name, $"{s.Level}", Units.Format($"{s.LogScale:F2}"), Units.Format($"{s.ValueError:0.0e-0}"), $"{s.KeySwitches}",
                Units.Milliseconds(s.EstimateMs));
        }

        table.Write(writer);
    }
}

/// <summary>An automorphism's key.</summary>
/// <param name="Steps">Slots to the left; negative to the right.</param>
/// <param name="Conjugates">Whether it conjugates as well.</param>
/// <param name="Level">The highest level it is used at.</param>
internal sealed record RotationOutput(int Steps, bool Conjugates, int Level)
{
    /// <summary>The rotations of a set of keys, the highest level first. Slots turn in a circle, so the shorter way round is
    /// shown.</summary>
    public static RotationOutput[] List(KeyRequest keys, int slotCount) =>
    [
        .. keys.Galois
            .Select(pair => new RotationOutput(
                pair.Key.RotationSteps > slotCount / 2 ? pair.Key.RotationSteps - slotCount : pair.Key.RotationSteps, pair.Key.IsConjugation, pair.Value))
            .OrderByDescending(r => r.Level).ThenBy(r => r.Steps),
    ];

    /// <summary>Writes the keys by their levels.</summary>
    public static void Write(int? relinearizationLevel, IEnumerable<RotationOutput> rotations, TextWriter writer)
    {
        writer.WriteLine($"relinearisation key: {(relinearizationLevel is { } level ? $"level {level}" : "none")}");
        writer.WriteLine("rotation keys by level (left; negative is right):");
        foreach (IGrouping<int, RotationOutput> group in rotations.GroupBy(r => r.Level).OrderByDescending(g => g.Key))
        {
            writer.WriteLine($"  level {group.Key,2}: {string.Join(", ", group.Select(r => r.Conjugates ? $"conjugation {r.Steps}" : $"{r.Steps}"))}");
        }
    }
}

/// <summary>A bucket's plan, for JSON and for people.</summary>
internal sealed record PlanOutput(
    int Bucket,
    string Release,
    int SecurityBits,
    int LogN,
    double LogQ,
    double LogQP,
    int Levels,
    int DigitCount,
    int Threads,
    IReadOnlyList<PlanStepOutput> Steps,
    int KeySwitches,
    int Products,
    int PlainProducts,
    int Rescalings,
    int KeyCount,
    long KeyBytes,
    long KeyMemoryBytes,
    int? RelinearizationLevel,
    IReadOnlyList<RotationOutput> Rotations,
    long CiphertextPeakBytes,
    long PeakBytes,
    long RequestBytes,
    long ResponseBytes,
    double EstimateMs)
{
    /// <summary>Collects a plan.</summary>
    public static PlanOutput Create(LevelPlan plan, int threadCount)
    {
        CkksParameters parameters = plan.Parameters;
        CostModel cost = CostModel.Default(threadCount);
        return new(
            plan.Bucket,
            ReleaseName.Of(plan.Release),
            parameters.SecurityBits,
            parameters.LogN,
            Math.Round(parameters.BasisQ.Log2, 2),
            Math.Round(parameters.BasisQP.Log2, 2),
            parameters.MaxLevel,
            parameters.DigitCount,
            threadCount,
            PlanStepOutput.List(plan.Steps, parameters, cost),
            plan.KeySwitchCount,
            plan.ProductCount,
            plan.PlainProductCount,
            plan.RescaleCount,
            plan.KeyCount,
            plan.SeededKeyBytes,
            plan.KeyBytes,
            plan.Keys.RelinearizationLevel,
            RotationOutput.List(plan.Keys, parameters.SlotCount),
            plan.CiphertextPeakBytes,
            plan.PeakBytes,
            plan.RequestBytes,
            plan.ResponseBytes,
            1000 * plan.EstimateSeconds(cost));
    }

    /// <summary>Writes a row for each plan.</summary>
    public static void WriteSummary(IReadOnlyList<PlanOutput> plans, TextWriter writer)
    {
        TextTable table = new("bucket", "log N", "log Q", "log QP", "levels", "key switches", "keys", "keys sent", "request", "response", "memory", "estimate");
        foreach (PlanOutput p in plans)
        {
            table.Add(
                $"{p.Bucket}", $"{p.LogN}", Units.Format($"{p.LogQ:F0}"), Units.Format($"{p.LogQP:F0}"), $"{p.Levels}", $"{p.KeySwitches}", $"{p.KeyCount}",
                Units.Bytes(p.KeyBytes), Units.Bytes(p.RequestBytes), Units.Bytes(p.ResponseBytes), Units.Bytes(p.PeakBytes), Units.Milliseconds(p.EstimateMs));
        }

        table.Write(writer);
    }

    /// <summary>Writes the plan step by step.</summary>
    public void Write(TextWriter writer)
    {
        void Row(string name, FormattableString value) => writer.WriteLine($"{name,-11} {Units.Format(value)}");
        Row("bucket", $"{Bucket}");
        Row("released", $"{Release}");
        Row("parameters", $"N = 2^{LogN}, log Q = {LogQ:F1}, log QP = {LogQP:F1}, {Levels} levels, {DigitCount} digit(s), {SecurityBits}-bit security");
        Row("operations", $"{KeySwitches} key switches, {Products} products, {PlainProducts} products with plaintexts, {Rescalings} rescalings");
        Row("keys", $"{KeyCount}; {Units.Bytes(KeyBytes)} sent, {Units.Bytes(KeyMemoryBytes)} in memory");
        Row("memory", $"{Units.Bytes(PeakBytes)}: keys, and {Units.Bytes(CiphertextPeakBytes)} for ciphertexts and working memory");
        Row("sent", $"request {Units.Bytes(RequestBytes)}, response {Units.Bytes(ResponseBytes)}");
        Row("estimate", $"{Units.Milliseconds(EstimateMs)} with {Threads} thread(s), by a cost model fitted on 2 cores with AVX-512");
        writer.WriteLine();
        PlanStepOutput.Write(Steps, writer);
        writer.WriteLine();
        RotationOutput.Write(RelinearizationLevel, Rotations, writer);
    }
}
