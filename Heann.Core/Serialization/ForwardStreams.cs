using System.Buffers;

namespace Heann.Core.Serialization;

/// <summary>A stream that can only be written or only be read, front to back.</summary>
internal abstract class ForwardStream : Stream
{
    public override bool CanRead => false;

    public override bool CanWrite => false;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}

/// <summary>Writes to a buffer writer.</summary>
internal sealed class BufferWriterStream(IBufferWriter<byte> writer) : ForwardStream
{
    public override bool CanWrite => true;

    public override void Write(ReadOnlySpan<byte> buffer) => writer.Write(buffer);
}

/// <summary>Reads a sequence of segments.</summary>
internal sealed class SequenceStream(ReadOnlySequence<byte> sequence) : ForwardStream
{
    public override bool CanRead => true;

    /// <summary>Bytes not yet read.</summary>
    public long Remaining => sequence.Length;

    public override int Read(Span<byte> buffer)
    {
        int count = (int)Math.Min(buffer.Length, sequence.Length);
        sequence.Slice(0, count).CopyTo(buffer);
        sequence = sequence.Slice(count);
        return count;
    }
}
