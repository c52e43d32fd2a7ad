using System.Numerics;
using Heann.Core.Ciphertexts;
using Heann.Core.Noise;
using Heann.Core.Parameters;
using Heann.Core.Rings;

namespace Heann.Core.Serialization;

/// <summary>Plaintexts ⇄ bytes, compact ones as they are.</summary>
/// <remarks>
/// Fields: level (2 bytes), log2 of the number M of values stored per prime (1), form (1: 1 is Evaluation), scale (8), noise σ (8),
/// magnitude
/// (8). Body: M residues modulo each of q_0 … q_ℓ. <b>Security:</b> a plaintext is not encrypted. Thread-safe.
/// </remarks>
public sealed class PlaintextCodec : BinaryCodec<Plaintext>
{
    internal const byte EvaluationForm = 1;
    private readonly CkksParameters _parameters;
    private readonly RingBackend _backend;

    /// <summary>Makes a codec for plaintexts of these parameters, held by this backend.</summary>
    public PlaintextCodec(CkksParameters parameters, RingBackend backend)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(backend);
        (_parameters, _backend) = (parameters, backend);
    }

    /// <inheritdoc/>
    public override long Measure(Plaintext value) => Header(value).RecordByteCount;

    /// <inheritdoc/>
    protected internal override void WriteRecords(Plaintext value, BinarySink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        sink.BeginRecord(Header(value));
        sink.WriteResidues(value.Polynomial.Block);
        sink.EndRecord();
    }

    /// <inheritdoc/>
    protected internal override Plaintext ReadRecords(BinarySource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        BinaryHeader header = source.BeginRecord(RecordKind.Plaintext, _parameters);
        FieldReader fields = new(header.Fields.Span);
        (int level, int logDegree, byte form) = (fields.UInt16(), fields.Byte(), fields.Byte());
        (Scale scale, NoiseEstimate noise) = ReadAccuracy(ref fields);
        fields.RequireZeroRest();
        ParametersCodec.Require(header.KeyId == default, "The key id of a plaintext", header.KeyId, "0");
        RequireLevel(level, form, _parameters);
        ParametersCodec.Require(logDegree <= _parameters.LogN, "log2 of the number of values", logDegree, $"at most {_parameters.LogN}");
        RnsBasis basis = _parameters.BasisAt(level).Subring(1 << logDegree);
        source.RequireBody(ResiduePacker.PolynomialByteCount(basis));
        RnsPolynomial polynomial = new(_backend, basis, Domain.Evaluation);
        try
        {
            source.ReadResidues(polynomial.Block);
            source.EndRecord();
            return new(polynomial, _parameters, scale, noise);
        }
        catch
        {
            polynomial.Dispose();
            throw;
        }
    }

    internal static void WriteAccuracy(ref FieldWriter fields, Scale scale, NoiseEstimate noise)
    {
        fields.Double(scale.Value);
        fields.Double(noise.Sigma);
        fields.Double(noise.Magnitude);
    }

    internal static (Scale Scale, NoiseEstimate Noise) ReadAccuracy(ref FieldReader fields)
    {
        Scale scale = ParametersCodec.ReadScale(fields.Double());
        NoiseEstimate noise = new(fields.Double(), fields.Double());

        // Estimates of circuits that overflow are infinite; none is negative or no number.
        ParametersCodec.Require(noise.Sigma >= 0, "The predicted error", noise.Sigma, "0 or more");
        ParametersCodec.Require(noise.Magnitude >= 0, "The declared magnitude", noise.Magnitude, "0 or more");
        return (scale, noise);
    }

    internal static void RequireLevel(int level, byte form, CkksParameters parameters)
    {
        ParametersCodec.Require(level <= parameters.MaxLevel, "The level", level, $"0 to {parameters.MaxLevel}, the levels of these parameters");
        ParametersCodec.Require(form == EvaluationForm, "The form of the residues", form, $"{EvaluationForm}, Evaluation");
    }

    private BinaryHeader Header(Plaintext value)
    {
        ArgumentNullException.ThrowIfNull(value);
        CkksCodecs.RequireOwn(value.Parameters, _parameters);
        byte[] bytes = new byte[BinaryHeader.FieldByteCount];
        FieldWriter fields = new(bytes);
        fields.UInt16(value.Level);
        fields.Byte((byte)BitOperations.Log2((uint)value.CompactDegree));
        fields.Byte(EvaluationForm);
        WriteAccuracy(ref fields, value.Scale, value.Noise);
        return new(RecordKind.Plaintext, ResiduePacker.PolynomialByteCount(value.Polynomial.Basis), _parameters.Id) { Fields = bytes };
    }
}
