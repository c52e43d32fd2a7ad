using Heann.Core.Ciphertexts;
using Heann.Core.Keys;
using Heann.Core.Noise;
using Heann.Core.Parameters;
using Heann.Core.Rings;
using Heann.Core.Sampling;

namespace Heann.Core.Serialization;

/// <summary>Ciphertexts ⇄ bytes; of a fresh encryption with the secret key, c_1 is the seed it is expanded from.</summary>
/// <remarks>
/// Flags: bit 0, seeded. Fields: level (2 bytes), number of parts (1: 2 or 3), form (1: 1 is Evaluation), scale (8), noise σ (8), magnitude
/// (8). Body: the parts modulo q_0 … q_ℓ, one after the other; of a seeded one the seed (32 bytes) and c_0. A ciphertext whose c_1 is zero
/// holds its message in the clear; it is neither written nor read. Thread-safe.
/// </remarks>
public sealed class CiphertextCodec : BinaryCodec<Ciphertext>
{
    private const ushort SeededFlag = 1;
    private const int MinPartCount = 2;
    private const int MaxPartCount = 3;
    private readonly CkksParameters _parameters;
    private readonly RingBackend _backend;

    /// <summary>Makes a codec for ciphertexts of these parameters, held by this backend.</summary>
    public CiphertextCodec(CkksParameters parameters, RingBackend backend)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(backend);
        (_parameters, _backend) = (parameters, backend);
    }

    /// <inheritdoc/>
    public override long Measure(Ciphertext value) => Header(value).RecordByteCount;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">c_1 is zero.</exception>
    protected internal override void WriteRecords(Ciphertext value, BinarySink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        BinaryHeader header = Header(value);
        if (value.Seed is null && IsZero(value.Part(1)))
        {
            throw new InvalidOperationException(
                "c_1 of this ciphertext is zero, as x − x makes it, so its bytes would hold the message in the clear; encrypt what is to be sent.");
        }

        sink.BeginRecord(header);
        if (value.Seed is { } seed)
        {
            sink.Write(seed);
        }

        for (int part = 0; part < (value.Seed is null ? value.PartCount : 1); part++)
        {
            sink.WriteResidues(value.Part(part));
        }

        sink.EndRecord();
    }

    /// <inheritdoc/>
    protected internal override Ciphertext ReadRecords(BinarySource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        BinaryHeader header = source.BeginRecord(RecordKind.Ciphertext, _parameters, SeededFlag);
        bool isSeeded = (header.Flags & SeededFlag) != 0;
        FieldReader fields = new(header.Fields.Span);
        (int level, int partCount, byte form) = (fields.UInt16(), fields.Byte(), fields.Byte());
        (Scale scale, NoiseEstimate noise) = PlaintextCodec.ReadAccuracy(ref fields);
        fields.RequireZeroRest();
        PlaintextCodec.RequireLevel(level, form, _parameters);
        ParametersCodec.Require(partCount is >= MinPartCount and <= MaxPartCount, "The number of parts", partCount, $"{MinPartCount} or {MaxPartCount}");
        ParametersCodec.Require(!isSeeded || partCount == MinPartCount, "The number of parts of a seeded ciphertext", partCount, $"{MinPartCount}");
        source.RequireBody(BodyByteCount(level, partCount, isSeeded));
        byte[] seed = new byte[SeededStream.SeedByteCount];
        if (isSeeded)
        {
            source.Read(seed);
        }

        Ciphertext result = new(_backend, _parameters, level, partCount);
        try
        {
            ReadParts(source, result, isSeeded ? seed : null);
        }
        catch
        {
            result.Dispose();
            throw;
        }

        (result.Scale, result.Noise, result.KeyId) = (scale, noise, header.KeyId);
        return result;
    }

    private static bool IsZero(LimbBlock part)
    {
        ulong[] residues = new ulong[part.RingDegree];
        for (int i = 0; i < part.LimbCount; i++)
        {
            part.Buffer.Backend.Download(new LimbBlock(part.Buffer, part.FirstLimb + i, part.Basis.Slice(i, 1)), residues);
            if (residues.AsSpan().ContainsAnyExcept(0UL))
            {
                return false;
            }
        }

        return true;
    }

    private void ReadParts(BinarySource source, Ciphertext result, byte[]? seed)
    {
        for (int part = 0; part < (seed is null ? result.PartCount : 1); part++)
        {
            bool isNonzero = source.ReadResidues(result.Part(part));
            ParametersCodec.Require(isNonzero || part != 1, "c_1 of the ciphertext", 0, "a polynomial that hides the message");
        }

        source.EndRecord();
        if (seed is not null)
        {
            using RnsPolynomial a = new RlweSampler(_backend).Uniform(_parameters.BasisAt(result.Level), seed, 0);
            _backend.Copy([a.Block], [result.Part(1)]);
            result.Seed = seed;
        }
    }

    private BinaryHeader Header(Ciphertext value)
    {
        ArgumentNullException.ThrowIfNull(value);
        CkksCodecs.RequireOwn(value.Parameters, _parameters);
        ObjectDisposedException.ThrowIf(value.PartCount == 0, value);
        byte[] bytes = new byte[BinaryHeader.FieldByteCount];
        FieldWriter fields = new(bytes);
        fields.UInt16(value.Level);
        fields.Byte((byte)value.PartCount);
        fields.Byte(PlaintextCodec.EvaluationForm);
        PlaintextCodec.WriteAccuracy(ref fields, value.Scale, value.Noise);
        long bodyByteCount = BodyByteCount(value.Level, value.PartCount, value.Seed is not null);
        return new(RecordKind.Ciphertext, bodyByteCount, _parameters.Id, value.KeyId)
        {
            Flags = value.Seed is null ? (ushort)0 : SeededFlag,
            Fields = bytes,
        };
    }

    private long BodyByteCount(int level, int partCount, bool isSeeded)
    {
        long part = ResiduePacker.PolynomialByteCount(_parameters.BasisAt(level));
        return isSeeded ? SeededStream.SeedByteCount + part : partCount * part;
    }
}
