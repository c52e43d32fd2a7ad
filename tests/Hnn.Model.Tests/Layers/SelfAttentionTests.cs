using Heann.Core.Ciphertexts;
using Heann.Core.Encoders;
using Heann.Core.Evaluation;
using Hnn.Model.Layers;
using Hnn.Model.Packing;
using Hnn.Model.Tests.Packing;

namespace Hnn.Model.Tests.Layers;

/// <summary>SelfAttention against concat_h((q_h k_h')² / (headSize·B) · v_h) W' + m b.</summary>
public sealed class SelfAttentionTests(ITestOutputHelper output)
{
    // 512 slots: copies = 512 / (B·F), at most B. Among them: more copies than tokens, one copy, more than one group of token shifts, copies
    // that do not share keys.
    [Theory]
    [InlineData(4, 2, 4, 3)]
    [InlineData(4, 4, 8, 8)]
    [InlineData(4, 1, 16, 5)]
    [InlineData(8, 2, 8, 7)]
    [InlineData(8, 4, 16, 16)]
    [InlineData(6, 3, 8, 6)]
    [InlineData(4, 2, 1, 1)]
    [InlineData(4, 2, 2, 1)]
    [InlineData(16, 4, 16, 11)]
    [InlineData(8, 2, 32, 30)]
    [InlineData(4, 2, 4, 3, false)]
    [InlineData(8, 2, 32, 30, false)]
    [InlineData(4, 2, 1, 1, false)]
    public void Forward_EqualsTheNaiveAttentionAndTheEncryptedTwin(int hidden, int heads, int bucket, int tokens, bool sharesKeys = true)
    {
        LayerScene scene = new(InsecureSets.For(TransformerBlock.ProductLevels(sharesKeys).Take(sharesKeys ? 6 : 5), 10));
        RandomNetwork network = new(hidden, heads, 1, 1, bucket, 21);
        TokenLayout layout = new(scene.Parameters.SlotCount, bucket, hidden, heads, sharesKeys);
        double[,] x = network.Tokens(tokens);
        double[][] y = NaiveNetwork.Attention(
            network.Weights().Layers[0].Attention, NaiveNetwork.Pad(x, bucket), NaiveNetwork.Mask(tokens, bucket), heads);

        Layer layer = new(new(layout, network.Weights().Layers[0].Attention));
        SlotVector[] packed = [layout.PackTokens(x)];
        Slots.AssertEqual(
            Slots.Of(layout, FeaturePlacement.Single(layout), y), scene.Clear(layer, packed, layout.PackMask(tokens))[0]);
        double error = scene.AssertEncryptedEqualsClear(layer, packed, layout.PackMask(tokens), ErrorBudgets.Attention);
        output.WriteLine($"{layout.CopyCount} copies, {layout.ShiftCount} shifts: {error:E2}");
    }

    [Theory]
    [InlineData(1, 16)]
    [InlineData(2, 8)]
    [InlineData(16, 1)]
    [InlineData(64, 1)]
    public void Forward_MeetsAsManyShiftedKeysAsTheLayoutSays(int slotsPerPeriod, int shifts)
    {
        // Two keys share a slot: one product with q, a square each, one product with v.
        TokenLayout layout = new(slotsPerPeriod * 16 * 8, 16, 4, 2);
        Assert.Equal(shifts, layout.ShiftCount);
        RecordingEvaluator recorder = new(InsecureSets.For(TransformerBlock.ProductLevels(sharesKeys: true).Take(6), int.Log2(layout.SlotCount) + 1));
        SelfAttention attention = new(layout, new RandomNetwork(4, 2, 1, 1, 16, 3).Weights().Layers[0].Attention);
        RecordedValue y = attention.Forward(recorder, recorder.Create(), recorder.Create(), "attention");
        Assert.Equal(shifts == 1 ? 3 : 2 * shifts, recorder.ProductCount);
        Assert.Equal(0, y.Level);
    }

    private sealed record Layer(SelfAttention Attention) : ILayer
    {
        public T[] Forward<T>(CircuitEvaluator<T> evaluator, T[] x, T mask)
            where T : class, ICircuitValue => [Attention.Forward(evaluator, x[0], mask, "attention")];
    }
}
