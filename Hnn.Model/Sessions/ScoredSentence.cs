namespace Hnn.Model.Sessions;

/// <summary>A labelled sentence after its classification under encryption, beside the same sentence in the clear. Holds no text.</summary>
/// <param name="Index">Its place in the data.</param>
/// <param name="Bucket">B.</param>
/// <param name="GoldLabel">The true class.</param>
/// <param name="Label">The class under encryption; null when out of range.</param>
/// <param name="ClearLabel">The class in the clear.</param>
/// <param name="IsTruncated">Whether it was cut to the largest bucket.</param>
/// <param name="Released">What was decrypted: the soft-argmax y alone, or the n probabilities.</param>
/// <param name="Exact">The same in the clear, with the exact functions; as many values.</param>
/// <param name="Twin">The same in the clear, with the polynomials that ciphertexts see; as many values.</param>
/// <remarks><b>Security</b>: released values are the key owner's; what is shown to others is the label alone (eprint 2020/1533).</remarks>
public sealed record ScoredSentence(
    int Index, int Bucket, int GoldLabel, int? Label, int ClearLabel, bool IsTruncated,
    IReadOnlyList<double> Released, IReadOnlyList<double> Exact, IReadOnlyList<double> Twin)
{
    /// <summary>Whether there is an answer.</summary>
    public bool IsInRange => Label is not null;

    /// <summary>Largest |released − exact|: approximation error and noise.</summary>
    public double AbsoluteError => Distance(Released, Exact);

    /// <summary>Largest |released − twin|: noise alone.</summary>
    public double TwinError => Distance(Released, Twin);

    /// <summary>Takes a result over.</summary>
    /// <param name="index">The sentence's place in the data.</param>
    /// <param name="bucket">B.</param>
    /// <param name="goldLabel">The true class.</param>
    /// <param name="isTruncated">Whether it was cut.</param>
    /// <param name="result">What came out.</param>
    public static ScoredSentence Create(int index, int bucket, int goldLabel, bool isTruncated, LocalResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return new(
            index, bucket, goldLabel, result.Label, result.ClearLabel, isTruncated,
            result.Released.Values, result.Clear.Released.Values, result.Clear.TwinReleased.Values);
    }

    /// <summary>The n probabilities that were released, as decrypted: for two classes (1 − y, y); null where y alone was released of
    /// more.</summary>
    /// <param name="classCount">n.</param>
    public IReadOnlyList<double>? Probabilities(int classCount) => Released.Count == classCount ? Released
        : classCount == 2 ? [1 - Released[0], Released[0]]
        : null;

    /// <summary>How large an error of every released value cannot change the label: half the lead of the largest exact probability; for y
    /// the distance to the nearest value at which its rounding changes.</summary>
    /// <param name="classCount">n.</param>
    public double Margin(int classCount)
    {
        if (Exact.Count == 1) return Enumerable.Range(0, classCount - 1).Min(k => Math.Abs(Exact[0] - (k + 0.5)));
        double[] falling = [.. Exact.OrderDescending()];
        return (falling[0] - falling[1]) / 2;
    }

    private static double Distance(IReadOnlyList<double> x, IReadOnlyList<double> y) => x.Zip(y, (a, b) => Math.Abs(a - b)).Max();
}
