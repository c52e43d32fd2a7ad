using Heann.Core.Ciphertexts;
using Heann.Core.Parameters;
using Heann.Core.Rings;
using Heann.Core.Serialization;

namespace Hnn.Model.Files;

/// <summary>Responses ⇄ bytes: the head, the parameters, the encrypted values.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class InferenceResponseCodec : BinaryCodec<InferenceResponse>
{
    private readonly CkksParameters _parameters;
    private readonly CiphertextCodec _ciphertexts;

    /// <summary>Makes a codec for responses of these parameters, held by this backend.</summary>
    public InferenceResponseCodec(CkksParameters parameters, RingBackend backend)
    {
        _ciphertexts = new(parameters, backend);
        _parameters = parameters;
    }

    /// <inheritdoc/>
    public override long Measure(InferenceResponse value) => Head(value).ByteCount + _ciphertexts.Measure(value.Released);

    /// <inheritdoc/>
    protected override void WriteRecords(InferenceResponse value, BinarySink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        Head(value).Write(sink);
        sink.Write(_ciphertexts, value.Released);
    }

    /// <inheritdoc/>
    protected override InferenceResponse ReadRecords(BinarySource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        // The parameters in use are known; the file must have the same.
        FileHead head = FileHead.Read(source, HnnFileKinds.Response, _parameters, ParametersCodec.AllowInsecure);
        Ciphertext released = source.Read(_ciphertexts);
        try
        {
            head.RequireKey(released.KeyId);
            return new(head.ModelId, head.Bucket, head.Release, released);
        }
        catch
        {
            released.Dispose();
            throw;
        }
    }

    private FileHead Head(InferenceResponse value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new(HnnFileKinds.Response, value.ModelId, value.Bucket, value.Released.KeyId, _parameters, null) { Release = value.Release };
    }
}
