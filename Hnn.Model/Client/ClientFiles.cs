using System.Diagnostics;
using Heann.Core.Parameters;
using Heann.Core.Rings;
using Hnn.Model.Approximations;
using Hnn.Model.Compilation;
using Hnn.Model.Files;
using Hnn.Model.Text;
using Hnn.Model.Weights;

namespace Hnn.Model.Client;

/// <summary>The client's work on files: a text in and a request out; a response in and a value out.</summary>
/// <remarks>Owns the keys it opened, borrows the backend. Not thread-safe.</remarks>
public sealed class ClientFiles : IDisposable
{
    private readonly RingBackend _backend;

    /// <summary>Takes keys; owned from now on.</summary>
    public ClientFiles(ClientKeys keys, RingBackend backend)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(backend);
        (Keys, _backend) = (keys, backend);
    }

    /// <summary>The keys.</summary>
    public ClientKeys Keys { get; }

    /// <summary>Opens the secret key of a folder.</summary>
    /// <exception cref="InvalidDataException">The file is no client's secret key, or of another version.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ClientFiles Open(KeyFolder folder, RingBackend backend)
    {
        ArgumentNullException.ThrowIfNull(folder);
        HnnFileKinds.Require(folder.SecretPath, HnnFileKinds.ClientKeys);
        return new(HnnFileKinds.Explain(folder.SecretPath, () => new ClientKeysCodec(backend).ReadFile(folder.SecretPath)), backend);
    }

    /// <summary>Requires a model to be the one that the keys were made for.</summary>
    /// <exception cref="InvalidDataException">It is another, or the same one under other parameters, as another version of the program
    /// chooses them.</exception>
    public void RequireModel(ModelDirectory model)
    {
        ArgumentNullException.ThrowIfNull(model);
        ModelIdentity.Of(model).RequireSame(Keys.Model.ModelId, $"The keys are for '{Keys.Model.Name}',");
        CkksParameters parameters = LevelPlan.ParametersFor(model.Config.WithRelease(Keys.Release));
        if (parameters.Id != Keys.Parameters.Id)
        {
            throw new InvalidDataException(
                $"The keys have parameters {Keys.Parameters.Id} and this version of the program takes {parameters.Id} for model {Keys.Model}; make new keys, or use the version that made these.");
        }
    }

    /// <summary>Embeds and encrypts a sentence and writes the request; an older one of that name is replaced.</summary>
    /// <param name="model">The model; see <see cref="RequireModel"/>.</param>
    /// <param name="tokens">The sentence.</param>
    /// <param name="path">The request's file.</param>
    /// <returns>The bucket, the file's bytes, and the time of embedding and encrypting.</returns>
    public (int Bucket, long ByteCount, TimeSpan Time) Encrypt(ModelDirectory model, TokenizedText tokens, string path)
    {
        RequireModel(model);
        return Encrypt(model.Config, model.LoadEmbeddings(), tokens, path);
    }

    /// <summary>Reads a response and decrypts it.</summary>
    /// <remarks><b>Security:</b> the value is for the key's owner; show others the label.</remarks>
    /// <param name="path">The response's file.</param>
    /// <returns>What was released, the bucket, the file's bytes, and the time of decrypting.</returns>
    /// <exception cref="InvalidDataException">It is no response, or one of another model, client or version.</exception>
    public (ReleasedValue Value, int Bucket, long ByteCount, TimeSpan Time) Decrypt(string path)
    {
        Release release = HnnFileKinds.RequireRelease(path, HnnFileKinds.Response);
        HnnFileKinds.Explain(path, () =>
        {
            Keys.RequireSame(release);
            return true;
        });
        using InferenceResponse response = HnnFileKinds.Explain(
            path, () => new InferenceResponseCodec(Keys.Parameters, _backend).ReadFile(path));
        Stopwatch watch = Stopwatch.StartNew();
        ReleasedValue value = HnnFileKinds.Explain(path, () => Keys.Decrypt(response, _backend));
        return (value, response.Bucket, new FileInfo(path).Length, watch.Elapsed);
    }

    /// <summary>Wipes the secret key.</summary>
    public void Dispose() => Keys.Dispose();

    // For tests: a model that is not on the disk.
    internal (int Bucket, long ByteCount, TimeSpan Time) Encrypt(
        HnnConfig config, EmbeddingWeights embeddings, TokenizedText tokens, string path)
    {
        int bucket = config.BucketFor(tokens.Ids.Count);
        using InferenceClient client = new(LevelPlan.Create(config.WithRelease(Keys.Release), bucket, Keys.Parameters), embeddings, Keys, _backend);
        Stopwatch watch = Stopwatch.StartNew();
        using InferenceRequest request = client.Encrypt(tokens);
        TimeSpan time = watch.Elapsed;
        new InferenceRequestCodec(Keys.Parameters, _backend).WriteFile(request, path, overwrite: true);
        return (bucket, new FileInfo(path).Length, time);
    }
}
