using System.Text;

namespace Hnn.Model.Text;

/// <summary>What WordPiece tokenizers share around the pieces of a word: the frame, the limit, the word that is too long.</summary>
internal static class TokenFrame
{
    private const int FrameTokenCount = 2; // [CLS] and [SEP]

    /// <summary>Tokenizes one text as <see cref="ITokenizer.Tokenize"/> says.</summary>
    /// <param name="vocabulary">Names the frame's ids and the pieces.</param>
    /// <param name="normalizer">Splits the text into words.</param>
    /// <param name="text">Any UTF-16 text.</param>
    /// <param name="maxTokenCount">The most tokens wanted, at least 2.</param>
    /// <param name="addPieces">Appends the ids of one word.</param>
    /// <returns>[CLS] pieces… [SEP].</returns>
    public static TokenizedText Tokenize(
        Vocabulary vocabulary, BertNormalizer normalizer, string text, int maxTokenCount, Action<string, List<int>> addPieces)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (maxTokenCount < FrameTokenCount)
            throw new ArgumentOutOfRangeException(
                nameof(maxTokenCount), maxTokenCount, "At least 2 tokens are needed, for [CLS] and [SEP].");

        var ids = new List<int> { vocabulary.ClassificationId };
        foreach (string word in normalizer.SplitWords(text))
        {
            addPieces(word, ids);
            if (ids.Count >= maxTokenCount) break; // one too many already: the rest cannot matter
        }

        bool isTruncated = ids.Count > maxTokenCount - 1;
        if (isTruncated) ids.RemoveRange(maxTokenCount - 1, ids.Count - (maxTokenCount - 1));
        ids.Add(vocabulary.SeparatorId);
        return new TokenizedText(ids, ids.ConvertAll(vocabulary.GetPiece), isTruncated);
    }

    /// <summary>Whether a word has more than <see cref="WordPieceTokenizer.MaxWordLength"/> code points.</summary>
    public static bool IsTooLong(string word)
    {
        int count = 0;
        foreach (Rune _ in word.EnumerateRunes()) count++;
        return count > WordPieceTokenizer.MaxWordLength;
    }
}
