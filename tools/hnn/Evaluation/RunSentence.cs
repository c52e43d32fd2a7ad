using Hnn.Model.Text;

namespace Hnn.Tool.Evaluation;

/// <summary>A sentence to classify.</summary>
/// <param name="Index">Its place in the data.</param>
/// <param name="Bucket">The smallest bucket that holds it.</param>
/// <param name="GoldLabel">The true class.</param>
/// <param name="ClassCount">n of the model.</param>
/// <param name="Tokens">Its word pieces; they reach no row and no report.</param>
internal sealed record RunSentence(int Index, int Bucket, int GoldLabel, int ClassCount, TokenizedText Tokens);
