using System.Text;

namespace Hnn.Tool.Evaluation;

/// <summary>Rows in memory and, where a path is given, in a file that grows by a line for each, flushed to the disk.</summary>
/// <remarks>A file that ends within a line was cut while it was written: that line is dropped and its sentence done again. Anything
/// else that is not as this program writes it is refused, and the file left as it was.</remarks>
internal sealed class RunRows : IDisposable
{
    private const int MaxByteCount = 1 << 30;
    private static readonly byte[] Beginning = "{\"kind\":\"run\","u8.ToArray();

    private readonly FileStream? _stream;

    private RunRows(RunState state, FileStream? stream) => (State, _stream) = (state, stream);

    /// <summary>What the rows say.</summary>
    public RunState State { get; }

    /// <summary>Whether a half-written line was dropped.</summary>
    public bool WasTorn { get; private init; }

    /// <summary>Rows without a file.</summary>
    public static RunRows InMemory(RunState state) => new(state, null);

    /// <summary>Opens or creates a file, alone, and reads what it holds.</summary>
    /// <exception cref="InvalidDataException">It holds no rows, or those of another run, or a line is damaged; the message names file and
    /// line.</exception>
    /// <exception cref="IOException">It cannot be read or written, or another process has it open.</exception>
    public static RunRows Open(string path, RunIdentity identity, RunState state)
    {
        FileStream stream = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        try
        {
            byte[] content = Read(stream, path);
            int whole = content.AsSpan().LastIndexOf((byte)'\n') + 1;
            ReadLines(content.AsSpan(0, whole), path, identity, state);
            RequireTornRow(content.AsSpan(whole), whole == 0, path);
            stream.SetLength(whole);
            stream.Position = whole;
            RunRows rows = new(state, stream) { WasTorn = whole < content.Length };
            if (whole == 0) rows.Write(identity);
            return rows;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Adds a row; when this returns, it is on the disk.</summary>
    public void Append(RunRow row)
    {
        State.Add(row);
        Write(row);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _stream?.Dispose();

    private static byte[] Read(FileStream stream, string path)
    {
        if (stream.Length > MaxByteCount)
            throw new InvalidDataException($"{path} has {stream.Length} bytes; rows have at most {MaxByteCount}: it is another file.");
        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }

    private static void ReadLines(ReadOnlySpan<byte> lines, string path, RunIdentity identity, RunState state)
    {
        for (int number = 1, end; !lines.IsEmpty; number++, lines = lines[(end + 1)..])
        {
            end = lines.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = lines[..end];
            if (number == 1 && !line.StartsWith(Beginning)) throw NoRows(path);
            try
            {
                RunRow row = RunRow.Parse(line);
                if (number == 1) identity.RequireSame((RunIdentity)row);
                else state.Add(row);
            }
            catch (InvalidDataException e) when (number == 1)
            {
                throw new InvalidDataException($"{path} cannot be continued: {e.Message}", e);
            }
            catch (InvalidDataException e)
            {
                throw new InvalidDataException(
                    $"Line {number} of {path} is damaged: {e.Message}. Restore the file, or delete it to start anew.", e);
            }
        }
    }

    // What was cut off begins as a row does; a file that begins otherwise is somebody else's and is not touched.
    private static void RequireTornRow(ReadOnlySpan<byte> rest, bool isFirst, string path)
    {
        ReadOnlySpan<byte> beginning = isFirst ? Beginning : "{"u8;
        int length = Math.Min(rest.Length, beginning.Length);
        if (!rest[..length].SequenceEqual(beginning[..length])) throw isFirst ? NoRows(path) : new InvalidDataException(
            $"{path} ends in {rest.Length} bytes that are no row. Restore the file, or delete it to start anew.");
    }

    private static InvalidDataException NoRows(string path) =>
        new($"{path} holds no rows of hnn evaluate; name another file or folder.");

    private void Write(RunRow row)
    {
        if (_stream is null) return;
        _stream.Write(Encoding.UTF8.GetBytes(row.ToLine() + "\n"));
        _stream.Flush(flushToDisk: true);
    }
}
