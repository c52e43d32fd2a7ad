using FsCheck;
using FsCheck.Fluent;
using Heann.Core.Encoders;
using Hnn.Model.Packing;
using Hnn.Model.Tests.Layers;

namespace Hnn.Model.Tests.Packing;

/// <summary>BatchLayout against the picture in its remarks.</summary>
public sealed class BatchLayoutTests
{
    [Fact]
    public void PackFeature_PutsTokenTOfSentenceSAtTTimesSentencesPlusS()
    {
        BatchLayout layout = new(16, 4, 2, 1);
        double[][,] sentences = [new double[,] { { 1, 10 }, { 2, 20 }, { 3, 30 } }, new double[,] { { 4, 40 } }, new double[,] { { 5, 50 }, { 6, 60 } }];
        Assert.Equal([1, 4, 5, 0, 2, 0, 6, 0, 3, 0, 0, 0, 0, 0, 0, 0], layout.PackFeature(sentences, 0).Real.ToArray());
        Assert.Equal([10, 40, 50, 0, 20, 0, 60, 0, 30, 0, 0, 0, 0, 0, 0, 0], layout.PackFeature(sentences, 1).Real.ToArray());
        Assert.Equal([1, 1, 1, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0], layout.PackMask([3, 1, 2]).Real.ToArray());
        Assert.Equal([7, 8, 9], layout.Unpack([7, 8, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4], 3));
        Assert.Equal((4, 2, 2), (layout.SentenceCount, layout.BabyStepCount, layout.GiantStepCount));
    }

    [Fact]
    public void Rotation_ShiftsEverySentenceByTokensAndNoSentenceMeetsAnother() => Prop.ForAll(
        (from logBucket in Gen.Choose(0, 5) from logSentences in Gen.Choose(0, 4) from shift in Gen.Choose(-70, 70) select (logBucket, logSentences, shift)).ToArbitrary(),
        shape =>
        {
            (int bucket, int count) = (1 << shape.logBucket, 1 << shape.logSentences);
            BatchLayout layout = new(bucket * count, bucket, 3, 1);
            double[][,] sentences = [.. Enumerable.Range(0, count).Select(s => new RandomNetwork(3, 1, 1, 1, bucket, s).Tokens(bucket))];
            SlotVector packed = layout.PackFeature(sentences, 2);
            for (int slot = 0; slot < layout.SlotCount; slot++)
            {
                int token = (slot / count) + shape.shift;
                double expected = sentences[slot % count][((token % bucket) + bucket) % bucket, 2];
                Assert.Equal(expected, packed[(slot + layout.Rotation(shape.shift)) % layout.SlotCount].Real);
            }
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(4, 2)]
    [InlineData(16, 4)]
    [InlineData(32, 4)]
    [InlineData(64, 8)]
    public void BabySteps_AreTheRootOfTheBucketRoundedDown(int bucket, int babySteps)
    {
        BatchLayout layout = new(1024, bucket, 4, 2);
        Assert.Equal((babySteps, bucket / babySteps), (layout.BabyStepCount, layout.GiantStepCount));
    }

    [Fact]
    public void Layout_RefusesWhatDoesNotFit()
    {
        Assert.Contains("got 12 and 4", Assert.Throws<ArgumentException>(() => new BatchLayout(12, 4, 2, 1)).Message, StringComparison.Ordinal);
        Assert.Contains("got 4 and 8", Assert.Throws<ArgumentException>(() => new BatchLayout(4, 8, 2, 1)).Message, StringComparison.Ordinal);
        Assert.Contains("3 heads", Assert.Throws<ArgumentException>(() => new BatchLayout(8, 4, 4, 3)).Message, StringComparison.Ordinal);
        Assert.Contains("got 3", Assert.Throws<ArgumentException>(() => new BatchLayout(8, 4, 4, 2, 3)).Message, StringComparison.Ordinal);
        Assert.Contains("got 8", Assert.Throws<ArgumentException>(() => new BatchLayout(8, 4, 4, 2, 8)).Message, StringComparison.Ordinal);
        BatchLayout layout = new(8, 4, 2, 1);
        double[,] tokens = new double[4, 2];
        Assert.Contains("1 to 2 sentences; got 3", Assert.Throws<ArgumentException>(() => layout.PackFeature([tokens, tokens, tokens], 0)).Message, StringComparison.Ordinal);
        Assert.Contains("got 0", Assert.Throws<ArgumentException>(() => layout.PackMask([])).Message, StringComparison.Ordinal);
        Assert.Contains("sentence 1 has 5", Assert.Throws<ArgumentException>(() => layout.PackMask([4, 5])).Message, StringComparison.Ordinal);
        Assert.Contains("sentence 0 has 0", Assert.Throws<ArgumentException>(() => layout.PackFeature([new double[0, 2]], 0)).Message, StringComparison.Ordinal);
        Assert.Contains("has 3 features", Assert.Throws<ArgumentException>(() => layout.PackFeature([new double[1, 3]], 0)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => layout.PackFeature([tokens], 2));
        Assert.Contains("8 slots; got 4", Assert.Throws<ArgumentException>(() => layout.Unpack(new double[4], 1)).Message, StringComparison.Ordinal);
    }
}
