using System.Text;

namespace Hnn.Model.Text;

/// <summary>A WordPiece vocabulary: pieces ⇄ ids, where a piece's id is its line number from 0. Immutable.</summary>
/// <remarks>Format: BERT's vocab.txt, strict UTF-8, one piece a line, lines ended by LF or CRLF; <c>##</c> starts a piece that continues a
/// word.</remarks>
public sealed class Vocabulary
{
    /// <summary>The piece that stands for a word without pieces.</summary>
    public const string UnknownPiece = "[UNK]";

    /// <summary>The piece that opens every text.</summary>
    public const string ClassificationPiece = "[CLS]";

    /// <summary>The piece that closes every text.</summary>
    public const string SeparatorPiece = "[SEP]";

    /// <summary>The largest vocabulary file read, in bytes (BERT's has 231,508).</summary>
    public const int MaxByteCount = 16 << 20;

    private readonly string[] _pieces;
    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    private Vocabulary(string[] pieces)
    {
        _pieces = pieces;
        _ids = new Dictionary<string, int>(pieces.Length, StringComparer.Ordinal);
        for (int id = 0; id < pieces.Length; id++)
        {
            if (pieces[id].Length == 0)
                throw new InvalidDataException($"Vocabulary line {id + 1} is empty; each line must hold one piece.");
            if (!_ids.TryAdd(pieces[id], id))
                throw new InvalidDataException(
                    $"Vocabulary line {id + 1} repeats the piece '{Shown(pieces[id])}' of line {_ids[pieces[id]] + 1}; "
                    + "pieces must differ.");
        }

        _lookup = _ids.GetAlternateLookup<ReadOnlySpan<char>>();
        UnknownId = Special(UnknownPiece);
        ClassificationId = Special(ClassificationPiece);
        SeparatorId = Special(SeparatorPiece);
    }

    /// <summary>Number of pieces; ids are 0 … Count − 1.</summary>
    public int Count => _pieces.Length;

    /// <summary>Id of <see cref="UnknownPiece"/>.</summary>
    public int UnknownId { get; }

    /// <summary>Id of <see cref="ClassificationPiece"/>.</summary>
    public int ClassificationId { get; }

    /// <summary>Id of <see cref="SeparatorPiece"/>.</summary>
    public int SeparatorId { get; }

    /// <summary>Reads a vocabulary file.</summary>
    /// <param name="path">Path of a vocab.txt.</param>
    /// <returns>The vocabulary.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">See <see cref="Load(Stream)"/>.</exception>
    public static Vocabulary Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using FileStream stream = File.OpenRead(path);
        return Load(stream);
    }

    /// <summary>Reads a vocabulary from a stream, to its end.</summary>
    /// <param name="stream">Readable; left open.</param>
    /// <returns>The vocabulary.</returns>
    /// <exception cref="InvalidDataException">More than <see cref="MaxByteCount"/> bytes, not UTF-8, an empty line, a repeated piece,
    /// or no [UNK], [CLS] or [SEP].</exception>
    public static Vocabulary Load(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        byte[] bytes = BoundedRead.ToEnd(stream, MaxByteCount, "The vocabulary");
        string text;
        try
        {
            text = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException($"The vocabulary is not UTF-8 near byte {e.Index}; save it as UTF-8.", e);
        }

        // Only LF ends a line: U+0085, U+2028 and their like are pieces of their own in some vocabularies.
        string[] lines = text.Split('\n');
        if (lines[^1].Length == 0) lines = lines[..^1];
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].EndsWith('\r')) lines[i] = lines[i][..^1];
        }

        return new Vocabulary(lines);
    }

    /// <summary>The piece of an id.</summary>
    /// <param name="id">In [0, <see cref="Count"/>).</param>
    /// <returns>The piece as the file writes it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">No such id.</exception>
    public string GetPiece(int id)
    {
        if ((uint)id >= (uint)_pieces.Length)
            throw new ArgumentOutOfRangeException(
                nameof(id), id, $"The vocabulary has {_pieces.Length} pieces; ids run from 0 to {_pieces.Length - 1}.");
        return _pieces[id];
    }

    /// <summary>Looks up a piece, without allocating.</summary>
    /// <param name="piece">A piece as the file writes it, <c>##</c> included.</param>
    /// <param name="id">Its id where found, else 0.</param>
    /// <returns>True where the vocabulary holds the piece.</returns>
    public bool TryGetId(ReadOnlySpan<char> piece, out int id) => _lookup.TryGetValue(piece, out id);

    private int Special(string piece) => _ids.TryGetValue(piece, out int id)
        ? id
        : throw new InvalidDataException(
            $"The vocabulary of {_pieces.Length} pieces has no {piece}; it needs a line each for [UNK], [CLS] and [SEP].");

    private static string Shown(string piece) => piece.Length <= 32 ? piece : piece[..32] + "…";
}
