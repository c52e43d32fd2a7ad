using System.Buffers;

namespace Heann.Core.Serialization;

/// <summary>Objects of one type ⇄ bytes: streams, spans, buffer writers and files. What the bytes are is the codec's; how they travel is
/// here.</summary>
/// <remarks>
/// <para>The bytes are the same on every way and on every machine; the format is versioned and stands in docs/format.md. Reading trusts
/// nothing: lengths are compared with what the parameters make them before anything is allocated, and whatever the bytes are, what is wrong
/// with them is an <see cref="InvalidDataException"/> that names both values, in memory and time that the parameters bound. What was
/// allocated
/// for an object that turned out wrong is given back. Thread-safe.</para>
/// <code>
/// using CkksContext ckks = CkksContext.Create(ParameterPresets.N14L8Dnum9);
/// ckks.Codecs.SecretKey.WriteFile(secret, "secret.key");             // mode 0600; refuses to replace a file
/// ckks.Codecs.Ciphertext.Write(x, networkStream);                    // a seed stands for half of a fresh ciphertext
/// using Ciphertext y = ckks.Codecs.Ciphertext.Read(networkStream);   // throws InvalidDataException, whatever the bytes
/// using Ciphertext z = ckks.Codecs.Ciphertext.Read(bytes);           // from a span: trailing bytes are refused
/// </code>
/// </remarks>
/// <typeparam name="T">The objects.</typeparam>
public abstract class BinaryCodec<T>
    where T : class
{
    /// <summary>Whether files are for their owner alone.</summary>
    protected virtual bool IsSecret => false;

    /// <summary>Bytes that an object takes, to the byte.</summary>
    /// <exception cref="ForeignOperandException">The object belongs to other parameters.</exception>
    public abstract long Measure(T value);

    /// <summary>Writes an object to a new array.</summary>
    /// <exception cref="OverflowException">More than an array holds; write it to a stream.</exception>
    public byte[] ToBytes(T value)
    {
        byte[] bytes = new byte[checked((int)Measure(value))];
        Write(value, bytes);
        return bytes;
    }

    /// <summary>Writes an object to a stream.</summary>
    /// <param name="value">The object.</param>
    /// <param name="destination">Left open. Where writing fails, part of the object has been written.</param>
    /// <param name="progress">Told the part done, 0 … 1.</param>
    /// <param name="cancellation">Stops within a limb.</param>
    public void Write(T value, Stream destination, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        using BinarySink sink = new(destination, Measure(value), progress, cancellation);
        WriteRecords(value, sink);
    }

    /// <summary>Writes an object to the front of a span.</summary>
    /// <returns>Bytes written: <see cref="Measure"/>.</returns>
    /// <exception cref="ArgumentException">The span is too short; nothing is written.</exception>
    public unsafe int Write(T value, Span<byte> destination)
    {
        long byteCount = Measure(value);
        if (byteCount > destination.Length)
        {
            throw new ArgumentException($"The object takes {byteCount} bytes and the span has {destination.Length}; Measure tells the size.", nameof(destination));
        }

        fixed (byte* start = destination)
        {
            using UnmanagedMemoryStream stream = new(start, byteCount, byteCount, FileAccess.Write);
            Write(value, stream);
        }

        return (int)byteCount;
    }

    /// <summary>Writes an object to a buffer writer, in pieces of at most a limb.</summary>
    public void Write(T value, IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        using BufferWriterStream stream = new(destination);
        Write(value, stream);
    }

    /// <summary>Writes an object to a file that is there whole or not at all: a temporary file in the same folder is renamed when it is
    /// complete.</summary>
    /// <param name="value">The object. A secret key's file is readable and writable by its owner alone (mode 0600, where files have
    /// modes).</param>
    /// <param name="path">The file.</param>
    /// <param name="overwrite">Whether a file of that name may be replaced.</param>
    /// <param name="progress">Told the part done, 0 … 1.</param>
    /// <param name="cancellation">Stops within a limb.</param>
    /// <exception cref="IOException">There is such a file and it may not be replaced, or the folder cannot be written.</exception>
    public void WriteFile(
        T value, string path, bool overwrite = false, IProgress<double>? progress = null, CancellationToken cancellation = default) =>
        AtomicFile.Write(path, overwrite, IsSecret, stream => Write(value, stream, progress, cancellation));

    /// <summary>Reads one object from a stream, which then stands behind it: others may follow.</summary>
    /// <param name="source">Readable, seekable or not, in pieces of any size; left open.</param>
    /// <param name="progress">Told the part done, 0 … 1.</param>
    /// <param name="cancellation">Stops within a limb.</param>
    /// <exception cref="InvalidDataException">The bytes are no such object, or one of other parameters.</exception>
    public T Read(Stream source, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        using BinarySource reader = new(source, progress, cancellation);
        return ReadRecords(reader);
    }

    /// <summary>Reads an object that a span holds and nothing besides.</summary>
    /// <exception cref="InvalidDataException">The bytes are no such object, or one of other parameters, or others follow it.</exception>
    public unsafe T Read(ReadOnlySpan<byte> source)
    {
        if (source.IsEmpty)
        {
            throw Malformed.Truncated(0, BinaryHeader.ByteCount);
        }

        fixed (byte* start = source)
        {
            using UnmanagedMemoryStream stream = new(start, source.Length);
            return RequireEnd(Read(stream), stream.Length - stream.Position);
        }
    }

    /// <summary>Reads an object that a sequence of segments holds and nothing besides.</summary>
    /// <exception cref="InvalidDataException">The bytes are no such object, or one of other parameters, or others follow it.</exception>
    public T Read(ReadOnlySequence<byte> source)
    {
        using SequenceStream stream = new(source);
        return RequireEnd(Read(stream), stream.Remaining);
    }

    /// <summary>Reads an object that a file holds and nothing besides.</summary>
    /// <param name="path">The file.</param>
    /// <param name="progress">Told the part done, 0 … 1.</param>
    /// <param name="cancellation">Stops within a limb.</param>
    /// <exception cref="InvalidDataException">The bytes are no such object, or one of other parameters, or others follow it.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public T ReadFile(string path, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        using FileStream stream = File.OpenRead(path);
        using BinarySource reader = new(stream, progress, cancellation, stream.Length);
        return RequireEnd(ReadRecords(reader), stream.Length - stream.Position);
    }

    /// <summary>Writes the records of an object.</summary>
    protected internal abstract void WriteRecords(T value, BinarySink sink);

    /// <summary>Reads the records of an object, checking everything.</summary>
    protected internal abstract T ReadRecords(BinarySource source);

    private static T RequireEnd(T value, long remaining)
    {
        if (remaining == 0)
        {
            return value;
        }

        (value as IDisposable)?.Dispose();
        throw Malformed.Trailing(remaining);
    }
}
