using System.Text;
using Hnn.Model.Text;
using MicrosoftOptions = Microsoft.ML.Tokenizers.WordPieceOptions;
using MicrosoftTokenizer = Microsoft.ML.Tokenizers.WordPieceTokenizer;

namespace Hnn.Model.MicrosoftTokenizers;

/// <summary>The pieces of a word by Microsoft.ML.Tokenizers, with everything around them as in <see cref="WordPieceTokenizer"/>, whose ids
/// it gives for every text.</summary>
/// <remarks>
/// Compiled only with the MSBuild switch <c>-p:UseMicrosoftMLTokenizers=true</c>. The package's own splitting of a text into words is not
/// used: it is not BERT's (by version 2.0.1's <c>BertTokenizer</c> 2,140 of SST-2's 68,221 sentences come out otherwise).
/// <see cref="BertNormalizer"/> splits, and the package meets one word at a time. Two more differences are evened out here: the package
/// counts the length of a word in UTF-16 units, not code points, and ends lines of a vocabulary at a lone CR.
/// Immutable; safe for use from several threads.
/// </remarks>
public sealed class MicrosoftWordPieceTokenizer : ITokenizer
{
    private readonly BertNormalizer _normalizer;
    private readonly Vocabulary _vocabulary;
    private readonly MicrosoftTokenizer _pieces;

    /// <summary>Makes a tokenizer over a vocabulary.</summary>
    /// <param name="vocabulary">Kept; the package gets a copy.</param>
    /// <param name="isLowerCase">True for uncased models; see <see cref="BertNormalizer(bool)"/>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="vocabulary"/> is null.</exception>
    /// <exception cref="ArgumentException">A piece holds a CR, or the first one begins with a byte order mark: the package would read
    /// another vocabulary.</exception>
    public MicrosoftWordPieceTokenizer(Vocabulary vocabulary, bool isLowerCase = true)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        (_vocabulary, _normalizer) = (vocabulary, new BertNormalizer(isLowerCase));
        using var lines = new MemoryStream(Encoding.UTF8.GetBytes(Lines(vocabulary)));
        _pieces = MicrosoftTokenizer.Create(lines, new MicrosoftOptions
        {
            UnknownToken = Vocabulary.UnknownPiece,
            ContinuingSubwordPrefix = "##",
            MaxInputCharsPerWord = 2 * WordPieceTokenizer.MaxWordLength, // in UTF-16 units; AddPieces counts code points
        });
    }

    /// <inheritdoc/>
    public TokenizedText Tokenize(string text, int maxTokenCount) =>
        TokenFrame.Tokenize(_vocabulary, _normalizer, text, maxTokenCount, AddPieces);

    private void AddPieces(string word, List<int> ids)
    {
        if (TokenFrame.IsTooLong(word)) ids.Add(_vocabulary.UnknownId);
        else ids.AddRange(_pieces.EncodeToIds(word, considerPreTokenization: false, considerNormalization: false));
    }

    private static string Lines(Vocabulary vocabulary)
    {
        var text = new StringBuilder();
        for (int id = 0; id < vocabulary.Count; id++)
        {
            string piece = vocabulary.GetPiece(id);
            if (piece.Contains('\r', StringComparison.Ordinal) || (id == 0 && piece[0] == '\uFEFF'))
                throw new ArgumentException(
                    $"Vocabulary line {id + 1} holds a carriage return or a byte order mark, which Microsoft.ML.Tokenizers would drop; "
                    + $"use {nameof(WordPieceTokenizer)}.", nameof(vocabulary));
            text.Append(piece).Append('\n');
        }

        return text.ToString();
    }
}
