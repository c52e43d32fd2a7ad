using Heann.Core.Parameters;

namespace Heann.Core.Serialization;

/// <summary>The messages of everything that can be wrong with bytes from outside, in one place. Each names both values and the
/// remedy.</summary>
internal static class Malformed
{
    public static InvalidDataException NotHeann(ReadOnlySpan<byte> magic) => new(
        $"The data begins with {Convert.ToHexString(magic)} and not with {Convert.ToHexString(BinaryHeader.Magic)}, so it is no Heann data; check that it is the right file.");

    public static InvalidDataException Version(byte version) => new(
        $"The data has format version {version} and this program reads version {BinaryHeader.FormatVersion}; use the program that wrote it, or write it again with this one.");

    public static InvalidDataException Kind(RecordKind actual, RecordKind expected) => new(
        $"The data holds {Name(actual)} where {Name(expected)} was expected; check that it is the right file.");

    public static InvalidDataException Checksum(string what, ReadOnlySpan<byte> actual, ReadOnlySpan<byte> expected) => new(
        $"The checksum of the {what} is {Convert.ToHexStringLower(actual)} and the data says {Convert.ToHexStringLower(expected)}; it was damaged on its way: fetch or write it again.");

    public static InvalidDataException ForeignParameters(RecordKind kind, ParametersId actual, ParametersId expected) => new(
        $"The data holds {Name(kind)} of parameters {actual} and parameters {expected} are in use; read it with the parameters that it was made for.");

    public static InvalidDataException ForeignKey(RecordKind kind, object actual, object expected) => new(
        $"The data holds {Name(kind)} of key {actual} among data of key {expected}; use files of one key set.");

    public static InvalidDataException Truncated(long position, long missing) => new(
        $"The data ends after {position} bytes and at least {missing} more are needed; it was cut off: fetch or write it again.");

    public static InvalidDataException Trailing(long count) => new(
        $"{count} bytes follow the end of the data, where none belong; pass exactly what was written.");

    public static InvalidDataException Length(RecordKind kind, long actual, long expected) => new(
        $"The header of {Name(kind)} announces a body of {actual} bytes and what it describes takes {expected}; the data was made by a faulty program: write it again.");

    public static InvalidDataException Residue(int limb, int index, ulong residue, ulong prime) => new(
        $"Residue {index} of limb {limb} is {residue} and its prime {prime}, which it must be below; the data was made by a faulty program: write it again.");

    public static InvalidDataException LateKey(EvaluationKeyEntry entry, InvalidDataException found) => new(
        $"The key for {entry} is not good, which shows now that an operation needs it: {found.Message}", found);

    public static InvalidDataException Field(string name, object actual, string allowed) => new(
        $"{name} is {actual} and must be {allowed}; the data was made by a faulty program or for another version: write it again.");

    public static string Name(RecordKind kind) => kind switch
    {
        RecordKind.Parameters => "a parameter set",
        RecordKind.SecretKey => "a secret key",
        RecordKind.PublicKey => "a public key",
        RecordKind.KeySwitchingKey => "a key-switching key",
        RecordKind.EvaluationKeys => "a set of evaluation keys",
        RecordKind.Plaintext => "a plaintext",
        RecordKind.Ciphertext => "a ciphertext",
        _ => $"data of kind {(byte)kind}",
    };
}
