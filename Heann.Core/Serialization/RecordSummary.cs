using Heann.Core.Rings;

namespace Heann.Core.Serialization;

/// <summary>What a header alone says of its record, for showing it: needs no parameters, no key and no body.</summary>
/// <remarks>The header's checksum was right; whether the values fit their parameters is for the codecs to say. Immutable, thread-safe.</remarks>
public sealed record RecordSummary
{
    private RecordSummary()
    {
    }

    /// <summary>ℓ of a plaintext, ciphertext or key-switching key.</summary>
    public int? Level { get; private init; }

    /// <summary>Δ of a plaintext or ciphertext, or the default one of a parameter set.</summary>
    public double? Scale { get; private init; }

    /// <summary>Parts of a ciphertext.</summary>
    public int? PartCount { get; private init; }

    /// <summary>Whether a ciphertext's c_1 is a seed.</summary>
    public bool? IsSeeded { get; private init; }

    /// <summary>Number of keys in a set.</summary>
    public int? KeyCount { get; private init; }

    /// <summary>The automorphism of a Galois key; null for a relinearisation key, and for a key written alone.</summary>
    public GaloisElement? Element { get; private init; }

    /// <summary>Summarises a header.</summary>
    public static RecordSummary Of(BinaryHeader header)
    {
        ArgumentNullException.ThrowIfNull(header);
        FieldReader fields = new(header.Fields.Span);
        switch (header.Kind)
        {
            case RecordKind.Parameters:
                fields.Bytes(8);
                return new() { Scale = fields.Double() };
            case RecordKind.KeySwitchingKey:
                uint code = fields.UInt32();
                return new() { Element = EvaluationKeyEntry.ElementOf(code), Level = fields.UInt16() };
            case RecordKind.EvaluationKeys:
                return new() { KeyCount = (int)Math.Min(fields.UInt32(), int.MaxValue) };
            case RecordKind.Plaintext:
                int level = fields.UInt16();
                fields.UInt16();
                return new() { Level = level, Scale = fields.Double() };
            case RecordKind.Ciphertext:
                (int ciphertextLevel, int parts, _) = (fields.UInt16(), fields.Byte(), fields.Byte());
                return new() { Level = ciphertextLevel, PartCount = parts, Scale = fields.Double(), IsSeeded = (header.Flags & 1) != 0 };
            default:
                return new();
        }
    }
}
