using System.Buffers.Binary;
using System.Security.Cryptography;
using Heann.Core.Rings;

namespace Heann.Core.Parameters;

/// <summary>The identity of a parameter set: SHA-256 over its canonical description. Every key and ciphertext carries it.</summary>
/// <remarks>
/// Hashed, little-endian: "heann-parameters" as ASCII, format version (int32), the expander's id as UTF-8, log2 N (int32), dnum (int32), the
/// number of primes (int32) and the primes (uint64 each), the number of special primes and those. Order counts.
/// Immutable, thread-safe.
/// </remarks>
public readonly record struct ParametersId
{
    /// <summary>Version of the description that is hashed.</summary>
    public const int FormatVersion = 1;

    private readonly UInt128 _high;
    private readonly UInt128 _low;

    private ParametersId(ReadOnlySpan<byte> hash)
    {
        _high = BinaryPrimitives.ReadUInt128BigEndian(hash);
        _low = BinaryPrimitives.ReadUInt128BigEndian(hash[16..]);
    }

    /// <summary>The identity with these 32 bytes.</summary>
    /// <exception cref="ArgumentException">There are not 32.</exception>
    public static ParametersId FromBytes(ReadOnlySpan<byte> hash) =>
        hash.Length == 32 ? new(hash) : throw new ArgumentException($"The identity of a parameter set has 32 bytes; got {hash.Length}.", nameof(hash));

    /// <summary>The 32 bytes of the hash.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[32];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, _high);
        BinaryPrimitives.WriteUInt128BigEndian(bytes.AsSpan(16), _low);
        return bytes;
    }

    /// <summary>The first eight bytes, for people.</summary>
    public override string ToString() => Convert.ToHexStringLower(ToBytes().AsSpan(0, 8));

    internal static ParametersId Compute(string expanderId, RnsBasis basisQ, RnsBasis basisP, int digitCount)
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        writer.Write("heann-parameters"u8);
        writer.Write(FormatVersion);
        writer.Write(System.Text.Encoding.UTF8.GetBytes(expanderId));
        writer.Write(System.Numerics.BitOperations.Log2((uint)basisQ.RingDegree));
        writer.Write(digitCount);
        foreach (RnsBasis basis in (RnsBasis[])[basisQ, basisP])
        {
            writer.Write(basis.Count);
            foreach (Arithmetic.Modulus q in basis.Moduli)
            {
                writer.Write(q.Value);
            }
        }

        writer.Flush();
        return new(SHA256.HashData(stream.ToArray()));
    }
}
