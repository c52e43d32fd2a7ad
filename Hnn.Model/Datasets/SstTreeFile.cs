using System.Text;

namespace Hnn.Model.Datasets;

/// <summary>Reads the trees of the Stanford Sentiment Treebank (SST-5): UTF-8, one sentence a line as
/// <c>(3 (2 It) (4 (2 's) (4 good)))</c>; the class of the sentence is the root's, 0 (very negative) to 4 (very positive).</summary>
/// <remarks>
/// The leaves become the text that SST-2 has of the same sentence: joined by blanks, lower case, <c>-LRB-</c> and its kin restored to
/// brackets, <c>\/</c> and <c>\*</c> without their backslashes. Labels of inner nodes are checked and dropped.
/// Errors name the line and never quote the text.
/// Source: Socher et al., "Recursive Deep Models for Semantic Compositionality Over a Sentiment Treebank", EMNLP 2013.
/// </remarks>
public static class SstTreeFile
{
    /// <summary>Classes of a node: 5.</summary>
    public const int ClassCount = 5;

    private static readonly Dictionary<string, string> Brackets = new(StringComparer.OrdinalIgnoreCase)
    {
        ["-LRB-"] = "(", ["-RRB-"] = ")", ["-LSB-"] = "[", ["-RSB-"] = "]", ["-LCB-"] = "{", ["-RCB-"] = "}",
    };

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The sentences in order, at least one.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">See <see cref="Load(Stream)"/>.</exception>
    public static IReadOnlyList<LabelledSentence> Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using FileStream stream = File.OpenRead(path);
        return Load(stream);
    }

    /// <summary>Reads a stream to its end.</summary>
    /// <param name="stream">Readable; left open.</param>
    /// <returns>The sentences in order, at least one.</returns>
    /// <exception cref="InvalidDataException">Too large, not UTF-8, no tree, or a line that is not one tree; the message says what is
    /// wrong at which character.</exception>
    public static IReadOnlyList<LabelledSentence> Load(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        string[] lines = DataText.ReadLines(stream);
        List<LabelledSentence> sentences = [];
        for (int i = 0; i < lines.Length; i++)
        {
            if (!string.IsNullOrWhiteSpace(lines[i])) sentences.Add(Parse(lines[i].AsSpan().TrimEnd(), i + 1));
        }

        return sentences.Count > 0 ? sentences : throw new InvalidDataException("The data file holds no tree.");
    }

    // tree := '(' label ' ' ( token | tree+ ) ')', blanks between trees. Without recursion: a stranger's file may nest without end.
    private static LabelledSentence Parse(ReadOnlySpan<char> line, int number)
    {
        StringBuilder text = new();
        int start = line.Length - line.TrimStart().Length, at = start, depth = 0;
        if (line[at] != '(') throw Wrong(number, at, "a tree begins with '('");
        do
        {
            if (line[at] == '(')
            {
                depth++;
                at = SkipBlanks(line, SkipLabel(line, at + 1, number));
                if (at < line.Length && line[at] is not ('(' or ')')) at = Leaf(line, at, number, text);
                else if (at < line.Length && line[at] == ')') throw Wrong(number, at, "a node has neither a word nor children");
            }
            else if (line[at] == ')')
            {
                depth--;
                at = SkipBlanks(line, at + 1);
            }
            else
            {
                throw Wrong(number, at, "a word stands beside trees; '(' or ')' is expected");
            }
        }
        while (depth > 0 && at < line.Length);
        if (depth > 0) throw Wrong(number, line.Length, $"the line ends inside {depth} open node(s)");
        return at == line.Length
            ? new LabelledSentence(text.ToString(), line[start + 1] - '0')
            : throw Wrong(number, at, "something follows the tree");
    }

    private static int SkipLabel(ReadOnlySpan<char> line, int at, int number) =>
        at + 1 < line.Length && line[at] is >= '0' and < (char)('0' + ClassCount) && line[at + 1] == ' '
            ? at + 2
            : throw Wrong(number, at, "a label from 0 to 4 and a blank are expected");

    private static int Leaf(ReadOnlySpan<char> line, int at, int number, StringBuilder text)
    {
        int length = line[at..].IndexOfAny('(', ')');
        if (length < 0) throw Wrong(number, line.Length, "the line ends inside a word");
        if (line[at + length] == '(') throw Wrong(number, at + length, "a word stands beside trees; '(' or ')' is expected");
        if (text.Length > 0) text.Append(' ');
        text.Append(Restore(line.Slice(at, length).TrimEnd(' ').ToString()));
        return at + length;
    }

    private static string Restore(string leaf) => Brackets.TryGetValue(leaf, out string? bracket)
        ? bracket
        : leaf.Replace(@"\/", "/", StringComparison.Ordinal).Replace(@"\*", "*", StringComparison.Ordinal).ToLowerInvariant();

    private static int SkipBlanks(ReadOnlySpan<char> line, int at)
    {
        while (at < line.Length && line[at] == ' ') at++;
        return at;
    }

    private static InvalidDataException Wrong(int number, int at, string what) =>
        new($"Line {number} of the data file is not a tree: at character {at + 1} {what}.");
}
