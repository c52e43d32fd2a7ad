namespace Hnn.Model.Text;

/// <summary>BERT's tokenizer, uncased or cased: <see cref="BertNormalizer"/>, then greedy longest-match-first WordPiece, then [CLS] …
/// [SEP].</summary>
/// <remarks>
/// A word becomes the longest prefix in the vocabulary, then the longest <c>##</c> piece of what is left, and so on; where some rest has no
/// piece, or the word has more than <see cref="MaxWordLength"/> code points, the whole word becomes [UNK].
/// Immutable; safe for use from several threads.
/// Source: Devlin, Chang, Lee, Toutanova, "BERT", arXiv 1810.04805; google-research/bert <c>tokenization.py</c>, with Hugging Face's limit
/// of 100.
/// </remarks>
public sealed class WordPieceTokenizer : ITokenizer
{
    /// <summary>Longest word that is looked up, in code points; a longer one is [UNK].</summary>
    public const int MaxWordLength = 100;

    private readonly BertNormalizer _normalizer;
    private readonly Vocabulary _vocabulary;

    /// <summary>Makes a tokenizer over a vocabulary.</summary>
    /// <param name="vocabulary">Kept, not copied.</param>
    /// <param name="isLowerCase">True for uncased models; see <see cref="BertNormalizer(bool)"/>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="vocabulary"/> is null.</exception>
    public WordPieceTokenizer(Vocabulary vocabulary, bool isLowerCase = true)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        _vocabulary = vocabulary;
        _normalizer = new BertNormalizer(isLowerCase);
    }

    /// <inheritdoc/>
    public TokenizedText Tokenize(string text, int maxTokenCount) =>
        TokenFrame.Tokenize(_vocabulary, _normalizer, text, maxTokenCount, AddPieces);

    /// <summary>Appends the ids of one normalised word, or [UNK]'s.</summary>
    private void AddPieces(string word, List<int> ids)
    {
        int first = ids.Count;
        if (TokenFrame.IsTooLong(word))
        {
            ids.Add(_vocabulary.UnknownId);
            return;
        }

        Span<char> buffer = stackalloc char[2 + 2 * MaxWordLength]; // "##" and up to 100 surrogate pairs
        buffer[0] = buffer[1] = '#';
        word.CopyTo(buffer[2..]);
        int start = 0;
        while (start < word.Length)
        {
            // Cutting between the halves of a surrogate pair only costs a failed look-up: no piece ends in half a pair.
            int end = word.Length, id = -1;
            while (end > start && !TryMatch(buffer, start, end, out id)) end--;
            if (end == start)
            {
                ids.RemoveRange(first, ids.Count - first);
                ids.Add(_vocabulary.UnknownId);
                return;
            }

            ids.Add(id);
            start = end;
        }
    }

    /// <summary>Looks up word[start..end], which lies at <paramref name="buffer"/>[start + 2 .. end + 2].</summary>
    private bool TryMatch(Span<char> buffer, int start, int end, out int id)
    {
        if (start == 0) return _vocabulary.TryGetId(buffer[2..(end + 2)], out id);
        buffer[start] = buffer[start + 1] = '#'; // overwrites only what was matched before
        return _vocabulary.TryGetId(buffer[start..(end + 2)], out id);
    }
}
