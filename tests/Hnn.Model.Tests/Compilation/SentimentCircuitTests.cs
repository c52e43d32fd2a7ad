using Heann.Core.Evaluation;
using Heann.Core.Parameters;
using Hnn.Model.Compilation;
using Hnn.Model.Packing;
using Hnn.Model.Tests.Layers;

namespace Hnn.Model.Tests.Compilation;

/// <summary>Networks too large to be kept as diagonals are laid out block by block, to the same values.</summary>
public sealed class SentimentCircuitTests
{
    [Fact]
    public void BlocksThatAreNotKept_GiveTheSame()
    {
        const int Bucket = 8;
        RandomNetwork random = new(6, 3, 9, 2, Bucket, 5);
        TokenLayout layout = new(2 * Bucket * TokenLayout.StrideFor(6), Bucket, 6, 3);
        CkksParameters parameters = InsecureSets.For(random.Config, int.Log2(layout.SlotCount) + 1);
        double[,] tokens = random.Tokens(Bucket - 2);
        double[] Run(long limit, int times)
        {
            SentimentCircuit circuit = new(random.Config, random.Weights(), layout, limit);
            double[] result = [];
            for (int i = 0; i < times; i++)
            {
                ClearEvaluator evaluator = new(parameters);
                result = circuit.Forward(
                    evaluator, evaluator.Create(layout.PackTokens(tokens)), evaluator.Create(layout.PackMask(Bucket - 2))).ToReal();
            }

            return result;
        }

        double[] kept = Run(long.MaxValue, 1);
        Assert.Equal(kept, Run(0, 2));
        Assert.True(Math.Abs(kept[0] - 0.5) > 1e-6, "The network answers 1/2: nothing was computed.");
    }

    [Fact]
    public void WeightCount_CountsTheSixMaps()
    {
        RandomNetwork random = new(6, 3, 9, 2, 8, 5);
        Assert.All(random.Weights().Layers, layer => Assert.Equal((4 * 6 * 6) + (2 * 6 * 9), layer.WeightCount));
    }
}
