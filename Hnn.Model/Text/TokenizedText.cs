namespace Hnn.Model.Text;

/// <summary>One tokenized text. <b>Security</b>: pieces and ids are the text; they belong to the client and never travel in the
/// clear.</summary>
/// <param name="Ids">Token ids, (tokens), each in [0, vocabulary size).</param>
/// <param name="Pieces">The vocabulary's piece for each id, (tokens); <c>[UNK]</c> where a word had none.</param>
/// <param name="IsTruncated">The text held more pieces than the limit allowed; the rest is not in <paramref name="Ids"/>.</param>
public sealed record TokenizedText(IReadOnlyList<int> Ids, IReadOnlyList<string> Pieces, bool IsTruncated)
{
    /// <summary>Nothing but the frame, [CLS] [SEP]: the text held only blanks, marks and controls.</summary>
    public bool IsEmpty => Ids.Count <= 2;
}
