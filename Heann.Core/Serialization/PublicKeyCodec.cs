using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Rings;
using Heann.Core.Sampling;

namespace Heann.Core.Serialization;

/// <summary>Public keys ⇄ bytes: b packed, a as the seed it is expanded from.</summary>
/// <remarks>Body: the seed (32 bytes), b modulo q_0 … q_L, p_0. Thread-safe.</remarks>
public sealed class PublicKeyCodec : BinaryCodec<PublicKey>
{
    private readonly CkksParameters _parameters;
    private readonly RingBackend _backend;

    /// <summary>Makes a codec for keys of these parameters, held by this backend.</summary>
    public PublicKeyCodec(CkksParameters parameters, RingBackend backend)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(backend);
        (_parameters, _backend) = (parameters, backend);
    }

    private RnsBasis Basis => _parameters.BasisQP.Take(_parameters.MaxLevel + 2);

    private long BodyByteCount => SeededStream.SeedByteCount + ResiduePacker.PolynomialByteCount(Basis);

    /// <inheritdoc/>
    public override long Measure(PublicKey value) => Header(value).RecordByteCount;

    /// <inheritdoc/>
    protected internal override void WriteRecords(PublicKey value, BinarySink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        sink.BeginRecord(Header(value));
        sink.Write(value.Seed);
        sink.WriteResidues(value.B.Block);
        sink.EndRecord();
    }

    /// <inheritdoc/>
    protected internal override PublicKey ReadRecords(BinarySource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        BinaryHeader header = source.BeginRecord(RecordKind.PublicKey, _parameters);
        new FieldReader(header.Fields.Span).RequireZeroRest();
        source.RequireBody(BodyByteCount);
        byte[] seed = new byte[SeededStream.SeedByteCount];
        source.Read(seed);
        RnsPolynomial b = new(_backend, Basis, Domain.Evaluation);
        try
        {
            source.ReadResidues(b.Block);
            source.EndRecord();
            return new(b, new RlweSampler(_backend).Uniform(Basis, seed, 0), seed, _parameters, header.KeyId);
        }
        catch
        {
            b.Dispose();
            throw;
        }
    }

    private BinaryHeader Header(PublicKey value)
    {
        ArgumentNullException.ThrowIfNull(value);
        CkksCodecs.RequireOwn(value.Parameters, _parameters);
        return new(RecordKind.PublicKey, BodyByteCount, _parameters.Id, value.KeyId);
    }
}
