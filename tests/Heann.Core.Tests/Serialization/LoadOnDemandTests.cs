using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Rings;
using Heann.Core.Serialization;
using Heann.Core.Tests.Keys;

namespace Heann.Core.Tests.Serialization;

/// <summary>Sets that read their keys from a stream or a temporary file: what they tell, what goes wrong late, what is left
/// behind.</summary>
public sealed class LoadOnDemandTests(RecordSamples samples) : IClassFixture<RecordSamples>
{
    private EvaluationKeysCodec Codec => samples.Context.Codecs.EvaluationKeys;

    private byte[] Bytes => samples["evaluation keys"].Bytes;

    private KeyRequest All => KeysOnDemand.RequestOf(samples.Keys);

    [Fact]
    public void ASet_TellsWhatItHasWithoutReadingKeys()
    {
        using FragileStream stream = new(Bytes);
        using EvaluationKeys keys = Open(stream);
        long indexBytes = stream.ReadByteCount;
        Assert.Equal((samples.Keys.Count, samples.Secret.Id, samples.Parameters.Id), (keys.Count, keys.KeyId, keys.Parameters.Id));
        Assert.Equal(samples.Keys.GaloisElements.OrderBy(e => e.ToString()), keys.GaloisElements.OrderBy(e => e.ToString()));
        Assert.Equal((3, 3, 1, 0, null), Levels(keys));
        Assert.Equal((3, 3, 1, 0, null), Levels(samples.Keys));
        Assert.Equal(Codec.OpenReader(new MemoryStream(Bytes)).Entries.Sum(entry => entry.ByteCount), keys.SeededByteCount);
        Assert.Equal(Bytes.Length, Codec.Measure(keys));
        Assert.Equal((0L, 0L, 0L), (keys.ByteCount, keys.PeakByteCount, keys.ReadCount));
        Assert.Equal(indexBytes, stream.ReadByteCount);
        Assert.Equal((samples.Keys.ByteCount, 0L), (samples.Keys.PeakByteCount, samples.Keys.ReadCount));

        static (int?, int?, int?, int?, int?) Levels(EvaluationKeys keys) => (
            keys.RelinearizationLevel, keys.GaloisLevel(GaloisElement.Rotation(17)), keys.GaloisLevel(GaloisElement.Rotation(-1)),
            keys.GaloisLevel(GaloisElement.Conjugation), keys.GaloisLevel(GaloisElement.Rotation(2)));
    }

    [Fact]
    public void ARequest_IsCheckedAtOnceAndServedInPart()
    {
        using MemoryStream stream = new(Bytes);
        EvaluationKeysReader reader = Codec.OpenReader(stream);
        KeyRequest low = new();
        low.AddGalois(GaloisElement.Rotation(-1), 2);
        Assert.Contains("truncated to level 1", Assert.Throws<MissingKeyException>(() => reader.LoadOnDemand(low, 0)).Message, StringComparison.Ordinal);
        KeyRequest missing = new();
        missing.AddGalois(GaloisElement.Rotation(5), 0);
        Assert.Contains("rotation by 5", Assert.Throws<MissingKeyException>(() => reader.LoadOnDemand(missing, 0)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.LoadOnDemand(All, -1));
        Assert.Throws<ArgumentNullException>(() => reader.LoadOnDemand(null!, 0));
        KeyRequest one = new();
        one.AddGalois(GaloisElement.Rotation(-1), 1);
        one.AddGalois(GaloisElement.Rotation(15), 0);
        one.AddGalois(GaloisElement.Rotation(16), 3); // the identity needs no key
        using EvaluationKeys keys = reader.LoadOnDemand(one, 0);
        Assert.Equal((1, null), (keys.Count, keys.RelinearizationLevel));
        Assert.Null(keys.Relinearization);
        Assert.False(keys.TryGetGalois(GaloisElement.Rotation(1), out _));
        Assert.Equal(0, keys.ReadCount);
    }

    [Fact]
    public void Writing_ReadsOneKeyAfterTheOtherAndGivesTheSameBytes()
    {
        using MemoryStream stream = new(Bytes);
        using EvaluationKeys keys = Open(stream);
        Assert.Equal(Bytes, Codec.ToBytes(keys));
        Assert.Equal((4L, 0L), (keys.ReadCount, keys.ByteCount));
        Assert.Equal(samples.Keys.Relinearization!.ByteCount, keys.PeakByteCount);
    }

    [Fact]
    public void KeysThatWereHandedOut_StayTheirHoldersUntilTheSetIsDisposed()
    {
        using MemoryStream stream = new(Bytes);
        using EvaluationKeys keys = Open(stream);
        KeySwitchingKey relinearization = keys.Relinearization!;
        Assert.True(keys.TryGetGalois(GaloisElement.Rotation(1), out KeySwitchingKey? rotation));
        CkksEvaluator evaluator = samples.Context.CreateEvaluator(keys);
        using Ciphertext x = samples.Context.Encrypt(samples.Secret, [0.5, -0.25]);
        using Ciphertext low = evaluator.DropLevel(x, 0);
        evaluator.Conjugate(low).Dispose();
        evaluator.Rotate(low, -1).Dispose();
        Assert.Same(relinearization, keys.Relinearization);
        Assert.Equal(
            RoundTripTests.Residues(samples.Context.Backend, samples.Keys.Relinearization!),
            RoundTripTests.Residues(samples.Context.Backend, relinearization));
        Assert.Equal(relinearization.ByteCount + rotation.ByteCount, keys.ByteCount);
        Assert.Equal(4, keys.ReadCount);
    }

    [Fact]
    public void DamagedKey_IsNamedWhenItIsNeededAndTheOthersServe()
    {
        byte[] bytes = [.. Bytes];
        (int offset, _) = samples["evaluation keys"].Records().ElementAt(2); // rotation by 1
        bytes[offset + 200] ^= 1;
        using MemoryStream stream = new(bytes);
        using EvaluationKeys keys = Open(stream, long.MaxValue);
        CkksEvaluator evaluator = samples.Context.CreateEvaluator(keys);
        using Ciphertext x = samples.Context.Encrypt(samples.Secret, [0.5, -0.25]);
        byte[] before = samples.Context.Codecs.Ciphertext.ToBytes(x);
        foreach (Action run in (Action[])[
            () => evaluator.Rotate(x, 1), () => evaluator.RotateInto(x, 1, x),
            () => evaluator.RotateManyInto(x, [1, 0], [x, evaluator.Copy(x)]), () => evaluator.RotateSumInto(x, [0, 1], x)])
        {
            string message = Assert.Throws<InvalidDataException>(run).Message;
            Assert.Contains("rotation by 1", message, StringComparison.Ordinal);
            Assert.Contains("checksum of the body", message, StringComparison.Ordinal);
            Assert.Equal(before, samples.Context.Codecs.Ciphertext.ToBytes(x));
        }

        Assert.Equal(0, keys.ByteCount);
        using Ciphertext expected = samples.Evaluator.Multiply(x, x), actual = evaluator.Multiply(x, x);
        AssertSame(expected, actual);

        // The file is made good again: the set goes on.
        bytes[offset + 200] ^= 1;
        using Ciphertext rotated = evaluator.Rotate(x, 1), wanted = samples.Evaluator.Rotate(x, 1);
        AssertSame(wanted, rotated);
    }

    [Fact]
    public void DiskThatGoesAndComesBack_IsToldByTheOperation()
    {
        using FragileStream stream = new(Bytes);
        using EvaluationKeys keys = Open(stream);
        CkksEvaluator evaluator = samples.Context.CreateEvaluator(keys);
        using Ciphertext x = samples.Context.Encrypt(samples.Secret, [0.5, -0.25]);
        stream.IsGone = true;
        string message = Assert.Throws<IOException>(() => evaluator.Multiply(x, x)).Message;
        Assert.Contains("relinearisation", message, StringComparison.Ordinal);
        Assert.Contains("The disk is gone", message, StringComparison.Ordinal);
        stream.IsGone = false;
        using Ciphertext expected = samples.Evaluator.Multiply(x, x), actual = evaluator.Multiply(x, x);
        AssertSame(expected, actual);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void TheStream_IsClosedWithTheSetWhereItIsTheSets(bool leaveOpen)
    {
        using FragileStream stream = new(Bytes);
        EvaluationKeys keys = KeysOnDemand.Open(samples.Context, stream, All, 0, leaveOpen);
        keys.Dispose();
        Assert.Equal(!leaveOpen, stream.IsClosed);
        Assert.Throws<ObjectDisposedException>(() => keys.Relinearization);
    }

    [Fact]
    public void TwoSetsOnOneReader_DoNotMoveTheStreamUnderEachOther()
    {
        using MemoryStream stream = new(Bytes);
        EvaluationKeysReader reader = Codec.OpenReader(stream);
        using EvaluationKeys first = reader.LoadOnDemand(All, 0), second = reader.LoadOnDemand(All, 0);
        using Ciphertext x = samples.Context.Encrypt(samples.Secret, [0.5, -0.25]);
        using Ciphertext expected = samples.Evaluator.Multiply(x, x);
        byte[] bytes = samples.Context.Codecs.Ciphertext.ToBytes(expected);
        Parallel.For(0, 32, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
        {
            using Ciphertext actual = samples.Context.CreateEvaluator(i % 2 == 0 ? first : second).Multiply(x, x);
            Assert.Equal(bytes, samples.Context.Codecs.Ciphertext.ToBytes(actual));
        });
    }

    [Fact]
    public void KeysOnDisk_AreThoseOfTheRequestAndLeaveNothingBehind()
    {
        string folder = Directory.CreateTempSubdirectory("heann-keys-").FullName;
        try
        {
            List<double> progress = [];
            using (EvaluationKeys keys = Codec.CreateOnDisk(samples.Secret, All, new(0, folder), new Recorder(progress)))
            {
                if (!OperatingSystem.IsWindows())
                {
                    Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
                }

                Assert.Equal(1, progress[^1]);
                using EvaluationKeys copy = Codec.Read(Codec.ToBytes(keys));
                Assert.Equal(KeysOnDemand.RequestOf(copy).Galois, All.Galois);
                using Ciphertext x = samples.Context.Encrypt(samples.Secret, [0.5, -0.25]);
                foreach (Func<CkksEvaluator, Ciphertext> run in (Func<CkksEvaluator, Ciphertext>[])[
                    e => e.Multiply(x, x), e => e.RotateSum(x, [0, 1]), e => e.RotateMany(x, [1, 1])[1]])
                {
                    using Ciphertext expected = run(samples.Context.CreateEvaluator(copy));
                    using Ciphertext actual = run(samples.Context.CreateEvaluator(keys));
                    AssertSame(expected, actual);
                }
            }

            Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void KeysOnDisk_ThatCannotBeMadeLeaveNothingBehind()
    {
        string folder = Directory.CreateTempSubdirectory("heann-keys-").FullName;
        try
        {
            KeyMemory memory = new(0, folder);
            using CancellationTokenSource source = new();
            Assert.Throws<OperationCanceledException>(
                () => Codec.CreateOnDisk(samples.Secret, All, memory, new Canceller(source), source.Token));
            using CkksContext other = CkksContext.Create(Registry.Parameters("N6L7Dnum2"));
            using SecretKey foreign = other.KeyGenerator.CreateSecretKey();
            Assert.Throws<ForeignOperandException>(() => Codec.CreateOnDisk(foreign, All, memory));
            Assert.Throws<ArgumentNullException>(() => Codec.CreateOnDisk(null!, All, memory));
            Assert.Throws<ArgumentNullException>(() => Codec.CreateOnDisk(samples.Secret, null!, memory));
            Assert.Throws<ArgumentOutOfRangeException>(() => Codec.CreateOnDisk(samples.Secret, All, new(-1, folder)));
            Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
            string missing = Path.Combine(folder, "missing");
            Assert.Contains(
                $"'{missing}'", Assert.Throws<IOException>(() => Codec.CreateOnDisk(samples.Secret, All, new(0, missing))).Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private EvaluationKeys Open(Stream stream, long memoryBytes = 0) => KeysOnDemand.Open(samples.Context, stream, All, memoryBytes);

    private void AssertSame(Ciphertext expected, Ciphertext actual) =>
        Assert.Equal(samples.Context.Codecs.Ciphertext.ToBytes(expected), samples.Context.Codecs.Ciphertext.ToBytes(actual));

    private sealed class Recorder(List<double> values) : IProgress<double>
    {
        public void Report(double value) => values.Add(value);
    }

    private sealed class Canceller(CancellationTokenSource source) : IProgress<double>
    {
        public void Report(double value)
        {
            if (value > 0.5)
            {
                source.Cancel();
            }
        }
    }
}
