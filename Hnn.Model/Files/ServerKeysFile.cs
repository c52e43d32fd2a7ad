using Heann.Core.Ciphertexts;
using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Rings;
using Heann.Core.Serialization;

namespace Hnn.Model.Files;

/// <summary>The evaluation keys of a client on a disk: the head with the model, the parameters, the keys. Loads those that a bucket
/// needs.</summary>
/// <remarks>Owns the file it opened. Not thread-safe.</remarks>
public sealed class ServerKeysFile : IDisposable
{
    private readonly FileStream _stream;

    private ServerKeysFile(FileStream stream, FileHead head, EvaluationKeysReader keys) =>
        (_stream, Model, Release, KeyId, Keys) = (stream, head.Model!, head.Release, head.KeyId, keys);

    /// <summary>The model that the keys are for.</summary>
    public ModelIdentity Model { get; }

    /// <summary>What the client is given with them.</summary>
    public Release Release { get; }

    /// <summary>The client.</summary>
    public KeyId KeyId { get; }

    /// <summary>The keys, not loaded yet.</summary>
    public EvaluationKeysReader Keys { get; }

    /// <summary>Bytes of the file.</summary>
    public long ByteCount => _stream.Length;

    /// <summary>Opens a file and reads all but the keys themselves.</summary>
    /// <param name="path">The file.</param>
    /// <param name="parameters">The parameters in use.</param>
    /// <param name="backend">What will hold the keys.</param>
    /// <exception cref="InvalidDataException">It is another file, one of other parameters, or one that was cut off or grew.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ServerKeysFile Open(string path, CkksParameters parameters, RingBackend backend)
    {
        HnnFileKinds.Require(path, HnnFileKinds.ServerKeys);
        FileStream stream = File.OpenRead(path);
        try
        {
            return HnnFileKinds.Explain(path, () => Open(stream, parameters, backend));
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Loads the keys of a plan.</summary>
    /// <inheritdoc cref="EvaluationKeysReader.Load(KeyRequest, IProgress{double}?, CancellationToken)"/>
    public EvaluationKeys Load(KeyRequest request, IProgress<double>? progress = null, CancellationToken cancellation = default) =>
        HnnFileKinds.Explain(_stream.Name, () => Keys.Load(request, progress, cancellation));

    /// <summary>The keys of a plan, each read when it is first needed: for keys that are larger than memory. They need the file
    /// open.</summary>
    /// <inheritdoc cref="EvaluationKeysReader.LoadOnDemand(KeyRequest, long, bool)"/>
    public EvaluationKeys LoadOnDemand(KeyRequest request, long memoryBytes) => Keys.LoadOnDemand(request, memoryBytes);

    /// <summary>Closes the file.</summary>
    public void Dispose() => _stream.Dispose();

    private static ServerKeysFile Open(FileStream stream, CkksParameters parameters, RingBackend backend)
    {
        using BinarySource source = new(stream);
        // The parameters in use are known; the file must have the same.
        FileHead head = FileHead.Read(source, HnnFileKinds.ServerKeys, parameters, ParametersCodec.AllowInsecure);
        long start = stream.Position;
        EvaluationKeysReader keys = new EvaluationKeysCodec(parameters, backend).OpenReader(stream);
        head.RequireKey(keys.KeyId);
        long end = start + (keys.Entries.Count == 0 ? stream.Position - start : keys.Entries[^1].Offset + keys.Entries[^1].ByteCount);
        return end == stream.Length
            ? new(stream, head, keys)
            : throw new InvalidDataException($"{stream.Length - end} bytes follow the last key, where none belong; fetch the file again.");
    }
}
