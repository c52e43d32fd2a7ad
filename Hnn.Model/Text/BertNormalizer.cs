using System.Globalization;
using System.Text;

namespace Hnn.Model.Text;

/// <summary>The basic tokenizer of BERT: raw text → words and single punctuation marks, for uncased models lower-case and
/// accent-free.</summary>
/// <remarks>
/// Steps, in BERT's order: drop NUL, U+FFFD and categories Cc and Cf (tab, line feed and carriage return are blanks); split at white
/// space; put each CJK ideograph by itself; lower-case each code point; decompose (NFD) and drop category Mn; split at punctuation,
/// which is ASCII 33–47, 58–64, 91–96, 123–126 and every category P*. For cased models letters keep their case and their accents.
/// <para>Deviations, all stated: lower-casing is per code point, as in Hugging Face's fast tokenizer (Python's <c>lower</c> turns a word's
/// last Σ into ς, this gives σ everywhere). Special tokens written out in the text, such as <c>[SEP]</c>, are ordinary text: what a person
/// types must not steer the model's frame (Hugging Face keeps them whole). A lone surrogate counts as U+FFFD and is dropped. Categories are
/// those of the running .NET's Unicode version, decompositions those of <c>CanonicalDecomposition.txt</c>.</para>
/// Source: google-research/bert, <c>tokenization.py</c>, class BasicTokenizer (Apache-2.0), described, not copied.
/// Immutable; safe for use from several threads.
/// </remarks>
public sealed class BertNormalizer
{
    private readonly bool _isLowerCase;

    /// <summary>Makes a normalizer.</summary>
    /// <param name="isLowerCase">True for uncased models: letters are lowered and accents dropped. False for cased ones: neither, and the
    /// text is not decomposed.</param>
    public BertNormalizer(bool isLowerCase = true) => _isLowerCase = isLowerCase;

    /// <summary>Splits text into normalised words, lazily and in order.</summary>
    /// <param name="text">Any UTF-16 text, well formed or not.</param>
    /// <returns>Non-empty words without white space; none where the text holds nothing but blanks, marks and controls.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    public IEnumerable<string> SplitWords(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Split(text);
    }

    private IEnumerable<string> Split(string text)
    {
        var pending = new List<Rune>();
        foreach (Rune rune in text.EnumerateRunes()) // a lone surrogate is enumerated as U+FFFD
        {
            if (IsDropped(rune)) continue;
            bool isBlank = IsBlank(rune), isAlone = IsCjkIdeograph(rune.Value);
            if (isBlank || isAlone)
            {
                foreach (string word in Finish(pending)) yield return word;
            }

            if (isBlank) continue;
            if (_isLowerCase) AddLower(rune, pending);
            else pending.Add(rune);
            if (!isAlone) continue;
            foreach (string word in Finish(pending)) yield return word;
        }

        foreach (string word in Finish(pending)) yield return word;
    }

    /// <summary>Strips accents from one blank-free chunk (where letters are lowered), cuts it at punctuation, and empties it.</summary>
    private List<string> Finish(List<Rune> pending)
    {
        var words = new List<string>();
        if (pending.Count == 0) return words;
        var word = new StringBuilder();
        foreach (Rune rune in _isLowerCase ? CanonicalDecomposition.Decompose(pending) : pending)
        {
            if (_isLowerCase && Rune.GetUnicodeCategory(rune) == UnicodeCategory.NonSpacingMark) continue;
            if (!IsPunctuation(rune))
            {
                Append(word, rune);
                continue;
            }

            if (word.Length > 0) words.Add(word.ToString());
            word.Clear();
            words.Add(rune.ToString());
        }

        if (word.Length > 0) words.Add(word.ToString());
        pending.Clear();
        return words;
    }

    private static void Append(StringBuilder word, Rune rune)
    {
        Span<char> units = stackalloc char[2];
        word.Append(units[..rune.EncodeToUtf16(units)]);
    }

    /// <summary>Lower-cases one code point. İ is the one code point whose lower case is two: i and a dot above.</summary>
    private static void AddLower(Rune rune, List<Rune> destination)
    {
        if (rune.Value == 0x130)
        {
            destination.Add(new Rune('i'));
            destination.Add(new Rune(0x307));
            return;
        }

        destination.Add(Rune.ToLowerInvariant(rune));
    }

    private static bool IsDropped(Rune rune) => rune.Value is 0 or 0xFFFD
        || (rune.Value is not ('\t' or '\n' or '\r') && Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format);

    private static bool IsBlank(Rune rune) => rune.Value is '\t' or '\n' or '\r'
        || Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    private static bool IsPunctuation(Rune rune) =>
        rune.Value is (>= 33 and <= 47) or (>= 58 and <= 64) or (>= 91 and <= 96) or (>= 123 and <= 126)
        || Rune.GetUnicodeCategory(rune)
            is >= UnicodeCategory.ConnectorPunctuation and <= UnicodeCategory.OtherPunctuation; // the seven P* in a row

    /// <summary>The blocks BERT calls Chinese: the unified ideographs to extension E and the compatibility ideographs.</summary>
    private static bool IsCjkIdeograph(int cp) => cp is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF)
        or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F) or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B820 and <= 0x2CEAF)
        or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);
}
