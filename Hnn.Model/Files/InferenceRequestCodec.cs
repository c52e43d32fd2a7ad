using Heann.Core.Ciphertexts;
using Heann.Core.Parameters;
using Heann.Core.Rings;
using Heann.Core.Serialization;

namespace Hnn.Model.Files;

/// <summary>Requests ⇄ bytes: the head, the parameters, the encrypted sentence, the encrypted mask.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class InferenceRequestCodec : BinaryCodec<InferenceRequest>
{
    private readonly CkksParameters _parameters;
    private readonly CiphertextCodec _ciphertexts;

    /// <summary>Makes a codec for requests of these parameters, held by this backend.</summary>
    public InferenceRequestCodec(CkksParameters parameters, RingBackend backend)
    {
        _ciphertexts = new(parameters, backend);
        _parameters = parameters;
    }

    /// <inheritdoc/>
    public override long Measure(InferenceRequest value) =>
        Head(value).ByteCount + _ciphertexts.Measure(value.Tokens) + _ciphertexts.Measure(value.Mask);

    /// <inheritdoc/>
    protected override void WriteRecords(InferenceRequest value, BinarySink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        Head(value).Write(sink);
        sink.Write(_ciphertexts, value.Tokens);
        sink.Write(_ciphertexts, value.Mask);
    }

    /// <inheritdoc/>
    protected override InferenceRequest ReadRecords(BinarySource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        // The parameters in use are known; the file must have the same.
        FileHead head = FileHead.Read(source, HnnFileKinds.Request, _parameters, ParametersCodec.AllowInsecure);
        Ciphertext tokens = source.Read(_ciphertexts);
        Ciphertext? mask = null;
        try
        {
            mask = source.Read(_ciphertexts);
            head.RequireKey(tokens.KeyId);
            head.RequireKey(mask.KeyId);
            return new(head.ModelId, head.Bucket, head.Release, tokens, mask);
        }
        catch
        {
            tokens.Dispose();
            mask?.Dispose();
            throw;
        }
    }

    private FileHead Head(InferenceRequest value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new(HnnFileKinds.Request, value.ModelId, value.Bucket, value.Tokens.KeyId, _parameters, null) { Release = value.Release };
    }
}
