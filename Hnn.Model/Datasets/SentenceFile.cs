namespace Hnn.Model.Datasets;

/// <summary>Reads labelled sentences of either format: <see cref="SstFile"/>'s table or <see cref="SstTreeFile"/>'s trees.</summary>
/// <remarks>The content decides, not the name: a file whose first character other than white space is an opening bracket holds
/// trees.</remarks>
public static class SentenceFile
{
    /// <summary>Reads a file for a network of n classes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="classCount">n ≥ 2.</param>
    /// <returns>The sentences in order, at least one; every label is 0 to n − 1.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">See <see cref="Load(Stream, int)"/>.</exception>
    public static IReadOnlyList<LabelledSentence> Load(string path, int classCount)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using FileStream stream = File.OpenRead(path);
        return Load(stream, classCount);
    }

    /// <summary>Reads a stream to its end for a network of n classes.</summary>
    /// <param name="stream">Readable; left open.</param>
    /// <param name="classCount">n ≥ 2.</param>
    /// <returns>The sentences in order, at least one; every label is 0 to n − 1.</returns>
    /// <exception cref="InvalidDataException">The content is good in neither format, or the format's number of classes is not n: 0 and 1
    /// of SST-2 are no classes of a network with five.</exception>
    public static IReadOnlyList<LabelledSentence> Load(Stream stream, int classCount)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentOutOfRangeException.ThrowIfLessThan(classCount, 2);
        using MemoryStream content = new(BoundedRead.ToEnd(stream, DataText.MaxByteCount, "The data file"));
        bool holdsTrees = HoldsTrees(content);
        int found = holdsTrees ? SstTreeFile.ClassCount : SstFile.ClassCount;
        return found != classCount
            ? throw new InvalidDataException(
                $"The data file holds {(holdsTrees ? "SST-5's trees" : "SST-2's table")}, of {found} classes, and the model has "
                + $"{classCount}; use data and a model with the same classes.")
            : holdsTrees ? SstTreeFile.Load(content) : SstFile.Load(content);
    }

    private static bool HoldsTrees(MemoryStream content)
    {
        int first = content.ReadByte();
        while (first is ' ' or '\t' or '\r' or '\n') first = content.ReadByte();
        content.Position = 0;
        return first == '(';
    }
}
