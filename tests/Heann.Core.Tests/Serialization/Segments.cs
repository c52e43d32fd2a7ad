using System.Buffers;

namespace Heann.Core.Tests.Serialization;

/// <summary>Sequences of short segments.</summary>
internal sealed class Segments : ReadOnlySequenceSegment<byte>
{
    public static ReadOnlySequence<byte> Of(byte[] bytes, int length)
    {
        Segments first = new() { Memory = bytes.AsMemory(0, Math.Min(length, bytes.Length)) };
        Segments last = first;
        for (int start = length; start < bytes.Length; start += length)
        {
            Segments next = new() { Memory = bytes.AsMemory(start, Math.Min(length, bytes.Length - start)), RunningIndex = start };
            last.Next = next;
            last = next;
        }

        return new(first, 0, last, last.Memory.Length);
    }
}
