using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Serialization;
using Hnn.Model.Client;
using Hnn.Model.Files;
using Hnn.Model.Server;
using Hnn.Model.Tests.Server;

namespace Hnn.Model.Tests.Files;

/// <summary>The files of two clients of the tiny network, in a small insecure ring, made once for a test class.</summary>
public sealed class TinyFiles : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hnn-files-").FullName;

    public TinyFiles()
    {
        foreach (string name in (string[])["alice", "bob"])
        {
            Folder(name).Create(Identity, TinyService.Config, (Parameters, Backends.Shared), null, CancellationToken.None).Dispose();
            using ClientFiles client = Open(name);
            client.Encrypt(TinyService.Config, TinyService.Embeddings, TinyService.Text(3, 1), Path(name + ".2"));
            client.Encrypt(TinyService.Config, TinyService.Embeddings, TinyService.Text(5, 10, 0), Path(name + ".4"));
        }

        Server.Infer((Path("alice.4"), Folder("alice").EvaluationPath, Path("response")));
    }

    internal static ModelIdentity Identity { get; } = new(
        "tiny", TinyService.ModelId, TinyService.Config.Buckets, TinyService.Config.Labels);

    internal static CkksParameters Parameters { get; } = InsecureSets.For(TinyService.Config, 10);

    internal InferenceFiles Server { get; } = Serve(null);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>The same server with a bound of keys.</summary>
    internal InferenceFiles WithKeyMemory(long bytes) => Serve(bytes);

    internal string Path(string name) => System.IO.Path.Combine(_folder, name);

    internal KeyFolder Folder(string client) => new(Path(client));

    /// <summary>A client's keys, from its file.</summary>
    internal ClientFiles Open(string client) =>
        new(new ClientKeysCodec(Backends.Shared, ParametersCodec.AllowInsecure).ReadFile(Folder(client).SecretPath), Backends.Shared);

    private static InferenceFiles Serve(long? keyMemoryBytes) =>
        new(new InferenceServer(TinyService.Plan, TinyService.Weights, TinyService.ModelId, Backends.Shared), Identity, Backends.Shared)
        {
            KeyMemoryBytes = keyMemoryBytes,
        };

    internal static InferenceRequestCodec Requests => new(Parameters, Backends.Shared);

    internal static InferenceResponseCodec Responses => new(Parameters, Backends.Shared);
}
