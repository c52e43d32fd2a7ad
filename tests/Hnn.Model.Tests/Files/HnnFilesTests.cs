using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Rings;
using Heann.Core.Serialization;
using Hnn.Model.Approximations;
using Hnn.Model.Client;
using Hnn.Model.Compilation;
using Hnn.Model.Files;
using Hnn.Model.Server;
using Hnn.Model.Tests.Server;

namespace Hnn.Model.Tests.Files;

/// <summary>Client and server that share nothing but files; what is refused of them.</summary>
public sealed class HnnFilesTests(TinyFiles files) : IClassFixture<TinyFiles>
{
    [Theory]
    [InlineData("alice", 2, 3, 1)]
    [InlineData("alice", 4, 5, 10, 0)]
    [InlineData("bob", 4, 5, 10, 0)]
    public void OneKeySet_ServesEveryBucket(string name, int bucket, params int[] ids)
    {
        string response = files.Path($"{name}.{bucket}.response");
        InferenceFileResult result = files.Server.Infer((files.Path($"{name}.{bucket}"), files.Folder(name).EvaluationPath, response));
        Assert.Equal(bucket, result.Bucket);
        Assert.Equal(TinyService.Plan(bucket).KeyCount, result.LoadedKeyCount);
        using ClientFiles client = files.Open(name);
        (ReleasedValue value, int answered, long byteCount, _) = client.Decrypt(response);
        Assert.Equal((bucket, new FileInfo(response).Length), (answered, byteCount));
        Assert.Equal(TinyService.Clear(bucket, ids).TwinSoftArgmax, value.Value, ErrorBudgets.Network);
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(4, 0)]
    [InlineData(4, 3)]
    [InlineData(4, 1000)]
    public void KeysOnDemand_GiveTheSameResponseToTheByte(int bucket, int keysInMemory)
    {
        (string, string, string) Paths(string name) => (files.Path($"alice.{bucket}"), files.Folder("alice").EvaluationPath, files.Path(name));
        InferenceFileResult loaded = files.Server.Infer(Paths("expected"));
        LevelPlan plan = TinyService.Plan(bucket);
        List<double> loading = [];
        InferenceFiles server = files.WithKeyMemory(keysInMemory * plan.KeyBytes / plan.KeyCount);
        InferenceFileResult result = server.Infer(Paths("actual"), new Recorder(loading));
        Assert.Equal(File.ReadAllBytes(files.Path("expected")), File.ReadAllBytes(files.Path("actual")));
        Assert.Equal((plan.KeyCount, plan.KeyCount), (loaded.LoadedKeyCount, loaded.KeyReadCount));
        Assert.Equal(loaded.LoadedKeyCount, result.LoadedKeyCount);
        Assert.True(keysInMemory < plan.KeyCount ? result.KeyReadCount > plan.KeyCount : result.KeyReadCount == plan.KeyCount, $"{result.KeyReadCount}");
        Assert.InRange(result.KeyMemoryBytes, 1, keysInMemory < plan.KeyCount ? loaded.KeyMemoryBytes - 1 : loaded.KeyMemoryBytes);
        Assert.Empty(loading);
    }

    [Fact]
    public void DamagedKeyOnDemand_IsNamedWithItsFileWhenItIsNeeded()
    {
        byte[] bytes = File.ReadAllBytes(files.Folder("alice").EvaluationPath);
        int relinearization = Enumerable.Range(0, 3).Aggregate(0, (at, _) => at + (int)BinaryHeader.Read(bytes.AsSpan(at)).RecordByteCount);
        bytes[relinearization + BinaryHeader.ByteCount + 500] ^= 1;
        File.WriteAllBytes(files.Path("damaged.keys"), bytes);
        InferenceFiles server = files.WithKeyMemory(long.MaxValue);
        string message = Refused(() => server.Infer((files.Path("alice.4"), files.Path("damaged.keys"), files.Path("none"))));
        AssertNames(message, files.Path("damaged.keys"), "relinearisation");
        AssertNames(message, "an operation needs it", "checksum of the body");
        Assert.False(File.Exists(files.Path("none")));
    }

    [Fact]
    public void KeyRequest_IsTheUnionOfTheBuckets()
    {
        KeyRequest union = KeyFolder.RequestFor(TinyService.Config, TinyFiles.Parameters);
        foreach (int bucket in TinyService.Config.Buckets)
        {
            KeyRequest one = TinyService.Plan(bucket).Keys;
            Assert.True(union.RelinearizationLevel >= one.RelinearizationLevel);
            Assert.All(one.Galois, pair => Assert.True(union.Galois[pair.Key] >= pair.Value));
        }
    }

    [Fact]
    public void Files_AreWrittenAgainToTheByte()
    {
        AssertSame(TinyFiles.Requests, files.Path("alice.4"));
        AssertSame(TinyFiles.Responses, files.Path("response"));
        AssertSame(new ClientKeysCodec(Backends.Shared, ParametersCodec.AllowInsecure), files.Folder("alice").SecretPath);

        static void AssertSame<T>(BinaryCodec<T> codec, string path)
            where T : class
        {
            T value = codec.ReadFile(path);
            Assert.Equal(File.ReadAllBytes(path).Length, codec.Measure(value));
            Assert.True(File.ReadAllBytes(path).AsSpan().SequenceEqual(codec.ToBytes(value)));
            ((IDisposable)value).Dispose();
        }
    }

    [Fact]
    public void SecretKey_IsItsOwnersAloneAndIsNotReplaced()
    {
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(files.Folder("alice").SecretPath));
        }

        byte[] before = File.ReadAllBytes(files.Folder("alice").SecretPath);
        IOException e = Assert.Throws<IOException>(() => Create(files.Folder("alice"), CancellationToken.None));
        Assert.Contains("already a file", e.Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(files.Folder("alice").SecretPath));
    }

    [Fact]
    public void InsecureKeys_AreNotOpenedByTheProgram() =>
        Assert.Contains("security", Refused(() => ClientFiles.Open(files.Folder("alice"), Backends.Shared)), StringComparison.Ordinal);

    // Wherever it is stopped: neither file, no temporary one.
    [Fact]
    public void InterruptedKeyGeneration_LeavesNothing()
    {
        KeyFolder folder = files.Folder("carol");
        foreach (double fraction in (double[])[0, 0.1, 0.5, 1])
        {
            using CancellationTokenSource cancellation = new();
            CancelAt progress = new(fraction, cancellation);
            Assert.Throws<OperationCanceledException>(() =>
                folder.Create(TinyFiles.Identity, TinyService.Config, (TinyFiles.Parameters, Backends.Shared), progress, cancellation.Token));
            Assert.Empty(Directory.EnumerateFileSystemEntries(folder.FullPath));
        }
    }

    [Fact]
    public void KeysOfAnotherClient_AreRefusedByBothNames()
    {
        using ClientFiles alice = files.Open("alice");
        using ClientFiles bob = files.Open("bob");
        string message = Refused(() => files.Server.Infer((files.Path("alice.4"), files.Folder("bob").EvaluationPath, files.Path("none"))));
        AssertNames(message, alice.Keys.Secret.Id, bob.Keys.Secret.Id);
        AssertNames(Refused(() => bob.Decrypt(files.Path("response"))), alice.Keys.Secret.Id, bob.Keys.Secret.Id);
        Assert.False(File.Exists(files.Path("none")));
    }

    [Fact]
    public void FilesOfAnotherModel_AreRefusedByBothNames()
    {
        string other = new('e', 64);
        using InferenceRequest request = TinyFiles.Requests.ReadFile(files.Path("alice.4"));
        using InferenceRequest foreign = request with { ModelId = other };
        TinyFiles.Requests.WriteFile(foreign, files.Path("foreign"), overwrite: true);
        AssertNames(Refused(() => files.Server.Infer((files.Path("foreign"), files.Folder("alice").EvaluationPath, files.Path("none")))), "eeeeeeeeeeee", "tiny");
        InferenceServer server = new(TinyService.Plan, TinyService.Weights, other, Backends.Shared);
        InferenceFiles otherServer = new(server, TinyFiles.Identity with { ModelId = other, Name = "other" }, Backends.Shared);
        AssertNames(Refused(() => otherServer.Infer((files.Path("foreign"), files.Folder("alice").EvaluationPath, files.Path("none")))), "7f1c0a5e7f1c", "other");
        using InferenceResponse response = TinyFiles.Responses.ReadFile(files.Path("response"));
        TinyFiles.Responses.WriteFile(response with { ModelId = other }, files.Path("foreign-response"), overwrite: true);
        using ClientFiles alice = files.Open("alice");
        AssertNames(Refused(() => alice.Decrypt(files.Path("foreign-response"))), "eeeeeeeeeeee", "tiny");
        Assert.False(File.Exists(files.Path("none")));
    }

    [Fact]
    public void RequestForABucketThatTheModelHasNot_IsRefused()
    {
        using InferenceRequest request = TinyFiles.Requests.ReadFile(files.Path("alice.4"));
        TinyFiles.Requests.WriteFile(request with { Bucket = 3 }, files.Path("three"), overwrite: true);
        AssertNames(Refused(() => files.Server.Infer((files.Path("three"), files.Folder("alice").EvaluationPath, files.Path("none")))), "3 tokens", "2, 4");
    }

    [Fact]
    public void OtherParameters_AreRefusedByBothNames()
    {
        CkksParameters other = InsecureSets.For(TinyService.Config, 11);
        string message = Refused(() => new InferenceRequestCodec(other, Backends.Shared).ReadFile(files.Path("alice.4")));
        AssertNames(message, other.Id, TinyFiles.Parameters.Id);
        AssertNames(Refused(() => ServerKeysFile.Open(files.Folder("alice").EvaluationPath, other, Backends.Shared)), other.Id, TinyFiles.Parameters.Id);
    }

    [Fact]
    public void FilesInTheWrongPlaces_AreNamed()
    {
        string keys = files.Folder("alice").EvaluationPath, request = files.Path("alice.4"), response = files.Path("response");
        AssertNames(
            Refused(() => files.Server.Infer((keys, request, files.Path("none")))), "evaluation keys of a client", "inference request");
        AssertNames(Refused(() => files.Server.Infer((request, response, files.Path("none")))), "inference response", "evaluation keys of a client");
        AssertNames(Refused(() => files.Server.Infer((request, files.Folder("alice").SecretPath, files.Path("none")))), "secret key of a client", "evaluation keys");
        using ClientFiles alice = files.Open("alice");
        AssertNames(Refused(() => alice.Decrypt(request)), "inference request", "inference response");
    }

    // Files put together of two: every record is right by itself.
    [Fact]
    public void MixedFiles_AreRefused()
    {
        byte[] alice = File.ReadAllBytes(files.Path("alice.4")), bob = File.ReadAllBytes(files.Path("bob.4"));
        int cut = alice.Length - Record(alice, 3);
        Refused(() => TinyFiles.Requests.Read([.. alice[..cut], .. bob[cut..]]));
        cut -= Record(alice, 2);
        Refused(() => TinyFiles.Requests.Read([.. alice[..cut], .. bob[cut..]]));
        Assert.Throws<InvalidDataException>(() => TinyFiles.Requests.Read([.. alice, 0]));
        byte[] keys = File.ReadAllBytes(files.Folder("alice").EvaluationPath);
        File.WriteAllBytes(files.Path("longer"), [.. keys, 0]);
        AssertNames(
            Refused(() => ServerKeysFile.Open(files.Path("longer"), TinyFiles.Parameters, Backends.Shared)), "1 bytes follow", "longer");
        File.WriteAllBytes(files.Path("shorter"), keys[..^1]);
        AssertNames(Refused(() => ServerKeysFile.Open(files.Path("shorter"), TinyFiles.Parameters, Backends.Shared)), "cut off", "shorter");
    }

    [Fact]
    public void EveryFlippedBitOfTheHeads_IsRefused()
    {
        foreach ((string path, Action<byte[]> read) in Readers())
        {
            byte[] bytes = File.ReadAllBytes(path);
            int head = Record(bytes, 0) + Record(bytes, 1) + BinaryHeader.ByteCount;
            for (int bit = 0; bit < 8 * head; bit++)
            {
                bytes[bit >> 3] ^= (byte)(1 << (bit & 7));
                Assert.Throws<InvalidDataException>(() => read(bytes));
                bytes[bit >> 3] ^= (byte)(1 << (bit & 7));
            }

            read(bytes);
        }
    }

    [Fact]
    public void EveryTruncationOfTheHeadsAndSomeOfTheRest_IsRefused()
    {
        foreach ((string path, Action<byte[]> read) in Readers())
        {
            byte[] bytes = File.ReadAllBytes(path);
            int head = Record(bytes, 0) + Record(bytes, 1) + BinaryHeader.ByteCount;
            IEnumerable<int> lengths = Enumerable.Range(0, head).Concat(Enumerable.Range(1, 40).Select(i => bytes.Length - (i * i * i))).Where(n => n >= 0);
            foreach (int length in lengths)
            {
                Assert.Throws<InvalidDataException>(() => read(bytes[..length]));
            }
        }
    }

    [Fact]
    public void Inspector_NamesEveryFileWithoutASecret()
    {
        FileReport request = FileInspector.Inspect(files.Path("alice.4"));
        Assert.Equal((HnnFileKinds.Request, TinyService.ModelId, 4), (request.Kind, request.ModelId, request.Bucket));
        Assert.Equal(TinyFiles.Parameters.Id, request.Parameters!.Id);
        Assert.Equal(request.ByteCount, request.Records.Sum(record => record.ByteCount));
        Assert.Equal([true, true], request.Records.Skip(2).Select(record => record.Summary.IsSeeded!.Value));
        FileReport keys = FileInspector.Inspect(files.Folder("alice").EvaluationPath);
        Assert.Equal(("tiny", null), (keys.Model!.Name, keys.Bucket));
        Assert.Equal(keys.Records.Count - 3, keys.Records[2].Summary.KeyCount);
        Assert.Equal(request.KeyId, keys.KeyId);
        Assert.Equal(request.KeyId, FileInspector.Inspect(files.Folder("alice").SecretPath).KeyId);
        Assert.Equal((2, 0), (FileInspector.Inspect(files.Path("response")).Records[^1].Summary.PartCount, FileInspector.Inspect(files.Path("response")).Records[^1].Summary.Level));
        Assert.Equal(RecordKind.Ciphertext, FileInspector.Inspect(Path.Combine(TestData.Root, "tests", "vectors", "format-v1", "seeded.heann")).Kind);
    }

    [Fact]
    public void Inspector_FindsDamage()
    {
        byte[] bytes = File.ReadAllBytes(files.Path("response"));
        foreach (int at in (int[])[0, 4, 100, 140, 200, 400, bytes.Length / 2, bytes.Length - 1])
        {
            byte[] damaged = [.. bytes];
            damaged[at] ^= 4;
            File.WriteAllBytes(files.Path("damaged"), damaged);
            Assert.Contains("damaged'", Refused(() => FileInspector.Inspect(files.Path("damaged"))), StringComparison.Ordinal);
            File.WriteAllBytes(files.Path("damaged"), bytes[..at]);
            Refused(() => FileInspector.Inspect(files.Path("damaged")));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("tiny")]
    [InlineData("7F1C0A5E7F1C0A5E7F1C0A5E7F1C0A5E7F1C0A5E7F1C0A5E7F1C0A5E7F1C0A5E")]
    public void ModelIdThatIsNone_IsNotWritten(string id)
    {
        using InferenceResponse response = TinyFiles.Responses.ReadFile(files.Path("response"));
        Assert.Throws<ArgumentException>(() => TinyFiles.Responses.ToBytes(response with { ModelId = id }));
    }

    private (string Path, Action<byte[]> Read)[] Readers() =>
    [
        (files.Path("alice.4"), bytes => TinyFiles.Requests.Read(bytes).Dispose()),
        (files.Path("response"), bytes => TinyFiles.Responses.Read(bytes).Dispose()),
        (files.Folder("alice").SecretPath, bytes => new ClientKeysCodec(Backends.Shared, ParametersCodec.AllowInsecure).Read(bytes).Dispose()),
    ];

    private static int Record(byte[] bytes, int index)
    {
        int offset = 0;
        for (int i = 0; i < index; i++)
        {
            offset += (int)BinaryHeader.Read(bytes.AsSpan(offset)).RecordByteCount;
        }

        return (int)BinaryHeader.Read(bytes.AsSpan(offset)).RecordByteCount;
    }

    private static string Refused(Action action) => Assert.Throws<InvalidDataException>(action).Message;

    private static string Refused<T>(Func<T> action) => Assert.Throws<InvalidDataException>(() => action()).Message;

    private static void AssertNames(string message, object first, object second)
    {
        Assert.Contains(first.ToString()!, message, StringComparison.Ordinal);
        Assert.Contains(second.ToString()!, message, StringComparison.Ordinal);
    }

    private static ClientKeys Create(KeyFolder folder, CancellationToken cancellation) =>
        folder.Create(TinyFiles.Identity, TinyService.Config, (TinyFiles.Parameters, Backends.Shared), null, cancellation);

    private sealed class Recorder(List<double> values) : IProgress<double>
    {
        public void Report(double value) => values.Add(value);
    }

    private sealed class CancelAt(double fraction, CancellationTokenSource cancellation) : IProgress<double>
    {
        public void Report(double value)
        {
            if (value >= fraction)
            {
                cancellation.Cancel();
            }
        }
    }
}
