using System.Text;

namespace Hnn.Model.Datasets;

/// <summary>Reads a data file as lines.</summary>
internal static class DataText
{
    /// <summary>The largest file read, in bytes (SST-2's training split has 3.8 million).</summary>
    public const int MaxByteCount = 64 << 20;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The lines of a stream, without their ends; the last may be empty.</summary>
    /// <exception cref="InvalidDataException">Too large, or not UTF-8.</exception>
    public static string[] ReadLines(Stream stream)
    {
        byte[] bytes = BoundedRead.ToEnd(stream, MaxByteCount, "The data file");
        try
        {
            string[] lines = StrictUtf8.GetString(bytes).Split('\n');
            for (int i = 0; i < lines.Length; i++) lines[i] = lines[i].TrimEnd('\r');
            return lines;
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException($"The data file is not UTF-8 near byte {e.Index}; save it as UTF-8.", e);
        }
    }
}
