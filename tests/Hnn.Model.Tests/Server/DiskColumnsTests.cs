using Heann.Core.Ciphertexts;
using Heann.Core.Serialization;
using Hnn.Model.Client;
using Hnn.Model.Compilation;
using Hnn.Model.Layers;
using Hnn.Model.Server;

namespace Hnn.Model.Tests.Server;

/// <summary>Batches of which columns wait on disk: the same answer to the bit, within what the plan counted, and nothing left
/// behind.</summary>
public sealed class DiskColumnsTests(TinyBatch batch) : IClassFixture<TinyBatch>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private CiphertextCodec Codec => new(batch.Client.Plan.Parameters, Backends.Shared);

    public void Dispose() => _folder.Dispose();

    // Chunks of one, of some with a rest, and of all; hidden 4, head size 2, wide side 11.
    [Theory]
    [InlineData(2, 2, 4, 1)]
    [InlineData(4, 2, 5, 3)]
    [InlineData(32, 4, 256, 32)]
    public void Answer_IsTheSameToTheBitAndTheFileAsLongAsPlanned(int attention, int scores, int wide, int read)
    {
        byte[][] request = Encrypt(3);
        byte[] expected = Infer(batch.Server, request, out _);
        BatchServer server = Server(ColumnSchedule.Disk(attention, scores, wide, read));
        byte[] actual = Infer(server, request, out BatchIntake intake);

        // Predicted noise is summed in another order; the residues are the same.
        Assert.True(Residues(expected).SequenceEqual(Residues(actual)));
        Assert.True(server.Plan.DiskPeakBytes > 0);
        Assert.Equal(
            (server.Plan.DiskPeakBytes, server.Plan.DiskWrittenBytes, server.Plan.DiskReadBytes),
            (intake.DiskPeakBytes, intake.DiskWrittenBytes, intake.DiskReadBytes));
        Assert.Equal((0, 0, 0), (batch.Client.Plan.DiskPeakBytes, batch.Client.Plan.DiskWrittenBytes, batch.Client.Plan.DiskReadBytes));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.FullPath));
    }

    [Fact]
    public void Operations_AreAsManyAsPlannedAndNothingIsInTheFolderMeanwhile()
    {
        List<string> seen = [];
        BatchServer server = Server(ColumnSchedule.Disk(2, 2, 4, 2), (_, _) => seen.AddRange(Directory.GetFileSystemEntries(_folder.FullPath)));
        List<StageProgress> reports = [];
        using BatchRequest request = batch.Client.Encrypt(TinyBatch.Sentences(2));
        using BatchResponse response = server.Infer(request, batch.Keys, new Listener(reports));
        Assert.Equal(server.Plan.OperationCount, reports[^1].Done);
        Assert.Equal(server.Plan.Steps.Select(step => step.Name), reports.Select(report => report.Name).Distinct().Where(name => name != "request"));
        Assert.All(request.Features, feature => Assert.Equal(0, feature.PartCount));
        if (!OperatingSystem.IsWindows()) Assert.Empty(seen);
    }

    [Fact]
    public void Cancelled_NothingIsLeft()
    {
        using CancellationTokenSource source = new();
        BatchServer server = Server(ColumnSchedule.Disk(2, 2, 4, 2), (name, _) =>
        {
            if (name == "layers.0.ff.1") source.Cancel();
        });
        using BatchRequest request = batch.Client.Encrypt(TinyBatch.Sentences(2));
        Assert.Throws<OperationCanceledException>(() => server.Infer(request, batch.Keys, cancellation: source.Token));
        Assert.All(request.Features, feature => Assert.Equal(0, feature.PartCount));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.FullPath));
    }

    [Fact]
    public void FolderThatIsMissing_IsToldBeforeAnythingIsUsedUp()
    {
        string missing = _folder["missing"];
        BatchServer server = new(Plan(ColumnSchedule.Disk(2, 2, 4, 2)), TinyService.Weights, TinyService.ModelId, Backends.Shared) { DiskFolder = missing };
        using BatchRequest request = batch.Client.Encrypt(TinyBatch.Sentences(2));
        Assert.Contains($"'{missing}'", Assert.Throws<IOException>(() => server.Infer(request, batch.Keys)).Message, StringComparison.Ordinal);
        Assert.All(request.Features, feature => Assert.Equal(2, feature.PartCount));
    }

    [Fact]
    public void Intake_TakesAllFeaturesOfOneClientOnceAndThenNoMore()
    {
        using BatchHeader header = batch.Client.EncryptHeader(TinyBatch.Sentences(2));
        using BatchIntake intake = Server(ColumnSchedule.Disk(2, 2, 4, 2)).Receive(header, batch.Keys);
        Ciphertext[] features = [.. batch.Client.EncryptFeatures(TinyBatch.Sentences(2))];
        Assert.Equal((0, 4, 4), (intake.Count, intake.FeatureCount, features.Length));
        Assert.Contains("0 are there", Assert.Throws<InvalidOperationException>(() => intake.Infer()).Message, StringComparison.Ordinal);
        intake.Add(features[0]);

        // Refused, and the caller's still.
        using BatchClient other = TinyBatch.CreateClient(4);
        using Ciphertext foreign = other.EncryptFeatures(TinyBatch.Sentences(2)).First();
        Assert.Throws<Heann.Core.ForeignOperandException>(() => intake.Add(foreign));
        Assert.Equal((1, 2), (intake.Count, foreign.PartCount));
        foreach (Ciphertext feature in features.Skip(1)) intake.Add(feature);
        Assert.Contains("all of them are there", Assert.Throws<InvalidOperationException>(() => intake.Add(foreign)).Message, StringComparison.Ordinal);
        using BatchResponse response = intake.Infer();
        Assert.Equal(2, batch.Client.Decrypt(response, 2).Length);
        Assert.Contains("0 are there", Assert.Throws<InvalidOperationException>(() => intake.Infer()).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => batch.Server.Receive(header with { Bucket = 2 }, batch.Keys));
    }

    [Fact]
    public void Schedule_RefusesNumbersBelowOneAndHalvesOfColumns()
    {
        foreach (int count in (int[])[0, 1, 3, -2])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => ColumnSchedule.Disk(count, 2, 1, 1));
            Assert.Throws<ArgumentOutOfRangeException>(() => ColumnSchedule.Disk(2, count, 1, 1));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => ColumnSchedule.Disk(2, 2, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => ColumnSchedule.Disk(2, 2, 1, 0));
        Assert.False(ColumnSchedule.InMemory.OnDisk);
    }

    private static ReadOnlySpan<byte> Residues(byte[] record) => record.AsSpan(BinaryHeader.ByteCount..^BinaryHeader.ChecksumByteCount);

    private static ThroughputPlan Plan(ColumnSchedule schedule) =>
        ThroughputPlan.Create(TinyService.Config, 4, InsecureSets.Batch(TinyService.Config, 11), schedule: schedule);

    private BatchServer Server(ColumnSchedule schedule, Action<string, Ciphertext>? stageReached = null) =>
        new(Plan(schedule), TinyService.Weights, TinyService.ModelId, Backends.Shared) { DiskFolder = _folder.FullPath, StageReached = stageReached };

    // The bytes of a request, mask first, so that it can be evaluated more than once.
    private byte[][] Encrypt(int sentenceCount)
    {
        using BatchRequest request = batch.Client.Encrypt(TinyBatch.Sentences(sentenceCount));
        return [.. request.Features.Prepend(request.Mask).Select(Codec.ToBytes)];
    }

    private byte[] Infer(BatchServer server, byte[][] request, out BatchIntake intake)
    {
        using BatchHeader header = new(TinyService.ModelId, 4, Release.SoftArgmax, Codec.Read(request[0]));
        intake = server.Receive(header, batch.Keys);
        using (intake)
        {
            foreach (byte[] feature in request.Skip(1)) intake.Add(Codec.Read(feature));
            using BatchResponse response = intake.Infer();
            return Codec.ToBytes(Assert.Single(response.Released));
        }
    }

    private sealed class Listener(List<StageProgress> reports) : IProgress<StageProgress>
    {
        public void Report(StageProgress value) => reports.Add(value);
    }
}
