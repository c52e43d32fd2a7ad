using System.Security.Cryptography;

namespace Heann.Core.Tests.Serialization;

/// <summary>The checksums of the format, from its description alone.</summary>
internal static class Checksums
{
    public static void Remake(byte[] bytes, int offset, long bodyByteCount)
    {
        SHA256.HashData(bytes.AsSpan(offset, 112)).AsSpan(0, 16).CopyTo(bytes.AsSpan(offset + 112));
        int end = checked((int)(offset + 128 + bodyByteCount));
        if (end + 16 <= bytes.Length)
        {
            SHA256.HashData(bytes.AsSpan(offset, end - offset)).AsSpan(0, 16).CopyTo(bytes.AsSpan(end));
        }
    }
}
