using Heann.Core.Evaluation;
using Heann.Core.Parameters;
using Hnn.Model.Approximations;
using Hnn.Model.Compilation;
using Hnn.Model.Packing;
using Hnn.Model.Plain;
using Hnn.Model.Tests.Layers;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Compilation;

/// <summary>What a plan says each step's slots hold, against what the circuit leaves there.</summary>
public sealed class StepQuantitiesTests
{
    // Steps that are parts of a sum, or come after the logits: the network in the clear does not name them.
    private static readonly string[] OwnNames = [".attention.out", ".ff.2", "soft-argmax", "probabilities"];

    // Known, but no quantity of the network in the clear.
    private const string Exponentials = "head.exponentials";

    [Theory]
    [InlineData(4, 2, 8, 8, 0.125)]
    [InlineData(4, 2, 8, 8, 0.125, 5)]
    [InlineData(8, 2, 16, 4, 0.7)]
    [InlineData(6, 3, 9, 8, 3)]
    public void Slots_AreTheFactorTimesTheQuantity(int hidden, int heads, int intermediate, int bucket, double quadratic, int classes = 2)
    {
        // Without a linear part of the activation no constant is added. As many copies as tokens: one shift meets all keys.
        RandomNetwork random = new(hidden, heads, intermediate, 2, bucket, 31, classes);
        HnnConfig config = random.Config with { Activation = [0, 0, quadratic], SoftArgmax = new(1.7, -5, 5) { Degree = classes == 2 ? 15 : 31 } };
        TokenLayout layout = new(bucket * bucket * TokenLayout.StrideFor(hidden), bucket, hidden, heads);
        CkksParameters parameters = InsecureSets.For(config, int.Log2(layout.SlotCount) + 1);
        LevelPlan plan = LevelPlan.Create(config, bucket, parameters);
        double[,] tokens = random.Tokens(bucket - 1);

        Dictionary<string, double> largest = [];
        ClearEvaluator evaluator = new(parameters);
        evaluator.StageReached = (name, value) => largest.Add(name, Largest(name, value.ToReal(), layout));
        _ = new SentimentCircuit(config, random.Weights(), layout)
            .Forward(evaluator, evaluator.Create(layout.PackTokens(tokens)), evaluator.Create(layout.PackMask(bucket - 1)));
        ValueRanges ranges = new();
        _ = new PolynomialNetwork(config, random.Weights()).Logits(tokens, bucket, ranges);

        Assert.Equal(largest.Keys, plan.Steps.Select(s => s.Name));
        foreach (PlanStep step in plan.Steps)
        {
            Assert.Equal(step.PredictedError / step.Factor, step.ValueError);
            if (OwnNames.Any(name => step.Name.EndsWith(name, StringComparison.Ordinal)))
            {
                Assert.Equal((step.Name, 1.0), (step.Quantity, step.Factor));
                continue;
            }

            if (step.Name == Exponentials)
            {
                Assert.Equal(("exponentials", plan.SoftArgmax.Softmax!.Division.InputScale), (step.Quantity, step.Factor));
                double[] arguments = new DifferentiableSoftArgmax(1.7).Arguments(new PolynomialNetwork(config, random.Weights()).Logits(tokens));
                Assert.Equal(1, largest[step.Name] / step.Factor / Math.Exp(arguments.Max()), 1e-3);
                continue;
            }

            double expected = ranges.Items.Single(r => r.Name == step.Quantity).LargestMagnitude;
            Assert.Equal(1, largest[step.Name] / step.Factor / expected, 1e-9);
        }

        Assert.Equal(plan.Steps.Count, plan.Steps.Select(s => s.Quantity).Distinct().Count());
    }

    // Sums over heads are right on the data places alone.
    private static double Largest(string name, double[] slots, TokenLayout layout)
    {
        bool isSum = name.EndsWith(".scores", StringComparison.Ordinal) || name.EndsWith(".weights", StringComparison.Ordinal);
        int[] places = [.. Enumerable.Range(0, layout.HiddenSize).SelectMany(FeaturePlacement.Heads(layout).Places)];
        return slots.Where((_, slot) => !isSum || places.Contains(slot % layout.FeatureStride)).Max(Math.Abs);
    }
}
