using System.Security.Cryptography;

namespace Heann.Core.Sampling;

/// <summary>Uniform values of {−1, 0, 1}, exactly, by rejection: secrets and encryption randomness.</summary>
/// <remarks>
/// Definition: one candidate a byte, its lowest two bits; 3 is skipped, 0, 1, 2 stand for −1, 0, 1. No byte after the last value is read.
/// <b>Security</b>: which candidates are skipped does not depend on the values of the others, so time and addresses tell nothing about
/// the result; there is no branch on a candidate. The bytes are zeroed afterwards; the caller zeroes the destination when done with it.
/// </remarks>
internal static class TernarySampler
{
    private const int ChunkCount = 2048;

    /// <summary>The next <c>destination.Length</c> values of the stream.</summary>
    /// <param name="stream">Where the bytes come from.</param>
    /// <param name="destination">Any number of doubles, each −1.0, 0.0 (never −0.0) or 1.0.</param>
    public static void Sample(SeededStream stream, Span<double> destination)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Span<byte> chunk = stackalloc byte[ChunkCount];
        while (!destination.IsEmpty)
        {
            Span<byte> candidates = chunk[..Math.Min(ChunkCount, destination.Length)];
            stream.Fill(candidates);
            int kept = 0;
            foreach (byte candidate in candidates)
            {
                int digit = candidate & 3;
                destination[kept] = digit - 1; // an integer conversion: zero is +0.0
                kept += (digit - 3) >>> 31; // 1 for 0, 1, 2; 0 for 3
            }

            // Only skipped candidates can have been written here, and the next round overwrites them.
            destination = destination[kept..];
        }

        CryptographicOperations.ZeroMemory(chunk);
    }
}
