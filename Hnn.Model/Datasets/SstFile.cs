namespace Hnn.Model.Datasets;

/// <summary>Reads SST-2's files: UTF-8, a header line <c>sentence⇥label</c>, then one sentence a line, a tab, 0 or 1.</summary>
/// <remarks>Errors name the line and never quote the text.</remarks>
public static class SstFile
{
    /// <summary>The largest file read, in bytes (SST-2's training split has 3.8 million).</summary>
    public const int MaxByteCount = DataText.MaxByteCount;

    /// <summary>Classes: 2.</summary>
    public const int ClassCount = 2;

    private const string Header = "sentence\tlabel";

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
    /// <exception cref="InvalidDataException">Too large, not UTF-8, another header, no sentence, or a line without a tab or with another label.</exception>
    public static IReadOnlyList<LabelledSentence> Load(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        string[] lines = DataText.ReadLines(stream);
        if (lines[0] != Header)
        {
            throw new InvalidDataException("The data file's first line is not 'sentence', a tab, 'label'; give a file in SST-2's format.");
        }

        List<LabelledSentence> sentences = [];
        for (int i = 1; i < lines.Length; i++)
        {
            string line = lines[i];
            if (line.Length > 0)
            {
                sentences.Add(Parse(line, i + 1));
            }
        }

        return sentences.Count > 0 ? sentences : throw new InvalidDataException("The data file has no sentence after its header.");
    }

    private static LabelledSentence Parse(string line, int number)
    {
        string[] fields = line.Split('\t');
        return fields is [_, "0" or "1"]
            ? new(fields[0], fields[1][0] - '0')
            : throw new InvalidDataException($"Line {number} of the data file is not a sentence, a tab, and 0 or 1.");
    }
}
