using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Rings;
using Heann.Core.Serialization;
using Hnn.Model.Compilation;
using Hnn.Model.Files;
using Hnn.Model.Weights;

namespace Hnn.Model.Client;

/// <summary>A folder with a client's keys: secret.key, which stays, and evaluation.keys, which goes to the server.</summary>
public sealed class KeyFolder
{
    /// <summary>Name of the file with the secret key.</summary>
    public const string SecretFileName = "secret.key";

    /// <summary>Name of the file with the evaluation keys.</summary>
    public const string EvaluationFileName = "evaluation.keys";

    /// <summary>Names a folder; it need not exist.</summary>
    public KeyFolder(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        FullPath = Path.GetFullPath(path);
    }

    /// <summary>The folder.</summary>
    public string FullPath { get; }

    /// <summary>The file with the secret key: readable and writable by its owner alone, where files have modes.</summary>
    public string SecretPath => Path.Combine(FullPath, SecretFileName);

    /// <summary>The file with the evaluation keys.</summary>
    public string EvaluationPath => Path.Combine(FullPath, EvaluationFileName);

    /// <summary>The keys that all buckets of a model need together, each up to the highest level.</summary>
    public static KeyRequest RequestFor(HnnConfig config, CkksParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(config);
        KeyRequest request = new();
        foreach (int bucket in config.Buckets)
        {
            request.Add(LevelPlan.Create(config, bucket, parameters).Keys);
        }

        return request;
    }

    /// <summary>Makes a client's keys for every bucket of a model and writes them; the evaluation keys one at a time, so that memory
    /// holds one.</summary>
    /// <param name="model">The model.</param>
    /// <param name="backend">Where to compute.</param>
    /// <param name="release">What the client asks for; null for what the model says.</param>
    /// <param name="progress">Told the part done, 0 … 1.</param>
    /// <param name="cancellation">Stops within a limb; then neither file is there.</param>
    /// <returns>The keys, now on the disk.</returns>
    /// <exception cref="ArgumentException">The model has nothing of the kind to release.</exception>
    /// <exception cref="IOException">One of the files is there already, or the folder cannot be written.</exception>
    public ClientKeys Create(
        ModelDirectory model, RingBackend backend, Release? release = null, IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        HnnConfig config = model.Config.WithRelease(release);
        return Create(ModelIdentity.Of(model), config, (LevelPlan.ParametersFor(config), backend), progress, cancellation);
    }

    // For tests: insecure parameters.
    internal ClientKeys Create(
        ModelIdentity model,
        HnnConfig config,
        (CkksParameters Parameters, RingBackend Backend) ring,
        IProgress<double>? progress,
        CancellationToken cancellation)
    {
        foreach (string path in (string[])[SecretPath, EvaluationPath])
        {
            if (File.Exists(path))
            {
                throw new IOException($"There is already a file '{path}'; requests encrypted with its key need it, so choose another folder, or delete it first.");
            }
        }

        Directory.CreateDirectory(FullPath);
        KeyGenerator generator = new(ring.Parameters, ring.Backend);
        ClientKeys keys = new(model, generator.CreateSecretKey(), config.Release);
        try
        {
            Write(keys, generator, (RequestFor(config, ring.Parameters), ring.Backend), progress, cancellation);
            return keys;
        }
        catch
        {
            keys.Dispose();
            throw;
        }
    }

    // The secret is written when the evaluation keys are complete under their temporary name: the two get their names together.
    private void Write(
        ClientKeys keys,
        KeyGenerator generator,
        (KeyRequest Request, RingBackend Backend) what,
        IProgress<double>? progress,
        CancellationToken cancellation)
    {
        FileHead head = new(HnnFileKinds.ServerKeys, keys.Model.ModelId, 0, keys.Secret.Id, keys.Parameters, keys.Model)
        {
            Release = keys.Release,
        };
        EvaluationKeysCodec codec = new(keys.Parameters, what.Backend);
        bool isSecretWritten = false;
        try
        {
            AtomicFile.Write(EvaluationPath, overwrite: false, isSecret: false, stream =>
            {
                using BinarySink sink = new(stream, head.ByteCount + codec.Measure(what.Request), progress, cancellation);
                head.Write(sink);
                codec.WriteGenerated(generator, keys.Secret, what.Request, sink);
                new ClientKeysCodec(what.Backend).WriteFile(keys, SecretPath, overwrite: false, cancellation: cancellation);
                isSecretWritten = true;
            });
        }
        catch when (isSecretWritten)
        {
            File.Delete(SecretPath);
            throw;
        }
    }
}
