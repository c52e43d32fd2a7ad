namespace Heann.Core.Tests.Serialization;

/// <summary>Bytes in memory behind a disk that can go and come back.</summary>
internal sealed class FragileStream(byte[] bytes) : MemoryStream(bytes)
{
    /// <summary>Whether reading fails.</summary>
    public bool IsGone { get; set; }

    /// <summary>How many bytes were read.</summary>
    public long ReadByteCount { get; private set; }

    /// <summary>Whether it was disposed.</summary>
    public bool IsClosed => !CanRead;

    public override int Read(Span<byte> buffer)
    {
        if (IsGone)
        {
            throw new IOException("The disk is gone.");
        }

        int count = base.Read(buffer);
        ReadByteCount += count;
        return count;
    }
}
