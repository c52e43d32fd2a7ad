using Heann.Core.Ciphertexts;
using Heann.Core.Rings;

namespace Heann.Core.Serialization;

/// <summary>What the index of a set of evaluation keys says of one key: which it is, to which level it serves, where it stands.</summary>
/// <remarks>
/// 24 bytes: the automorphism (4), the level (4), the offset of the key's record from the beginning of the index's record (8), the bytes of
/// the record (8). The automorphism is k, the steps of its rotation, 0 ≤ k &lt; N/2, plus 2^31 with conjugation; 0, the identity, stands
/// for relinearisation. Immutable, thread-safe.
/// </remarks>
public sealed class EvaluationKeyEntry
{
    internal const int IndexByteCount = 24;

    private const uint ConjugationBit = 1u << 31;

    private readonly KeyId _keyId;

    internal EvaluationKeyEntry(uint code, int level, (long Offset, long ByteCount) place, KeyId keyId) =>
        (Code, Level, Offset, ByteCount, _keyId) = (code, level, place.Offset, place.ByteCount, keyId);

    /// <summary>The automorphism; null for the relinearisation key.</summary>
    public GaloisElement? Element => ElementOf(Code);

    /// <summary>ℓ: the key serves this level and those below.</summary>
    public int Level { get; }

    /// <summary>Where the key's record begins, counted from the beginning of the index's.</summary>
    public long Offset { get; }

    /// <summary>Bytes of the key's record.</summary>
    public long ByteCount { get; }

    internal uint Code { get; }

    /// <summary>For people.</summary>
    public override string ToString() => $"{Element?.ToString() ?? "relinearisation"}, level {Level}";

    internal static uint CodeOf(GaloisElement element, int ringDegree)
    {
        GaloisElement normal = element.Normalize(ringDegree);
        return (uint)normal.RotationSteps | (normal.IsConjugation ? ConjugationBit : 0);
    }

    internal static GaloisElement? ElementOf(uint code) => code == 0 ? null : new(
        (int)(code & ~ConjugationBit), (code & ConjugationBit) != 0);

    internal static bool IsCode(uint code, int ringDegree) => (code & ~ConjugationBit) < ringDegree / 2;

    internal static uint HighestCode(int ringDegree) => (uint)((ringDegree / 2) - 1) | ConjugationBit;

    internal void Write(ref FieldWriter writer)
    {
        writer.UInt32(Code);
        writer.UInt32((uint)Level);
        writer.UInt64((ulong)Offset);
        writer.UInt64((ulong)ByteCount);
    }

    internal void RequireSame(int level, BinaryHeader header)
    {
        ParametersCodec.Require(level == Level, "The level of a key", level, $"{Level}, as the index says");
        if (header.KeyId != _keyId)
        {
            throw Malformed.ForeignKey(RecordKind.KeySwitchingKey, header.KeyId, _keyId);
        }
    }
}
