using Heann.Core;
using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;
using Hnn.Model.Compilation;
using Hnn.Model.Sessions;
using Hnn.Model.Tests.Server;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Sessions;

public sealed class StageTracerTests
{
    private static readonly HnnWeights Weights = new(TinyService.Embeddings, TinyService.Weights);

    [Theory]
    [InlineData(null)]
    [InlineData(0)]
    public void Trace_MeasuresEveryStepOfThePlan(int? keyMemory)
    {
        LevelPlan plan = TinyService.Plan(4);
        using StageTracer tracer = new(plan, Weights, Backends.Shared, keyMemory is { } bytes ? new(bytes) : null);
        IReadOnlyList<StageError> steps = tracer.Trace(TinyService.Text(2, 5, 3));
        Assert.Equal(plan.Steps.Select(s => (s.Name, s.Level, s.Quantity)), steps.Select(s => (s.Name, s.Level, s.Quantity)));
        foreach ((PlanStep planned, StageError step) in plan.Steps.Zip(steps))
        {
            // There is noise, and it is of the size that was predicted for typical weights.
            Assert.True(step.MeanError > 0 && step.MaxError >= step.MeanError, step.Name);
            Assert.InRange(step.MaxError, step.PredictedError / 30, step.PredictedError * 100);
            Assert.InRange(step.NoiseBits, step.PredictedNoiseBits - 5, step.PredictedNoiseBits + 5);
            Assert.Equal(plan.Parameters.BasisAt(step.Level).Log2, step.ModulusBits);
            Assert.InRange(step.BudgetBits, 0, step.ModulusBits);
            Assert.Equal(planned.Scale.Log2, step.ScaleBits, 1e-6);
        }

        Assert.True(steps[^1].MaxError < 1e-3, $"{steps[^1].MaxError}");
    }

    [Fact]
    public void Trace_StopsWhenCancelled()
    {
        using StageTracer tracer = new(TinyService.Plan(4), Weights, Backends.Shared);
        Assert.Throws<OperationCanceledException>(() => tracer.Trace(TinyService.Text(2, 3), new CancellationToken(canceled: true)));
        Assert.Throws<OperationCanceledException>(() => new StageTracer(
            TinyService.Plan(4), Weights, Backends.Shared, null, new CancellationToken(canceled: true)).Dispose());
    }

    [Fact]
    public void Measure_DividesByTheStepsFactorAndCountsNoiseInCoefficients()
    {
        LevelPlan plan = TinyService.Plan(4);
        PlanStep step = plan.Steps[0] with { Factor = 4 };
        ClearEvaluator evaluator = new(plan.Parameters);
        Diagnosis diagnosis = evaluator.Diagnose(evaluator.Allocate(3)) with { Scale = Scale.FromLog2(40), RingDegree = 1 << 11 };
        double error = Math.ScaleB(1, -20);
        StageError measured = StageTracer.Measure(step, diagnosis, [0, 1, 2, 3], [error, 1 - error, 2 + error, 3 - error]);
        Assert.Equal((error / 4, error / 4), (measured.MaxError, measured.MeanError));
        Assert.Equal((22.0, 22.0), (measured.WorstBits, measured.MeanBits));
        Assert.Equal(40 - 20 - 5, measured.NoiseBits, 9); // √(N/2) = 2^5
        StageError uneven = StageTracer.Measure(step, diagnosis, [0, 0], [0, error]);
        Assert.Equal((error / 4, error / 8), (uneven.MaxError, uneven.MeanError));
    }
}
