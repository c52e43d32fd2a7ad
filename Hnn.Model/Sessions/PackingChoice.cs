using Heann.Core.Evaluation;
using Hnn.Model.Compilation;
using Hnn.Model.Weights;

namespace Hnn.Model.Sessions;

/// <summary>Which packing takes less time for a number of sentences of one bucket, by the predictions of the two plans.</summary>
/// <param name="Bucket">B.</param>
/// <param name="SentenceCount">n, at least 1.</param>
/// <param name="LatencySeconds">n times the evaluation of one sentence; infinite where no plan fits the network.</param>
/// <param name="BatchCount">⌈n / sentences of a batch⌉; 0 where no plan fits the network or the memory.</param>
/// <param name="ThroughputSeconds">The batches' evaluations, full or not; infinite where there is no plan.</param>
/// <remarks>Keys, which are made once, and what the client does are left out: a few seconds in either packing.</remarks>
public sealed record PackingChoice(int Bucket, int SentenceCount, double LatencySeconds, int BatchCount, double ThroughputSeconds)
{
    /// <summary>The faster one; sentence by sentence where both take the same time.</summary>
    public SessionPacking Packing => ThroughputSeconds < LatencySeconds ? SessionPacking.Throughput : SessionPacking.Latency;

    /// <summary>Plans both packings.</summary>
    /// <param name="config">The network's shape.</param>
    /// <param name="bucket">B, one of the config's.</param>
    /// <param name="sentenceCount">n.</param>
    /// <param name="model">The machine.</param>
    /// <param name="memoryBytes">What a batch may take; a sentence alone has no bound.</param>
    /// <exception cref="ArgumentException">No such bucket, no sentence, or a network that neither packing can evaluate.</exception>
    public static PackingChoice Create(
        HnnConfig config, int bucket, int sentenceCount, CostModel model, long memoryBytes = ThroughputPlan.DefaultMemoryBytes)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(sentenceCount, 1);
        config.RequireBucket(bucket);
        LevelPlan? one = Try(() => LevelPlan.Create(config, bucket), out Exception? why);
        ThroughputPlan? many = Try(() => ThroughputPlan.Create(config, bucket, memoryBytes), out Exception? whyNot);
        if (one is null && many is null)
        {
            throw new ArgumentException($"Neither packing can evaluate the network. Latency: {why!.Message} Throughput: {whyNot!.Message}", why);
        }

        int batches = many is null ? 0 : (sentenceCount + many.SentenceCount - 1) / many.SentenceCount;
        return new(
            bucket,
            sentenceCount,
            one is null ? double.PositiveInfinity : sentenceCount * one.EstimateSeconds(model),
            batches,
            many is null ? double.PositiveInfinity : batches * many.EstimateSeconds(model));
    }

    // A plan that is refused is one that need not be compared.
    private static T? Try<T>(Func<T> create, out Exception? refusal)
        where T : class
    {
        try
        {
            refusal = null;
            return create();
        }
        catch (ArgumentException exception)
        {
            refusal = exception;
            return null;
        }
    }
}
