using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Rings;
using Heann.Core.Sampling;

namespace Heann.Core.Serialization;

/// <summary>Single key-switching keys ⇄ bytes: the b_d packed, the a_d as the seed they are expanded from.</summary>
/// <remarks>
/// Fields: automorphism (4 bytes, see <see cref="EvaluationKeyEntry"/>; 0 for a relinearisation key and where a key is written alone),
/// level ℓ (2), number of digits (2), of special primes (2). Body: for each digit the limb behind its last one (2 bytes), the seed (32
/// bytes), b_0 … b_(dnum−1), each modulo q_0 … q_ℓ and the special primes. A key truncated to a level takes what that level needs.
/// Thread-safe.
/// </remarks>
public sealed class KeySwitchingKeyCodec : BinaryCodec<KeySwitchingKey>
{
    private readonly CkksParameters _parameters;
    private readonly RingBackend _backend;

    /// <summary>Makes a codec for keys of these parameters, held by this backend.</summary>
    public KeySwitchingKeyCodec(CkksParameters parameters, RingBackend backend)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(backend);
        (_parameters, _backend) = (parameters, backend);
    }

    /// <inheritdoc/>
    public override long Measure(KeySwitchingKey value) => Header(value, 0).RecordByteCount;

    /// <inheritdoc/>
    protected internal override void WriteRecords(KeySwitchingKey value, BinarySink sink) => WriteRecord(value, 0, sink);

    /// <inheritdoc/>
    protected internal override KeySwitchingKey ReadRecords(BinarySource source) => ReadRecord(source, null);

    // Bytes of the record of a key for a level, header and checksum included.
    internal static long RecordByteCount(KeySwitchLayout layout) =>
        BinaryHeader.ByteCount + BodyByteCount(layout) + BinaryHeader.ChecksumByteCount;

    internal void WriteRecord(KeySwitchingKey key, uint automorphism, BinarySink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        sink.BeginRecord(Header(key, automorphism));
        byte[] ends = new byte[sizeof(ushort) * key.Layout.Digits.Count];
        FieldWriter writer = new(ends);
        foreach (Range digit in key.Layout.Digits)
        {
            writer.UInt16(digit.End.Value);
        }

        sink.Write(ends);
        sink.Write(key.Seed);
        for (int d = 0; d < key.Layout.Digits.Count; d++)
        {
            using RnsPolynomial b = key.ReadB(_backend, d);
            sink.WriteResidues(b.Block);
        }

        sink.EndRecord();
    }

    // Where an entry of an index announced the key, it must be that key.
    internal KeySwitchingKey ReadRecord(BinarySource source, EvaluationKeyEntry? entry)
    {
        ArgumentNullException.ThrowIfNull(source);
        BinaryHeader header = source.BeginRecord(RecordKind.KeySwitchingKey, _parameters);
        FieldReader fields = new(header.Fields.Span);
        uint automorphism = fields.UInt32();
        (int level, int digitCount, int specialCount) = (fields.UInt16(), fields.UInt16(), fields.UInt16());
        fields.RequireZeroRest();
        ParametersCodec.Require(automorphism == (entry?.Code ?? 0), "The automorphism of a key", automorphism, entry is null ? "0 for a key alone" : $"{entry.Code}, as the index says");
        ParametersCodec.Require(level <= _parameters.MaxLevel, "The level of a key", level, $"0 to {_parameters.MaxLevel}, the levels of these parameters");
        if (entry is not null)
        {
            entry.RequireSame(level, header);
        }

        // The parameters determine digits and special primes; a key that says otherwise is from another program.
        KeySwitchLayout layout = _parameters.KeySwitchLayoutAt(level);
        ParametersCodec.Require(digitCount == layout.Digits.Count, "The number of digits", digitCount, $"{layout.Digits.Count} at level {level}");
        ParametersCodec.Require(specialCount == layout.BasisP.Count, "The number of special primes", specialCount, $"{layout.BasisP.Count} at level {level}");
        source.RequireBody(BodyByteCount(layout));
        ReadDigits(source, layout);
        byte[] seed = new byte[SeededStream.SeedByteCount];
        source.Read(seed);
        return ReadPolynomials(source, layout, seed, header);
    }

    private static void ReadDigits(BinarySource source, KeySwitchLayout layout)
    {
        byte[] ends = new byte[sizeof(ushort) * layout.Digits.Count];
        source.Read(ends);
        FieldReader reader = new(ends);
        foreach (Range digit in layout.Digits)
        {
            int end = reader.UInt16();
            ParametersCodec.Require(end == digit.End.Value, "The end of a digit", end, $"{digit.End.Value}, where these parameters cut level {layout.Level}");
        }
    }

    private static long BodyByteCount(KeySwitchLayout layout) =>
        SeededStream.SeedByteCount + (layout.Digits.Count * (sizeof(ushort) + ResiduePacker.PolynomialByteCount(layout.Basis)));

    private KeySwitchingKey ReadPolynomials(BinarySource source, KeySwitchLayout layout, byte[] seed, BinaryHeader header)
    {
        SwitchingMatrix matrix = _backend.CreateSwitchingMatrix(_parameters.BasisAt(layout.Level), layout.BasisP, layout.Digits.Count);
        try
        {
            using (RnsPolynomial b = new(_backend, layout.Basis, Domain.Evaluation))
            {
                for (int d = 0; d < layout.Digits.Count; d++)
                {
                    source.ReadResidues(b.Block);
                    matrix.Write(0, d, b.Block);
                }
            }

            source.EndRecord();
            RlweSampler sampler = new(_backend);
            for (int d = 0; d < layout.Digits.Count; d++)
            {
                using RnsPolynomial a = sampler.Uniform(layout.Basis, seed, d);
                matrix.Write(1, d, a.Block);
            }

            return new(matrix, seed, layout, _parameters, header.KeyId);
        }
        catch
        {
            matrix.Dispose();
            throw;
        }
    }

    private BinaryHeader Header(KeySwitchingKey key, uint automorphism)
    {
        ArgumentNullException.ThrowIfNull(key);
        CkksCodecs.RequireOwn(key.Parameters, _parameters);
        byte[] bytes = new byte[BinaryHeader.FieldByteCount];
        FieldWriter fields = new(bytes);
        fields.UInt32(automorphism);
        fields.UInt16(key.Layout.Level);
        fields.UInt16(key.Layout.Digits.Count);
        fields.UInt16(key.Layout.BasisP.Count);
        return new(RecordKind.KeySwitchingKey, BodyByteCount(key.Layout), _parameters.Id, key.KeyId) { Fields = bytes };
    }
}
