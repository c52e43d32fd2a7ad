using Heann.Core.Keys;
using Heann.Core.Serialization;

namespace Heann.Core.Tests.Serialization;

/// <summary>A file is there whole or not at all, and a secret one is its owner's.</summary>
public sealed class FileTests(RecordSamples samples) : IClassFixture<RecordSamples>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("heann-files-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Files_HoldWhatToBytesGives()
    {
        EvaluationKeysCodec codec = samples.Context.Codecs.EvaluationKeys;
        codec.WriteFile(samples.Keys, Name("keys"));
        Assert.Equal(samples["evaluation keys"].Bytes, File.ReadAllBytes(Name("keys")));
        using EvaluationKeys read = codec.ReadFile(Name("keys"));
        Assert.Equal(samples.Keys.Count, read.Count);
        Assert.Equal(["keys"], Names());
        File.AppendAllText(Name("keys"), "!");
        Assert.Contains(
            "1 bytes follow", Assert.Throws<InvalidDataException>(() => codec.ReadFile(Name("keys"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SecretKeyFile_IsItsOwnersAlone()
    {
        samples.Context.Codecs.SecretKey.WriteFile(samples.Secret, Name("secret.key"));
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Files have no modes here.");
        }
        else
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Name("secret.key")));
        }
    }

    [Fact]
    public void ExistingFile_IsReplacedOnlyOnRequest()
    {
        File.WriteAllText(Name("secret.key"), "precious");
        IOException e = Assert.Throws<IOException>(() => samples.Context.Codecs.SecretKey.WriteFile(samples.Secret, Name("secret.key")));
        Assert.Contains("already a file", e.Message, StringComparison.Ordinal);
        Assert.Equal("precious", File.ReadAllText(Name("secret.key")));
        Assert.Equal(["secret.key"], Names());
        samples.Context.Codecs.SecretKey.WriteFile(samples.Secret, Name("secret.key"), overwrite: true);
        Assert.Equal(samples["secret key"].Bytes, File.ReadAllBytes(Name("secret.key")));
    }

    // Somebody else makes the file while this one is being written.
    [Fact]
    public void FileThatAppearsMeanwhile_IsNotReplaced()
    {
        Assert.Throws<IOException>(
            () => AtomicFile.Write(Name("x"), overwrite: false, isSecret: false, _ => File.WriteAllText(Name("x"), "theirs")));
        Assert.Equal("theirs", File.ReadAllText(Name("x")));
        Assert.Equal(["x"], Names());
    }

    [Fact]
    public void WritingThatFails_LeavesNothingAndHarmsNothing()
    {
        File.WriteAllText(Name("old"), "precious");
        foreach (string name in (string[])["new", "old"])
        {
            Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(Name(name), overwrite: true, isSecret: false, stream =>
            {
                stream.Write(new byte[100_000]);
                throw new InvalidOperationException();
            }));
        }

        Assert.Equal(["old"], Names());
        Assert.Equal("precious", File.ReadAllText(Name("old")));
    }

    // At every point where writing looks whether to stop.
    [Fact]
    public void CancelledWriting_LeavesNothing()
    {
        int points = 0;
        for (bool isDone = false; !isDone; points++)
        {
            using CancellationTokenSource cancellation = new();
            int seen = 0;
            CancelAt progress = new(() =>
            {
                if (seen++ == points)
                {
                    cancellation.Cancel();
                }
            });
            try
            {
                samples.Context.Codecs.EvaluationKeys.WriteFile(
                    samples.Keys, Name("keys"), progress: progress, cancellation: cancellation.Token);
                isDone = true;
            }
            catch (OperationCanceledException)
            {
                Assert.Empty(Names());
            }
        }

        Assert.True(points > 5);
        Assert.Equal(["keys"], Names());
    }

    [Fact]
    public void Progress_RisesToOne()
    {
        List<double> values = [];
        samples.Context.Codecs.EvaluationKeys.WriteFile(samples.Keys, Name("keys"), progress: new Recorder(values));
        AssertRises(values);
        values.Clear();
        samples.Context.Codecs.EvaluationKeys.ReadFile(Name("keys"), new Recorder(values)).Dispose();
        AssertRises(values);
        values.Clear();
        samples.Context.Codecs.EvaluationKeys.Read(new TricklingStream(samples["evaluation keys"].Bytes), new Recorder(values)).Dispose();
        AssertRises(values);
    }

    [Fact]
    public void CancelledReading_StopsAndGivesBack()
    {
        using CancellationTokenSource cancellation = new();
        CancelAt progress = new(cancellation.Cancel);
        Assert.Throws<OperationCanceledException>(() => samples.Context.Codecs.EvaluationKeys.Read(
            new TricklingStream(samples["evaluation keys"].Bytes), progress, cancellation.Token));
    }

    private static void AssertRises(List<double> values)
    {
        Assert.True(values.Count > 5);
        Assert.Equal(values.Order(), values);
        Assert.Equal(values.Distinct(), values);
        Assert.Equal(1, values[^1]);
    }

    private string Name(string name) => Path.Combine(_folder, name);

    private string[] Names() => [.. Directory.EnumerateFileSystemEntries(_folder).Select(path => Path.GetFileName(path)!).Order()];

    private sealed class Recorder(List<double> values) : IProgress<double>
    {
        public void Report(double value) => values.Add(value);
    }

    private sealed class CancelAt(Action report) : IProgress<double>
    {
        public void Report(double value) => report();
    }
}
