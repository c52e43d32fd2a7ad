using System.Text.Json;

namespace Hnn.Model.Tests.Cli;

/// <summary>keygen, encrypt, infer and decrypt in processes of their own, which share nothing but files; and what each of them
/// refuses.</summary>
public sealed class FourProcessesTests(FourProcessesTests.Scene scene) : IClassFixture<FourProcessesTests.Scene>
{
    [Fact]
    public void FourProcesses_ClassifyAsOne()
    {
        Assert.Equal(
            "model, modelId, buckets, release, keyId, parameters, secretKey, evaluationKeys, secretKeyBytes, keyBytes, keygenMs, peakBytes",
            CliRun.FieldNames(scene.Keygen));
        Assert.Equal("tokens, bucket, model, modelId, keyId, encryptMs, totalMs, requestBytes, peakBytes, truncated", CliRun.FieldNames(scene.Encrypt));
        Assert.Equal(
            "bucket, release, model, modelId, keyId, parameters, backend, keyCount, keyReads, keyMemoryBytes, loadMs, evaluateMs, totalMs, requestBytes, responseBytes, peakBytes",
            CliRun.FieldNames(scene.Infer));
        Assert.Equal(
            "bucket, label, release, softArgmax, probabilities, securityBits, logN, logQ, logQP, levels, decryptMs, totalMs, responseBytes, peakBytes, inRange, model, keyId",
            CliRun.FieldNames(scene.Decrypt));
        string keyId = scene.Keygen.GetProperty("keyId").GetString()!;
        Assert.All((JsonElement[])[scene.Encrypt, scene.Infer, scene.Decrypt], result => Assert.Equal(keyId, result.GetProperty("keyId").GetString()));
        Assert.Equal(scene.Classify.GetProperty("label").GetString(), scene.Decrypt.GetProperty("label").GetString());
        Assert.Equal(scene.Classify.GetProperty("plainSoftArgmax").GetDouble(), scene.Decrypt.GetProperty("softArgmax").GetDouble(), 2e-3);
        Assert.True(scene.Decrypt.GetProperty("securityBits").GetInt32() >= 128);
        Assert.Equal(new FileInfo(scene.Request).Length, scene.Encrypt.GetProperty("requestBytes").GetInt64());
        Assert.Equal(new FileInfo(scene.Response).Length, scene.Infer.GetProperty("responseBytes").GetInt64());
        Assert.All((JsonElement[])[scene.Infer, scene.Classify], result =>
            Assert.StartsWith("SIMD ", result.GetProperty("backend").GetString(), StringComparison.Ordinal));
    }

    [Fact]
    public void SecretKey_IsItsOwnersAlone()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Files have no modes here.");
        }
        else
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(scene.Keys, "secret.key")));
        }
    }

    [Fact]
    public async Task Infer_WithLittleMemoryForKeysWritesTheSameResponse()
    {
        string response = Path.Combine(scene.Folder, "little.bin");
        string[] infer = ["infer", scene.Request, "--model", scene.Model.Folder, "--evaluation-keys", scene.EvaluationKeys, "--out", response];
        CliRun run = await CliRun.RunAsync([.. infer, "--key-memory", "0.02", "--json"]);
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(await File.ReadAllBytesAsync(scene.Response), await File.ReadAllBytesAsync(response));
        Assert.Equal(CliRun.FieldNames(scene.Infer), CliRun.FieldNames(run.Json));
        long Number(JsonElement json, string name) => json.GetProperty(name).GetInt64();
        Assert.Equal(Number(scene.Infer, "keyCount"), Number(run.Json, "keyCount"));
        Assert.Equal(Number(scene.Infer, "keyCount"), Number(scene.Infer, "keyReads"));
        Assert.True(Number(run.Json, "keyReads") > Number(run.Json, "keyCount"));
        Assert.InRange(Number(run.Json, "keyMemoryBytes"), 1, Number(scene.Infer, "keyMemoryBytes") / 2);
        Assert.DoesNotContain("load keys", run.Error, StringComparison.Ordinal);
        CliRun text = await CliRun.RunAsync([.. infer, "--key-memory", "1000"]);
        Assert.Contains($"{Number(run.Json, "keyCount")} loaded, by {Number(run.Json, "keyCount")} reads", text.Out, StringComparison.Ordinal);
    }

    // The whole evaluation, on whatever OpenCL there is: a processor's will do.
    [Fact]
    [Trait("Category", "Slow")]
    public async Task Infer_OnOpenClWritesTheSameResponse()
    {
        string name = DevicesCommandTests.RequireOpenCl();
        string response = Path.Combine(scene.Folder, "opencl.bin");
        CliRun run = await CliRun.RunAsync(
            "infer", scene.Request, "--model", scene.Model.Folder, "--evaluation-keys", scene.EvaluationKeys, "--out", response,
            "--backend", "opencl", "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(name, run.Json.GetProperty("backend").GetString());
        Assert.Equal(CliRun.FieldNames(scene.Infer), CliRun.FieldNames(run.Json));
        Assert.Equal(await File.ReadAllBytesAsync(scene.Response), await File.ReadAllBytesAsync(response));
    }

    [Fact]
    public async Task ClassifyAndEvaluate_WithKeysOnDiskLeaveNothingThere()
    {
        using TemporaryFolder disk = new();
        string[] little = ["--model", scene.Model.Folder, "--key-memory", "0.001", "--disk", disk.FullPath, "--json"];
        CliRun classify = await CliRun.RunAsync(["classify", "good film", .. little]);
        Assert.Equal(0, classify.ExitCode);
        Assert.Equal(CliRun.FieldNames(scene.Classify), CliRun.FieldNames(classify.Json));
        Assert.Equal(scene.Classify.GetProperty("label").GetString(), classify.Json.GetProperty("label").GetString());
        Assert.InRange(classify.Json.GetProperty("twinError").GetDouble(), 0, 1e-4);
        string data = Path.Combine(scene.Folder, "data.tsv");
        await File.WriteAllTextAsync(data, "sentence\tlabel\ngood film\t1\n");
        CliRun evaluate = await CliRun.RunAsync(["evaluate", "--data", data, "--trace", "1", .. little]);
        Assert.Equal(0, evaluate.ExitCode);
        Assert.InRange(evaluate.Json.GetProperty("maxTwinError").GetDouble(), 0, 1e-4);
        Assert.NotEmpty(evaluate.Json.GetProperty("layers").EnumerateArray());
        Assert.Contains($"keys wait on disk in '{disk.FullPath}', 1.0 MB of them in memory", evaluate.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(disk.FullPath));
        little = [.. little[..^2], disk["missing"]];
        (await CliRun.RunAsync(["classify", "good film", .. little])).AssertRefusedLast(disk["missing"]);
        (await CliRun.RunAsync(["evaluate", "--data", data, .. little, "--json"])).AssertRefusedLast(disk["missing"]);
    }

    [Theory]
    [InlineData("secret.key", "secret key of a client")]
    [InlineData("evaluation.keys", "evaluation keys of a client")]
    [InlineData("../request.bin", "inference request")]
    [InlineData("../response.bin", "inference response")]
    public async Task Inspect_NamesEveryFile(string file, string kind)
    {
        CliRun run = await CliRun.RunAsync("inspect", Path.Combine(scene.Keys, file), "--json");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(
            "kind, formatVersion, bytes, model, modelId, bucket, release, keyId, parametersId, parameters, records", CliRun.FieldNames(run.Json));
        Assert.Equal(kind, run.Json.GetProperty("kind").GetString());
        Assert.Equal(scene.Keygen.GetProperty("keyId").GetString(), run.Json.GetProperty("keyId").GetString());
        Assert.Equal(scene.Keygen.GetProperty("modelId").GetString(), run.Json.GetProperty("modelId").GetString());
        Assert.True(run.Json.GetProperty("parameters").GetProperty("securityBits").GetInt32() >= 128);
        CliRun text = await CliRun.RunAsync("inspect", Path.Combine(scene.Keys, file));
        Assert.Contains(kind, text.Out, StringComparison.Ordinal);
        Assert.Contains("128-bit security", text.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keygen_NeverReplacesKeys()
    {
        byte[] before = await File.ReadAllBytesAsync(Path.Combine(scene.Keys, "secret.key"));
        (await CliRun.RunAsync("keygen", "--model", scene.Model.Folder, "--out", scene.Keys)).AssertRefused("already a file");
        Assert.Equal(before, await File.ReadAllBytesAsync(Path.Combine(scene.Keys, "secret.key")));
    }

    [Fact]
    public async Task KeysOfAnotherModel_AreRefusedByBothNames()
    {
        using TinyModel other = new(biasGap: 2);
        string mine = scene.Keygen.GetProperty("modelId").GetString()![..12];
        string output = Path.Combine(scene.Folder, "none.bin");
        CliRun encrypt = await CliRun.RunAsync("encrypt", "good film", "--keys", scene.Keys, "--model", other.Folder, "--out", output);
        encrypt.AssertRefused(mine);
        Assert.Contains(Path.GetFileName(other.Folder), encrypt.Error, StringComparison.Ordinal);
        CliRun infer = await CliRun.RunAsync(
            "infer", scene.Request, "--model", other.Folder, "--evaluation-keys", scene.EvaluationKeys, "--out", output);
        infer.AssertRefused(mine);
        Assert.Contains(Path.GetFileName(other.Folder), infer.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(output));
    }

    [Theory]
    [InlineData("decrypt", "request.bin", "inference request")]
    [InlineData("decrypt", "keys/secret.key", "secret key of a client")]
    [InlineData("decrypt", "nowhere.bin", "nowhere.bin")]
    [InlineData("infer", "response.bin", "inference response")]
    [InlineData("inspect", "nowhere.bin", "nowhere.bin")]
    public async Task WrongFile_IsNamed(string command, string file, string part)
    {
        string path = Path.Combine(scene.Folder, file);
        string[] rest = command switch
        {
            "decrypt" => ["--keys", scene.Keys],
            "infer" => ["--model", scene.Model.Folder, "--evaluation-keys", scene.EvaluationKeys, "--out", Path.Combine(scene.Folder, "none.bin")],
            _ => [],
        };
        (await CliRun.RunAsync([command, path, .. rest])).AssertRefused(part);
    }

    [Fact]
    public async Task DamagedFile_IsRefused()
    {
        byte[] bytes = await File.ReadAllBytesAsync(scene.Response);
        string damaged = Path.Combine(scene.Folder, "damaged.bin");
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(damaged, bytes);
        (await CliRun.RunAsync("decrypt", damaged, "--keys", scene.Keys)).AssertRefused("checksum");
        (await CliRun.RunAsync("inspect", damaged)).AssertRefused("checksum");
        await File.WriteAllBytesAsync(damaged, bytes[..^1000]);
        (await CliRun.RunAsync("decrypt", damaged, "--keys", scene.Keys)).AssertRefused("ends after");
        await File.WriteAllTextAsync(damaged, new string('x', 1000));
        (await CliRun.RunAsync("inspect", damaged)).AssertRefused("no Heann data");
    }

    [Theory]
    [InlineData("Required", "keygen")]
    [InlineData("Required", "encrypt", "good", "--out", "x")]
    [InlineData("Required", "encrypt", "good", "--keys", "x")]
    [InlineData("Required", "infer", "x", "--out", "y")]
    [InlineData("'RESPONSE' missing", "decrypt", "--keys", "x")]
    [InlineData("'FILE' missing", "inspect")]
    [InlineData("Unknown option '--fast'", "inspect", "x", "--fast")]
    [InlineData("nowhere", "decrypt", "x", "--keys", "nowhere")]
    public async Task BadCommandLine_IsRefusedInOneLine(string part, params string[] arguments) =>
        (await CliRun.RunAsync(arguments)).AssertRefused(part == "Required" ? "required" : part);

    /// <summary>The four commands, each in its process, on the tiny model.</summary>
    public sealed class Scene : IAsyncLifetime
    {
        internal TinyModel Model { get; } = new();

        internal string Folder { get; } = Directory.CreateTempSubdirectory("hnn-four-").FullName;

        internal string Keys => Path.Combine(Folder, "keys");

        internal string EvaluationKeys => Path.Combine(Keys, "evaluation.keys");

        internal string Request => Path.Combine(Folder, "request.bin");

        internal string Response => Path.Combine(Folder, "response.bin");

        internal JsonElement Keygen { get; private set; }

        internal JsonElement Encrypt { get; private set; }

        internal JsonElement Infer { get; private set; }

        internal JsonElement Decrypt { get; private set; }

        internal JsonElement Classify { get; private set; }

        public async ValueTask InitializeAsync()
        {
            string[] model = ["--model", Model.Folder];
            Keygen = await HnnProcess.ResultAsync(["keygen", .. model, "--out", Keys]);
            Encrypt = await HnnProcess.ResultAsync(["encrypt", "good film", "--keys", Keys, .. model, "--out", Request]);
            Infer = await HnnProcess.ResultAsync(["infer", Request, .. model, "--evaluation-keys", EvaluationKeys, "--out", Response]);
            Decrypt = await HnnProcess.ResultAsync("decrypt", Response, "--keys", Keys);
            Classify = await HnnProcess.ResultAsync(["classify", "good film", .. model]);
        }

        public ValueTask DisposeAsync()
        {
            Model.Dispose();
            Directory.Delete(Folder, recursive: true);
            return ValueTask.CompletedTask;
        }
    }
}
