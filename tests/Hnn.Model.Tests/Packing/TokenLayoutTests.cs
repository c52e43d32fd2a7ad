using Heann.Core.Encoders;
using Hnn.Model.Packing;

namespace Hnn.Model.Tests.Packing;

/// <summary>TokenLayout and FeaturePlacement against the picture: slot = copy·B·F + t·F + f.</summary>
public sealed class TokenLayoutTests
{
    [Theory]
    [InlineData(32768, 16, 128, 4, 256, 4096, 8, 2)]
    [InlineData(32768, 32, 128, 4, 256, 8192, 4, 8)]
    [InlineData(32768, 64, 128, 4, 256, 16384, 2, 32)]
    [InlineData(64, 8, 4, 2, 8, 64, 1, 8)]
    [InlineData(1024, 4, 4, 2, 8, 32, 4, 1)]
    [InlineData(32, 1, 12, 3, 32, 32, 1, 1)]
    [InlineData(512, 2, 6, 3, 16, 32, 2, 1)]
    public void Constructor_DividesTheSlots(int slots, int bucket, int hidden, int heads, int stride, int period, int copies, int shifts)
    {
        TokenLayout layout = new(slots, bucket, hidden, heads);
        Assert.Equal(
            (stride, period, copies, shifts, hidden / heads),
            (layout.FeatureStride, layout.Period, layout.CopyCount, layout.ShiftCount, layout.HeadSize));
        Assert.Equal(stride, TokenLayout.StrideFor(hidden));
        Assert.Equal(bucket, layout.CopyCount * layout.ShiftCount);
    }

    [Theory]
    [InlineData(64, 4, 8, 3, "3 heads")]
    [InlineData(64, 4, 12, 2, "2 heads must share 12")]
    [InlineData(64, 4, 8, 0, "0 heads")]
    [InlineData(64, 4, 4, 8, "8 heads")]
    [InlineData(64, 3, 4, 2, "powers of two; got 64 and 3")]
    [InlineData(48, 4, 4, 2, "powers of two; got 48 and 4")]
    [InlineData(64, 0, 4, 2, "64 and 0")]
    [InlineData(32, 8, 4, 2, "need 64 slots and there are 32")]
    [InlineData(64, 4, 12, 3, "need 128 slots and there are 64")]
    public void Constructor_RefusesWhatDoesNotFit(int slots, int bucket, int hidden, int heads, string reason) =>
        Assert.Contains(
            reason, Assert.Throws<ArgumentException>(() => new TokenLayout(slots, bucket, hidden, heads)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void PackTokens_PutsEveryFeatureTwiceInEveryCopyAndZerosElsewhere()
    {
        TokenLayout layout = new(128, 4, 6, 3); // F = 16, two copies
        double[,] tokens = new double[3, 6];
        for (int t = 0; t < 3; t++)
        {
            for (int i = 0; i < 6; i++) tokens[t, i] = (10 * (t + 1)) + i;
        }

        SlotVector packed = layout.PackTokens(tokens);
        Assert.Equal(layout.Period, packed.Period);
        for (int slot = 0; slot < 128; slot++)
        {
            int t = slot / 16 % 4, f = slot % 16;
            Assert.Equal(t < 3 && f < 12 ? tokens[t, f % 6] : 0, packed[slot].Real);
        }
    }

    [Fact]
    public void PackMask_IsOneOnEveryPlaceOfARealToken()
    {
        TokenLayout layout = new(128, 4, 6, 3);
        for (int count = 1; count <= 4; count++)
        {
            SlotVector mask = layout.PackMask(count);
            for (int slot = 0; slot < 128; slot++) Assert.Equal(slot / 16 % 4 < count ? 1 : 0, mask[slot].Real);
        }
    }

    [Fact]
    public void Pack_RefusesTooManyTokensAndNone()
    {
        TokenLayout layout = new(128, 4, 6, 3);
        Assert.Contains("holds 1 to 4 tokens; got 5", Refused(() => layout.PackTokens(new double[5, 6])), StringComparison.Ordinal);
        Assert.Contains("got 0", Refused(() => layout.PackTokens(new double[0, 6])), StringComparison.Ordinal);
        Assert.Contains("7 features and the network 6", Refused(() => layout.PackTokens(new double[2, 7])), StringComparison.Ordinal);
        Assert.Contains("got 5", Refused(() => layout.PackMask(5)), StringComparison.Ordinal);
        Assert.Contains("got 0", Refused(() => layout.PackMask(0)), StringComparison.Ordinal);

        static string Refused(Func<object> call) => Assert.Throws<ArgumentException>(call).Message;
    }

    [Theory]
    [InlineData(256, 4)]
    [InlineData(512, 8)]
    [InlineData(4096, 8)]
    public void CopyMasks_AreAPartitionOfTheSlots(int slots, int bucket)
    {
        TokenLayout layout = new(slots, bucket, 4, 2);
        for (int slot = 0; slot < slots; slot++)
        {
            int owner = slot / layout.Period % layout.CopyCount;
            for (int c = 0; c < layout.CopyCount; c++) Assert.Equal(c == owner ? 1 : 0, layout.CopyMask(c)[slot].Real);
        }
    }

    [Fact]
    public void ShiftedCopies_MeetEveryKeyExactlyOnce()
    {
        // What SelfAttention's remarks claim, by counting: token t meets, over all copies c and shifts j, every token once.
        foreach ((int slots, int bucket) in ((int, int)[])[(64, 8), (128, 8), (256, 8), (512, 8), (2048, 8), (1024, 16)])
        {
            TokenLayout layout = new(slots, bucket, 4, 2);
            int m = layout.ShiftCount, copies = layout.CopyCount, tokenSlots = slots / layout.FeatureStride;

            // Token slot s of the shifted copies holds the key of this token.
            int[] key = [.. Enumerable.Range(0, tokenSlots).Select(s => (s + ((s / bucket % copies) * m)) % bucket)];
            for (int t = 0; t < bucket; t++)
            {
                IEnumerable<int> met = from c in Enumerable.Range(0, copies)
                                       from j in Enumerable.Range(0, m)
                                       select key[((c * bucket) + t + j) % tokenSlots];
                Assert.Equal(Enumerable.Range(0, bucket), met.Order());
            }
        }
    }

    [Fact]
    public void Placements_AreThePlacesOfTheRemarks()
    {
        TokenLayout layout = new(1024, 4, 12, 3); // F = 32, heads of 4
        Assert.Equal([5, 17], FeaturePlacement.Residual(layout).Places(5));
        Assert.Equal([5], FeaturePlacement.Single(layout).Places(5));
        Assert.Equal(
            [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19],
            Enumerable.Range(0, 12).Select(i => FeaturePlacement.Heads(layout).Places(i).Single()));
        FeaturePlacement[] chunks = FeaturePlacement.Chunks(layout, 53);
        Assert.Equal([(0, 24), (24, 24), (48, 5)], chunks.Select(c => (c.FirstFeature, c.Count)));
        Assert.All(Enumerable.Range(0, 53), i => Assert.Equal(i % 24, chunks[i / 24].Places(i).Single()));
        Assert.Equal([(0, 24)], FeaturePlacement.Chunks(layout, 24).Select(c => (c.FirstFeature, c.Count)));
    }
}
