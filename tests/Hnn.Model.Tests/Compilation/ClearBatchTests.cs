using FsCheck;
using FsCheck.Fluent;
using Heann.Core.Parameters;
using Hnn.Model.Approximations;
using Hnn.Model.Compilation;
using Hnn.Model.Plain;
using Hnn.Model.Tests.Layers;

namespace Hnn.Model.Tests.Compilation;

/// <summary>The circuit of a batch in the clear against the network that knows no packing.</summary>
public sealed class ClearBatchTests
{
    [Fact]
    public void Evaluate_IsThePolynomialNetworkForEverySentenceOfAnyShape() => Prop.ForAll(
        (from headSize in Gen.Choose(1, 5) from heads in Gen.Choose(1, 3) from intermediate in Gen.Choose(1, 40)
         from layers in Gen.Choose(1, 2) from logBucket in Gen.Choose(1, 3) from logBaby in Gen.Choose(0, 3) from seed in Gen.Choose(0, 999)
         select new Shape(headSize, heads, intermediate, layers, 1 << logBucket, 1 << Math.Min(logBaby, logBucket), seed)).ToArbitrary(),
        shape =>
        {
            RandomNetwork network = new(shape.HeadSize * shape.Heads, shape.Heads, shape.Intermediate, shape.Layers, shape.Bucket, shape.Seed);
            CkksParameters parameters = InsecureSets.Batch(network.Config, 6);
            ThroughputPlan plan = ThroughputPlan.Create(network.Config, shape.Bucket, parameters, shape.BabySteps);
            double[][,] sentences = [.. Enumerable.Range(0, Math.Min(plan.SentenceCount, 5)).Select(s => network.Tokens(1 + (s % shape.Bucket)))];
            ClearResult[] results = new ClearBatch(plan, network.Weights()).Evaluate(sentences);
            Assert.Equal(sentences.Length, results.Length);
            PolynomialNetwork plain = new(network.Config, network.Weights());
            foreach ((double[,] tokens, ClearResult result) in sentences.Zip(results))
            {
                double[] logits = plain.Logits(tokens, shape.Bucket);
                double argument = (logits[1] - logits[0]) / network.Config.SoftArgmax.Temperature;
                double tolerance = 1e-5 * (1 + Math.Abs(argument));
                Assert.Equal(argument, result.Argument, tolerance);
                Assert.Equal(SigmoidApproximation.Sigmoid(argument), result.SoftArgmax, tolerance);
                Assert.Equal(plan.SoftArgmax.Polynomial.Covers(argument), result.IsInRange);
                if (result.IsInRange) Assert.Equal(plan.SoftArgmax.Polynomial.Evaluate(argument), result.TwinSoftArgmax, tolerance);
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Evaluate_TellsEveryStageOfThePlanInItsOrder()
    {
        RandomNetwork network = new(4, 2, 5, 2, 4, 17);
        ThroughputPlan plan = ThroughputPlan.Create(network.Config, 4, InsecureSets.Batch(network.Config, 6));
        List<string> stages = [];
        _ = new ClearBatch(plan, network.Weights()).Evaluate([network.Tokens(3)], (name, slots) =>
        {
            stages.Add(name);
            Assert.Equal(32, slots.Length);
        });
        Assert.Equal(plan.Steps.Select(step => step.Name), stages);

        // The stages of the latency packing, so that errors by layer are comparable.
        LevelPlan latency = LevelPlan.Create(network.Config, 4, InsecureSets.For(network.Config, 7));
        Assert.Equal(latency.Steps.Select(step => (step.Name, step.Quantity, step.Factor)), plan.Steps.Select(step => (step.Name, step.Quantity, step.Factor)));
    }

    private sealed record Shape(int HeadSize, int Heads, int Intermediate, int Layers, int Bucket, int BabySteps, int Seed);
}
