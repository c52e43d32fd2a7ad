using System.Diagnostics;
using Heann.Core.Evaluation;
using Heann.Core.Parameters;
using Hnn.Model.Compilation;
using Hnn.Model.Tests.Layers;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Compilation;

/// <summary>What ThroughputPlan chooses for the committed model, and what it refuses.</summary>
public sealed class ThroughputPlanTests(ITestOutputHelper output)
{
    private static readonly Lazy<ThroughputPlan> LongBucket = new(() => ThroughputPlan.Create(ReferenceModel.Config, 64));

    [Fact]
    public void HnnTiny_FitsTheRingOf32768At128BitAndTheMemoryOfTheBar()
    {
        long start = Stopwatch.GetTimestamp();
        ThroughputPlan plan = LongBucket.Value;
        output.WriteLine($"planned in {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s");
        output.WriteLine($"{plan.Parameters}, {plan.Parameters.BasisP.Count} special primes, scale {plan.Parameters.DefaultScale}");
        output.WriteLine($"{plan.Layout.BabyStepCount} baby steps, {plan.KeySwitchCount} key switches, {plan.OperationCount} operations, error {plan.PredictedError:E2}");
        output.WriteLine($"{plan.KeyCount} keys {plan.KeyBytes / 1e9:F2} GB, ciphertexts {plan.CiphertextPeakBytes / 1e9:F2} GB, {plan.EstimateSeconds(CostModel.Default(1)):F0} s");
        Assert.Equal(15, plan.Parameters.LogN);
        Assert.True(plan.Parameters.SecurityBits >= 128);
        Assert.True(plan.Parameters.BasisQP.Log2 <= SecurityTable.MaxLog2(15, 128));

        // 8 a layer, 3 for the head, 5 for a soft-argmax of degree 31.
        Assert.Equal((2 * 8) + 3 + 5, plan.Parameters.MaxLevel);
        Assert.Equal(0, plan.Steps[^1].Level);
        Assert.Equal(256, plan.SentenceCount);
        Assert.InRange(plan.PredictedError, 0, ThroughputPlan.MaxPredictedError);
        Assert.InRange(plan.PeakBytes, 0, ThroughputPlan.DefaultMemoryBytes);

        // Baby and giant steps, conjugation, relinearisation.
        Assert.Equal(plan.Layout.BabyStepCount - 1 + plan.Layout.GiantStepCount - 1 + 2, plan.KeyCount);
    }

    [Fact]
    public void Parameters_AreTheSameForEveryBucketAndTheSmallestScaleThatIsPrecise()
    {
        ThroughputPlan plan = ThroughputPlan.Create(ReferenceModel.Config, 16);
        Assert.Equal(LongBucket.Value.Parameters.Id, plan.Parameters.Id);
        Assert.Equal(1024, plan.SentenceCount);
        Assert.True(plan.EstimateSeconds(CostModel.Default(1)) < LongBucket.Value.EstimateSeconds(CostModel.Default(1)));

        // One bit less is secure too, and misses the precision.
        int bits = (int)Math.Round(plan.Parameters.DefaultScale.Log2);
        int[] sizes = ThroughputPlan.PrimeBits(ReferenceModel.Config, bits - 1, 25);
        CkksParameters smaller = ParamGen.ForSpecialPrimes(15, sizes, plan.Parameters.BasisP.Count, Heann.Core.Scale.FromLog2(bits - 1))!;
        Assert.True(ThroughputPlan.Create(ReferenceModel.Config, 64, smaller).PredictedError > ThroughputPlan.MaxPredictedError);
    }

    // Residual stream and contexts of 256 columns each, of 24 and 21 limbs: 3.2 and 2.8 GB in memory.
    [Fact]
    public void HnnSmall_KeepsTheDefaultMemoryWithWaitingColumnsOnDisk()
    {
        const int bucket = 64;
        HnnConfig config = HnnConfig.Load(Path.Combine(TestData.Root, "models", "hnn-small", "config.json"));
        long start = Stopwatch.GetTimestamp();
        ThroughputPlan plan = ThroughputPlan.Create(config, bucket);
        output.WriteLine($"planned in {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s: {plan.Schedule}, {plan.PeakBytes / 1e9:F2} GB");
        output.WriteLine($"disk {plan.DiskPeakBytes / 1e9:F2} GB, {plan.DiskWrittenBytes / 1e9:F0} written, {plan.DiskReadBytes / 1e9:F0} read");
        Assert.True(plan.Schedule.OnDisk);
        Assert.InRange(plan.PeakBytes, 1, ThroughputPlan.DefaultMemoryBytes);
        Assert.InRange(plan.DiskPeakBytes, 1, plan.DiskWrittenBytes);

        // Two sets of columns wait at once, packed to less than half.
        ThroughputPlan whole = ThroughputPlan.Create(config, bucket, long.MaxValue);
        Assert.False(whole.Schedule.OnDisk);
        Assert.Equal(0, whole.DiskPeakBytes);
        Assert.InRange(plan.DiskPeakBytes, whole.CiphertextPeakBytes / 4, whole.CiphertextPeakBytes / 2);
        Assert.Equal(whole.Parameters.Id, plan.Parameters.Id);
        Assert.Equal(ThroughputPlan.Create(config, bucket, plan.Parameters, plan.Layout.BabyStepCount).PredictedError, plan.PredictedError, 1e-12);

        // More memory is fewer passes, less is refused by name.
        ThroughputPlan less = ThroughputPlan.Create(config, bucket, ThroughputPlan.DefaultMemoryBytes / 2);
        Assert.True(plan.DiskReadBytes < less.DiskReadBytes);
        CostModel model = CostModel.Default(1);
        Assert.True(whole.EstimateSeconds(model) < plan.EstimateSeconds(model) && plan.EstimateSeconds(model) < less.EstimateSeconds(model));
        string refusal = Assert.Throws<ArgumentException>(() => ThroughputPlan.Create(config, bucket, 1_000_000_000)).Message;
        Assert.Contains("with waiting columns on disk, and 1.0 GB are allowed", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_ForTheSameShapeIsTheSame()
    {
        HnnConfig config = new RandomNetwork(4, 2, 5, 1, 4, 3).Config;
        (ThroughputPlan a, ThroughputPlan b) = (ThroughputPlan.Create(config, 4), ThroughputPlan.Create(config, 4));
        Assert.Equal(a.Parameters.Id, b.Parameters.Id);
        Assert.Equal(a.Layout.BabyStepCount, b.Layout.BabyStepCount);
        Assert.Equal(a.OperationCount, b.OperationCount);
        Assert.True(a.Parameters.SecurityBits >= 128);
    }

    [Fact]
    public void Plan_RefusesWhatItCannotDo()
    {
        HnnConfig config = new RandomNetwork(4, 2, 5, 1, 4, 3).Config;
        Assert.Contains("Bucket 8 is not one of the model's: 4", Assert.Throws<ArgumentException>(() => ThroughputPlan.Create(config, 8)).Message, StringComparison.Ordinal);
        Assert.Contains("allow more memory", Assert.Throws<ArgumentException>(() => ThroughputPlan.Create(config, 4, memoryBytes: 1_000_000)).Message, StringComparison.Ordinal);
        Assert.Contains("fewer layers", Assert.Throws<Heann.Core.InsufficientSecurityException>(
            () => ThroughputPlan.ParametersFor(config with { LayerCount = 40 })).Message, StringComparison.Ordinal);
    }
}
