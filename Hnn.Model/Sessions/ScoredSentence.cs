namespace Hnn.Model.Sessions;

/// <summary>A labelled sentence after its classification. Holds no text.</summary>
/// <param name="Index">Its place in the file, from 0.</param>
/// <param name="Bucket">The bucket it was evaluated in.</param>
/// <param name="GoldLabel">Its true class.</param>
/// <param name="IsTruncated">Whether it was longer than the largest bucket.</param>
/// <param name="Result">What came out.</param>
public sealed record ScoredSentence(int Index, int Bucket, int GoldLabel, bool IsTruncated, LocalResult Result);
