using Heann.Core.Arithmetic;

namespace Heann.Core.Sampling;

/// <summary>Uniform residues of [0, q), exactly, by rejection. Part of the file formats: seeds stand for the residues made here.</summary>
/// <remarks>
/// Definition: the stream is read as 64-bit little-endian words, one candidate a word; the candidate is the lowest ⌈log2 q⌉ bits
/// (<see cref="Modulus.BitCount"/>), the other bits are thrown away; candidates not below q are skipped. No word after the last residue is
/// read, so the next sampler on the same stream starts there. At least half of the candidates are kept. The values are public: the time
/// depends on them.
/// </remarks>
internal static class UniformSampler
{
    /// <summary>The next <c>destination.Length</c> residues of the stream modulo q.</summary>
    /// <param name="stream">Where the words come from.</param>
    /// <param name="q">The modulus.</param>
    /// <param name="destination">Any number of residues, each in [0, q).</param>
    public static void Sample(SeededStream stream, Modulus q, Span<ulong> destination)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(q);
        ulong value = q.Value;
        ulong mask = ulong.MaxValue >> (64 - q.BitCount);

        // As many words as residues are missing: never one too many. Kept candidates close up in place, without a branch.
        while (!destination.IsEmpty)
        {
            stream.Fill(destination);
            int kept = 0;
            for (int i = 0; i < destination.Length; i++)
            {
                ulong candidate = destination[i] & mask;
                destination[kept] = candidate;
                kept += candidate < value ? 1 : 0;
            }

            destination = destination[kept..];
        }
    }
}
