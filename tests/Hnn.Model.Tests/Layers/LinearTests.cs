using Heann.Core;
using Heann.Core.Ciphertexts;
using Heann.Core.Encoders;
using Heann.Core.Evaluation;
using Heann.Core.Parameters;
using Hnn.Model.Layers;
using Hnn.Model.Packing;
using Hnn.Model.Tests.Packing;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Layers;

/// <summary>Linear against x W' + m b, for every pair of placements that the network uses.</summary>
public sealed class LinearTests(ITestOutputHelper output)
{
    private const int Tokens = 3;

    // hidden, heads, bucket, from, to, width of the wide side
    public static TheoryData<int, int, int, string, string, int> Pairs => new()
    {
        { 4, 2, 4, "residual", "single", 4 }, { 8, 2, 4, "residual", "single", 8 }, { 6, 3, 4, "residual", "single", 6 },
        { 4, 1, 4, "residual", "heads", 4 }, { 8, 4, 4, "residual", "heads", 8 }, { 12, 3, 4, "residual", "heads", 12 },
        { 4, 2, 4, "heads", "single", 4 }, { 8, 1, 4, "heads", "single", 8 }, { 16, 4, 4, "heads", "single", 16 },
        { 4, 2, 4, "residual", "chunks", 3 }, { 8, 2, 4, "residual", "chunks", 16 }, { 8, 2, 4, "residual", "chunks", 41 },
        { 4, 2, 4, "chunks", "single", 3 }, { 8, 2, 4, "chunks", "single", 32 }, { 8, 2, 4, "chunks", "single", 37 },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Forward_EqualsTheNaiveMapAndTheEncryptedTwin(int hidden, int heads, int bucket, string from, string to, int width)
    {
        LayerScene scene = new(InsecureSets.For([false], 10));
        TokenLayout layout = new(scene.Parameters.SlotCount, bucket, hidden, heads);
        FeaturePlacement[] inputs = Placements(layout, from, width), outputs = Placements(layout, to, width);
        LinearWeights map = RandomNetwork.Map(new(hidden + width), outputs.Sum(p => p.Count), inputs.Sum(p => p.Count));
        double[] mask = NaiveNetwork.Mask(Tokens, bucket);
        double[][] x = NaiveNetwork.Pad(new RandomNetwork(map.In, 1, 1, 1, bucket, 3).Tokens(Tokens), bucket);
        double[][] y = NaiveNetwork.Linear(map, x, mask);

        Layer layer = new(new(layout, map, inputs, outputs), null);
        SlotVector[] packed = [.. inputs.Select(p => Slots.Vector(layout, p, x))];
        double[][] clear = scene.Clear(layer, packed, layout.PackMask(Tokens));
        Assert.Equal(outputs.Length, clear.Length);
        foreach ((FeaturePlacement placement, double[] slots) in outputs.Zip(clear))
            Slots.AssertEqual(Slots.Of(layout, placement, y), slots);
        double error = scene.AssertEncryptedEqualsClear(layer, packed, layout.PackMask(Tokens), ErrorBudgets.Linear);
        output.WriteLine($"{error:E2}");
    }

    [Fact]
    public void Forward_GivesTheScaleAskedFor()
    {
        CkksParameters parameters = InsecureSets.For([false, false], 10);
        TokenLayout layout = new(parameters.SlotCount, 2, 4, 2);
        Linear linear = new(
            layout, RandomNetwork.Map(new(1), 4, 4), [FeaturePlacement.Residual(layout)], [FeaturePlacement.Single(layout)]);
        ClearEvaluator evaluator = new(parameters);
        ClearValue mask = evaluator.Create(layout.PackMask(2));
        ClearValue x = evaluator.Create(layout.PackTokens(new double[2, 4]), 1, Scale.FromLog2(38.5));
        Assert.Equal(38.5, linear.Forward(evaluator, [x], mask)[0].Scale.Log2, 1e-12);
        ClearValue y = linear.Forward(evaluator, [x], mask, Scale.FromLog2(41.25))[0];
        Assert.Equal(41.25, y.Scale.Log2, 1e-12);
        Assert.Equal(0, y.Level);
        Assert.Throws<LevelExhaustedException>(() => linear.Forward(evaluator, [y], mask));
    }

    [Fact]
    public void Join_GivesEachMapsOwnResult()
    {
        LayerScene scene = new(InsecureSets.For([false], 10));
        TokenLayout layout = new(scene.Parameters.SlotCount, 4, 8, 2);
        LinearWeights[] maps = [.. Enumerable.Range(0, 3).Select(i => RandomNetwork.Map(new(i), 8, 8))];
        FeaturePlacement from = FeaturePlacement.Residual(layout), to = FeaturePlacement.Heads(layout);
        Linear[] single = [.. maps.Select(map => new Linear(layout, map, [from], [to]))];
        SlotVector[] x = [layout.PackTokens(new RandomNetwork(8, 2, 1, 1, 4, 9).Tokens(Tokens))];
        SlotVector mask = layout.PackMask(Tokens);
        double[][] joined = scene.Clear(new Layer(Linear.Join(single), null), x, mask);
        Assert.Equal(3, joined.Length);
        for (int i = 0; i < 3; i++) Assert.Equal(scene.Clear(new Layer(single[i], null), x, mask)[0], joined[i]);
    }

    private static FeaturePlacement[] Placements(TokenLayout layout, string kind, int width) => kind switch
    {
        "residual" => [FeaturePlacement.Residual(layout)],
        "single" => [FeaturePlacement.Single(layout)],
        "heads" => [FeaturePlacement.Heads(layout)],
        _ => FeaturePlacement.Chunks(layout, width),
    };

    private sealed record Layer(Linear Map, Scale? Scale) : ILayer
    {
        public T[] Forward<T>(CircuitEvaluator<T> evaluator, T[] x, T mask)
            where T : class, ICircuitValue => Map.Forward(evaluator, x, mask, Scale);
    }
}
