namespace Hnn.Model.Metrics;

/// <summary>Area under the receiver operating characteristic.</summary>
public static class Auroc
{
    /// <summary>P(score of a positive &gt; score of a negative) + ½·P(equal), over all pairs.</summary>
    /// <param name="scores">One for each sample; higher means more likely positive; no NaN.</param>
    /// <param name="isPositive">The truth of each sample.</param>
    /// <returns>0 to 1; ½ for scores that say nothing; null where there are only positives or only negatives.</returns>
    /// <exception cref="ArgumentException">The counts differ, or a score is NaN.</exception>
    /// <remarks>U/(n₊·n₋) with U = R₊ − n₊(n₊ + 1)/2, R₊ the sum of the positives' ranks, ties at their mean rank; O(n log n).
    /// Source: Mann, Whitney, 1947; Hanley, McNeil, Radiology 143 (1982).</remarks>
    public static double? Compute(ReadOnlySpan<double> scores, ReadOnlySpan<bool> isPositive)
    {
        if (scores.Length != isPositive.Length)
            throw new ArgumentException(
                $"{scores.Length} scores for {isPositive.Length} samples; each sample needs one.", nameof(isPositive));
        if (scores.ContainsNaN()) throw new ArgumentException("A score is NaN; it has no rank.", nameof(scores));
        double[] sorted = scores.ToArray();
        bool[] positives = isPositive.ToArray();
        Array.Sort(sorted, positives);
        double rankSum = 0, positiveCount = 0;
        for (int start = 0, end; start < sorted.Length; start = end)
        {
            for (end = start + 1; end < sorted.Length && sorted[end] == sorted[start];) end++;
            int tied = positives.AsSpan(start, end - start).Count(true);
            rankSum += tied * (start + 1 + end) / 2.0; // ranks start + 1 … end
            positiveCount += tied;
        }

        double negativeCount = sorted.Length - positiveCount;
        return positiveCount == 0 || negativeCount == 0
            ? null
            : (rankSum - (positiveCount * (positiveCount + 1) / 2)) / (positiveCount * negativeCount);
    }

    private static bool ContainsNaN(this ReadOnlySpan<double> values)
    {
        foreach (double value in values)
        {
            if (double.IsNaN(value)) return true;
        }

        return false;
    }
}
