namespace Hnn.Model.Layers;

/// <summary>Which columns of a batch are in memory at once, and where the others wait: what memory a batch takes against what it costs in
/// passes over columns.</summary>
/// <remarks>
/// Three sets of columns are as wide as the network and wait for long: the residual stream while the heads are computed, the contexts until
/// the last head is done, and the sums of the feed-forward's outputs. In memory they are most of what a batch takes. On disk they are
/// read a
/// few at a time, and as many rows of a linear map as memory allows are summed in one pass over them. What is computed is the same to the
/// bit. Immutable.
/// </remarks>
/// <param name="OnDisk">Whether waiting columns are on disk.</param>
/// <param name="AttentionFeatures">Features whose q and k one pass over x makes; of v twice as many, the same number of columns. Even: two
/// features share a column.</param>
/// <param name="ScoreFeatures">Features whose rotated q and k are in memory at once; even.</param>
/// <param name="WideFeatures">Wide features of the feed-forward in memory at once.</param>
/// <param name="StreamedRows">Rows of a map that are computed by one pass, where each is used up at once.</param>
/// <param name="ReadColumns">Columns that are read from disk at once; each time is one more addition to the sums of a map.</param>
public sealed record ColumnSchedule(
    bool OnDisk, int AttentionFeatures, int ScoreFeatures, int WideFeatures, int StreamedRows, int ReadColumns)
{
    /// <summary>Everything in memory.</summary>
    /// <remarks>The q and k of four features, the v of eight, are one group of eight rows of a matrix product. More wide features at once
    /// were fewer additions to the sums; with 64 the attention takes more memory still.</remarks>
    public static ColumnSchedule InMemory { get; } = new(false, 4, 4, 64, 8, int.MaxValue);

    /// <summary>Waiting columns on disk.</summary>
    /// <param name="attentionFeatures">Features whose q and k one pass over x makes; even.</param>
    /// <param name="scoreFeatures">Features whose rotated q and k are in memory at once; even.</param>
    /// <param name="wideFeatures">Wide features in memory at once, and as many rows of other maps.</param>
    /// <param name="readColumns">Columns that are read at once.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number below 1, or an odd one where two features share a column: the answer would
    /// depend on the schedule.</exception>
    public static ColumnSchedule Disk(int attentionFeatures, int scoreFeatures, int wideFeatures, int readColumns)
    {
        RequireEven(attentionFeatures, nameof(attentionFeatures));
        RequireEven(scoreFeatures, nameof(scoreFeatures));
        ArgumentOutOfRangeException.ThrowIfLessThan(wideFeatures, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(readColumns, 1);
        return new(true, attentionFeatures, scoreFeatures, wideFeatures, wideFeatures, readColumns);
    }

    private static void RequireEven(int count, string name)
    {
        if (count < 2 || count % 2 != 0)
        {
            throw new ArgumentOutOfRangeException(name, count, $"Two features share a column, so their number is even and at least 2; got {count}.");
        }
    }
}
