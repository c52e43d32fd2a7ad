using Heann.Core.Keys;
using Heann.Core.Rings;
using Heann.Core.Serialization;
using Hnn.Model.Files;

namespace Hnn.Model.Client;

/// <summary>A client's keys ⇄ bytes: the head with the model, the parameters, the secret key. Not encrypted: see
/// <see cref="SecretKeyCodec"/>.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class ClientKeysCodec : BinaryCodec<ClientKeys>
{
    private readonly RingBackend _backend;
    private readonly ParametersCodec _parameters;

    /// <summary>Makes a codec for keys held by this backend.</summary>
    public ClientKeysCodec(RingBackend backend)
        : this(backend, ParametersCodec.Instance)
    {
    }

    // For tests: insecure parameters.
    internal ClientKeysCodec(RingBackend backend, ParametersCodec parameters)
    {
        ArgumentNullException.ThrowIfNull(backend);
        (_backend, _parameters) = (backend, parameters);
    }

    /// <inheritdoc/>
    protected override bool IsSecret => true;

    /// <inheritdoc/>
    public override long Measure(ClientKeys value) => Head(value).ByteCount + Secrets(value).Measure(value.Secret);

    /// <inheritdoc/>
    protected override void WriteRecords(ClientKeys value, BinarySink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        Head(value).Write(sink);
        sink.Write(Secrets(value), value.Secret);
    }

    /// <inheritdoc/>
    protected override ClientKeys ReadRecords(BinarySource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        FileHead head = FileHead.Read(source, HnnFileKinds.ClientKeys, null, _parameters);
        SecretKey secret = source.Read(new SecretKeyCodec(head.Parameters, _backend));
        try
        {
            head.RequireKey(secret.Id);
            return new(head.Model!, secret, head.Release);
        }
        catch
        {
            secret.Dispose();
            throw;
        }
    }

    private static FileHead Head(ClientKeys value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new(HnnFileKinds.ClientKeys, value.Model.ModelId, 0, value.Secret.Id, value.Parameters, value.Model) { Release = value.Release };
    }

    private SecretKeyCodec Secrets(ClientKeys value) => new(value.Parameters, _backend);
}
