using Hnn.Model.Compilation;
using Hnn.Model.Sessions;
using Hnn.Model.Tests.Cli;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Sessions;

public sealed class EncryptedSessionsTests
{
    [Fact]
    public void Latency_IsOneSentenceAtATimeWithThePlansParameters()
    {
        using TinyModel folder = new();
        LoadedModel model = LoadedModel.Load(ModelDirectory.Open(folder.Folder));
        using IEncryptedSession session = EncryptedSessions.Create(SessionPacking.Latency, model, 4, Backends.Shared);
        Assert.Equal((4, 1, 0L, TimeSpan.Zero), (session.Bucket, session.BatchSize, session.KeyBytes, session.KeyGenerationTime));
        Assert.Equal(LevelPlan.Create(model.Config, 4).Parameters.Id, session.Parameters.Id);
        Assert.Equal(EncryptedSessions.ParametersFor(SessionPacking.Latency, model.Config, 4).Id, session.Parameters.Id);
        Assert.Contains("got 0", Assert.Throws<ArgumentException>(() => session.Classify([])).Message, StringComparison.Ordinal);
        Assert.Contains(
            "got 2",
            Assert.Throws<ArgumentException>(() => session.Classify([model.Tokenize("good"), model.Tokenize("bad")])).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Throughput_KeepsTheMemoryThatItIsGivenOrIsRefused()
    {
        using TinyModel folder = new();
        LoadedModel model = LoadedModel.Load(ModelDirectory.Open(folder.Folder));
        ThroughputPlan whole = ThroughputPlan.Create(model.Config, 4);
        SessionMemory less = new(((int[])[2, 4]).Min(steps => ThroughputPlan.Create(model.Config, 4, whole.Parameters, steps).PeakBytes) - 1);
        using IEncryptedSession session = EncryptedSessions.Create(SessionPacking.Throughput, model, 4, Backends.Shared, less);
        ThroughputPlan plan = Assert.IsType<ThroughputSession>(session).Plan;
        Assert.True(plan.Schedule.OnDisk);
        Assert.InRange(plan.PeakBytes, 1, less.Bytes);
        Assert.Equal(whole.Parameters.Id, session.Parameters.Id);
        Assert.Equal(whole.Parameters.Id, EncryptedSessions.ParametersFor(SessionPacking.Throughput, model.Config, 4, less).Id);
        Assert.Contains(
            "are allowed", Assert.Throws<ArgumentException>(
                () => EncryptedSessions.ParametersFor(SessionPacking.Throughput, model.Config, 4, new(1000))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void BoundOfKeysAlone_IsForSentencesOneAtATime()
    {
        using TinyModel folder = new();
        LoadedModel model = LoadedModel.Load(ModelDirectory.Open(folder.Folder));
        SessionMemory memory = new() { KeyBytes = 1_000_000 };
        EncryptedSessions.Create(SessionPacking.Latency, model, 4, Backends.Shared, memory).Dispose();
        Assert.Contains(
            "count in its memory",
            Assert.Throws<ArgumentException>(() => EncryptedSessions.Create(SessionPacking.Throughput, model, 4, Backends.Shared, memory)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void AnotherBucket_IsRefused()
    {
        using TinyModel folder = new();
        LoadedModel model = LoadedModel.Load(ModelDirectory.Open(folder.Folder));
        Assert.Throws<ArgumentException>(() => EncryptedSessions.Create(SessionPacking.Latency, model, 5, Backends.Shared));
        Assert.Throws<ArgumentException>(() => EncryptedSessions.ParametersFor(SessionPacking.Latency, model.Config, 5));
    }
}
