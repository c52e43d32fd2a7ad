using Heann.Core.Evaluation;
using Hnn.Model.Compilation;
using Hnn.Model.Sessions;
using Hnn.Model.Tests.Layers;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Sessions;

public sealed class PackingChoiceTests
{
    private static readonly HnnConfig Config = new RandomNetwork(4, 2, 5, 1, 4, 3).Config;
    private static readonly CostModel Cost = CostModel.Default(1);

    [Fact]
    public void Times_AreThoseOfThePlans()
    {
        double one = LevelPlan.Create(Config, 4).EstimateSeconds(Cost);
        ThroughputPlan many = ThroughputPlan.Create(Config, 4);
        foreach (int count in (int[])[1, 7, many.SentenceCount, many.SentenceCount + 1, 5 * many.SentenceCount])
        {
            PackingChoice choice = PackingChoice.Create(Config, 4, count, Cost);
            int batches = (int)Math.Ceiling(count / (double)many.SentenceCount);
            Assert.Equal((4, count, batches), (choice.Bucket, choice.SentenceCount, choice.BatchCount));
            Assert.Equal(count * one, choice.LatencySeconds, 1e-9);
            Assert.Equal(batches * many.EstimateSeconds(Cost), choice.ThroughputSeconds, 1e-9);
            Assert.Equal(
                choice.ThroughputSeconds < choice.LatencySeconds ? SessionPacking.Throughput : SessionPacking.Latency, choice.Packing);
        }
    }

    [Fact]
    public void Choice_TurnsOnceAsSentencesGrowMore()
    {
        SessionPacking[] choices = [.. Enumerable.Range(0, 12).Select(i => PackingChoice.Create(Config, 4, 1 << i, Cost).Packing)];
        Assert.Equal(SessionPacking.Throughput, choices[^1]);
        Assert.Equal(choices.Order(), choices);
    }

    [Fact]
    public void WhatOnePackingCannotDo_TheOtherDoes()
    {
        PackingChoice choice = PackingChoice.Create(Config, 4, 1_000_000, Cost, memoryBytes: 1000);
        Assert.Equal((0, double.PositiveInfinity, SessionPacking.Latency), (choice.BatchCount, choice.ThroughputSeconds, choice.Packing));
        Assert.Throws<ArgumentOutOfRangeException>(() => PackingChoice.Create(Config, 4, 0, Cost));
        Assert.Contains(
            "Bucket 8 is not one", Assert.Throws<ArgumentException>(() => PackingChoice.Create(Config, 8, 1, Cost)).Message, StringComparison.Ordinal);
    }
}
