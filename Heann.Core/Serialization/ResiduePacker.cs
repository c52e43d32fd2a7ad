using System.Buffers.Binary;
using Heann.Core.Rings;

namespace Heann.Core.Serialization;

/// <summary>Residues modulo q in ⌈log2 q⌉ bits each, one after the other, lowest bit first: a limb of 40 bits takes 40, not 64.</summary>
/// <remarks>Residue i occupies bits i·b … i·b + b − 1 of the bytes read as one little-endian number; bits after the last one are
/// 0.</remarks>
internal static class ResiduePacker
{
    /// <summary>Most bits of a residue that can be packed: with up to 7 bits before it, it must lie within eight bytes.</summary>
    public const int MaxBitCount = 57;

    /// <summary>⌈count·bits / 8⌉.</summary>
    public static int ByteCount(int count, int bits) => checked((int)((((long)count * bits) + 7) / 8));

    /// <summary>Bytes of a polynomial: every limb packed, beginning on a byte.</summary>
    public static long PolynomialByteCount(RnsBasis basis) => basis.Moduli.Sum(q => (long)ByteCount(basis.RingDegree, q.BitCount));

    /// <summary>Packs residues below 2^bits into <see cref="ByteCount"/> bytes.</summary>
    public static void Pack(ReadOnlySpan<ulong> residues, int bits, Span<byte> destination)
    {
        ulong word = 0;
        int filled = 0;
        foreach (ulong residue in residues)
        {
            word |= residue << filled;
            filled += bits;
            if (filled >= 64)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(destination, word);
                destination = destination[8..];
                filled -= 64;

                // The upper `filled` bits of the residue; a shift by `bits` is at most 57, and leaves 0 where nothing is left.
                word = residue >> (bits - filled);
            }
        }

        for (; filled > 0; filled -= 8, word >>= 8)
        {
            destination[0] = (byte)word;
            destination = destination[1..];
        }
    }

    /// <summary>Unpacks residues and compares each with the bound.</summary>
    /// <param name="source"><see cref="ByteCount"/> bytes.</param>
    /// <param name="bits">Bits of a residue.</param>
    /// <param name="bound">q.</param>
    /// <param name="residues">Where to.</param>
    /// <returns>The index of the first residue that is not below q; −1 if all are.</returns>
    public static int Unpack(ReadOnlySpan<byte> source, int bits, ulong bound, Span<ulong> residues)
    {
        ulong mask = ulong.MaxValue >> (64 - bits);
        ulong excess = 0;
        long position = 0;

        // Whole words while there are eight bytes to read; the last few from a copy with zeros behind it.
        int whole = source.Length < 8 ? 0 : (int)Math.Min(residues.Length, ((((long)source.Length - 8) * 8) / bits) + 1);
        for (int i = 0; i < whole; i++, position += bits)
        {
            ulong residue = (BinaryPrimitives.ReadUInt64LittleEndian(source[(int)(position >> 3)..]) >> (int)(position & 7)) & mask;
            residues[i] = residue;
            excess |= bound - 1 - residue; // the top bit is set where residue ≥ bound
        }

        Span<byte> tail = stackalloc byte[16];
        for (int i = whole; i < residues.Length; i++, position += bits)
        {
            tail.Clear();
            source[(int)(position >> 3)..].CopyTo(tail);
            ulong residue = (BinaryPrimitives.ReadUInt64LittleEndian(tail) >> (int)(position & 7)) & mask;
            residues[i] = residue;
            excess |= bound - 1 - residue;
        }

        return (long)excess < 0 ? residues.IndexOfAnyInRange(bound, ulong.MaxValue) : -1;
    }

    /// <summary>Whether the bits after the last residue are zero.</summary>
    public static bool IsPaddingZero(ReadOnlySpan<byte> source, int count, int bits)
    {
        int used = (int)((long)count * bits & 7);
        return used == 0 || source[^1] >> used == 0;
    }
}
