using Heann.Core.Ciphertexts;
using Heann.Core.Parameters;
using Heann.Core.Serialization;

namespace Hnn.Model.Files;

/// <summary>What every file of hnn begins with: the model, the bucket, the key, what is released; then the parameters.</summary>
/// <param name="Kind">The file's kind.</param>
/// <param name="ModelId">SHA-256 of the model's files.</param>
/// <param name="Bucket">B of a request or response; 0 for keys.</param>
/// <param name="KeyId">The client's key set.</param>
/// <param name="Parameters">The parameters.</param>
/// <param name="Model">The model, for keys; null for requests and responses, which carry its id alone.</param>
internal sealed record FileHead(RecordKind Kind, string ModelId, int Bucket, KeyId KeyId, CkksParameters Parameters, ModelIdentity? Model)
{
    /// <summary>What is released; for keys what they are made for.</summary>
    public required Release Release { get; init; }

    /// <summary>Bytes of head and parameters.</summary>
    public long ByteCount => Header(Body()).RecordByteCount + ParametersCodec.Instance.Measure(Parameters);

    public void Write(BinarySink sink)
    {
        byte[] body = Body();
        sink.BeginRecord(Header(body));
        sink.Write(body);
        sink.EndRecord();
        sink.Write(ParametersCodec.Instance, Parameters);
    }

    /// <summary>Reads a head; of the parameters that are in use, where there are any.</summary>
    /// <param name="source">Where from.</param>
    /// <param name="kind">The kind expected.</param>
    /// <param name="known">The parameters in use; null to take what the file says.</param>
    /// <param name="codec">Whether insecure sets are read.</param>
    public static FileHead Read(BinarySource source, RecordKind kind, CkksParameters? known, ParametersCodec codec)
    {
        BinaryHeader header = source.BeginRecord(kind, known);
        (string modelId, int bucket, Release release) = ReadFields(header);
        bool isKeys = kind is HnnFileKinds.ClientKeys or HnnFileKinds.ServerKeys;
        if (header.BodyByteCount > (isKeys ? ModelIdentity.MaxByteCount : 0))
        {
            throw new InvalidDataException(
                $"The description of the model has {header.BodyByteCount} bytes; at most {(isKeys ? ModelIdentity.MaxByteCount : 0)} are allowed. The file was made by a faulty program.");
        }

        if (isKeys != (bucket == 0))
        {
            throw new InvalidDataException($"The bucket is {bucket}; keys have bucket 0, requests and responses another. The file was made by a faulty program.");
        }

        byte[] body = new byte[header.BodyByteCount];
        source.Read(body);
        source.EndRecord();
        ModelIdentity? model = isKeys ? ModelIdentity.Read(modelId, body) : null;
        if (model?.Labels.Count == 2 && release != Release.SoftArgmax)
        {
            throw new InvalidDataException("The keys are for probabilities of a model with 2 labels, which releases y alone. The file was made by a faulty program.");
        }

        CkksParameters parameters = source.Read(codec);
        if (parameters.Id != header.ParametersId)
        {
            throw new InvalidDataException(
                $"The file is of parameters {header.ParametersId} and holds those of {parameters.Id}; it was put together of two files: fetch or make it again.");
        }

        return new(kind, modelId, bucket, header.KeyId, known ?? parameters, model) { Release = release };
    }

    /// <summary>Model, bucket and what is released, of a header.</summary>
    public static (string ModelId, int Bucket, Release Release) ReadFields(BinaryHeader header)
    {
        FieldReader fields = new(header.Fields.Span);
        string modelId = Convert.ToHexStringLower(fields.Bytes(ModelIdentity.HashByteCount));
        int bucket = fields.UInt16();
        Release release = (Release)fields.UInt16();
        fields.RequireZeroRest();
        return Enum.IsDefined(release)
            ? (modelId, bucket, release)
            : throw new InvalidDataException(
                $"What is released is number {(int)release}; 0 and 1 are known. The file is of a newer version, or was made by a faulty program.");
    }

    /// <summary>Requires what follows the head to be of its key.</summary>
    /// <exception cref="InvalidDataException">It is of another.</exception>
    public void RequireKey(KeyId actual)
    {
        if (actual != KeyId)
        {
            throw new InvalidDataException($"The file is of client {KeyId} and holds data of client {actual}; it was put together of two files: fetch or make it again.");
        }
    }

    private byte[] Body() => Model?.ToBytes() ?? [];

    private BinaryHeader Header(byte[] body)
    {
        byte[] bytes = new byte[BinaryHeader.FieldByteCount];
        FieldWriter fields = new(bytes);
        fields.Bytes(ModelIdentity.HashOf(ModelId));
        fields.UInt16(Bucket);
        fields.UInt16((int)Release);
        return new(Kind, body.Length, Parameters.Id, KeyId) { Fields = bytes };
    }
}
