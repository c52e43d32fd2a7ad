using Heann.Core.Serialization;

namespace Heann.Core.Tests.Serialization;

/// <summary>Bytes of an object, and its codec behind delegates: tests walk over all kinds alike.</summary>
internal sealed class RecordSample
{
    private readonly Func<byte[], byte[]> _rewrite;

    private RecordSample(string name, byte[] bytes, Func<byte[], byte[]> rewrite) => (Name, Bytes, _rewrite) = (name, bytes, rewrite);

    public string Name { get; }

    public byte[] Bytes { get; }

    public static RecordSample Of<T>(string name, BinaryCodec<T> codec, T value)
        where T : class =>
        new(name, codec.ToBytes(value), bytes =>
        {
            T read = codec.Read(bytes);
            try
            {
                return codec.ToBytes(read);
            }
            finally
            {
                (read as IDisposable)?.Dispose();
            }
        });

    /// <summary>Reads bytes and writes what was read.</summary>
    public byte[] Rewrite(byte[] bytes) => _rewrite(bytes);

    /// <summary>Where the headers of the records are.</summary>
    public IEnumerable<(int Offset, BinaryHeader Header)> Records()
    {
        for (int offset = 0; offset < Bytes.Length;)
        {
            BinaryHeader header = BinaryHeader.Read(Bytes.AsSpan(offset));
            yield return (offset, header);
            offset += (int)header.RecordByteCount;
        }
    }

    /// <summary>The bytes with a change, and with the checksums of the record at an offset made anew for it.</summary>
    public byte[] Forge(int offset, Action<byte[]> change)
    {
        byte[] forged = [.. Bytes];
        change(forged);
        Checksums.Remake(forged, offset, BinaryHeader.Read(Bytes.AsSpan(offset)).BodyByteCount);
        return forged;
    }

    /// <summary>Fails unless reading the bytes throws InvalidDataException with a message that says more than that.</summary>
    public InvalidDataException AssertRefused(byte[] bytes, string what)
    {
        try
        {
            Rewrite(bytes);
        }
        catch (InvalidDataException e)
        {
            Assert.True(e.Message.Length > 40 && e.Message.Contains(';', StringComparison.Ordinal), $"{Name}, {what}: '{e.Message}' names no remedy.");
            return e;
        }
        catch (Exception e)
        {
            Assert.Fail($"{Name}, {what}: {e}");
        }

        Assert.Fail($"{Name}, {what}: was read.");
        return null!;
    }

    /// <summary>Fails unless the bytes are refused, or are the one and only way to write what they hold.</summary>
    public bool AssertRefusedOrCanonical(byte[] bytes, string what)
    {
        try
        {
            Assert.True(bytes.AsSpan().SequenceEqual(Rewrite(bytes)), $"{Name}, {what}: was read, and is written otherwise.");
            return false;
        }
        catch (InvalidDataException)
        {
            return true;
        }
    }
}
