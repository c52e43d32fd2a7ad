namespace Hnn.Model;

/// <summary>Reads whole small files under a cap, so that a hostile or wrong file cannot exhaust memory.</summary>
internal static class BoundedRead
{
    /// <summary>Reads a stream to its end.</summary>
    /// <param name="stream">Readable, seekable or not; left open.</param>
    /// <param name="maxByteCount">The most bytes accepted.</param>
    /// <param name="what">Names the content at the start of the error message.</param>
    /// <returns>The bytes, at most <paramref name="maxByteCount"/>.</returns>
    /// <exception cref="InvalidDataException">The stream holds more.</exception>
    public static byte[] ToEnd(Stream stream, int maxByteCount, string what)
    {
        using var buffer = new MemoryStream();
        var chunk = new byte[1 << 15];
        for (int read = stream.Read(chunk); read > 0; read = stream.Read(chunk))
        {
            if (buffer.Length + read > maxByteCount)
                throw new InvalidDataException(
                    $"{what} is larger than {maxByteCount} bytes, the most accepted; check that it is the right file.");
            buffer.Write(chunk, 0, read);
        }

        return buffer.ToArray();
    }
}
