using Heann.Core.Keys;
using Hnn.Model.Compilation;
using Hnn.Model.Sessions;
using Hnn.Model.Tests.Cli;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Sessions;

/// <summary>Both halves in one process with keys in a temporary file, under the secure parameters of the smallest model.</summary>
public sealed class LocalSessionTests : IDisposable
{
    private readonly TinyModel _files = new();
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _files.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void KeysOnDisk_KeepTheirBoundAndLeaveNothingBehind()
    {
        LoadedModel model = LoadedModel.Load(ModelDirectory.Open(_files.Folder));
        using (LocalSession session = Create(model, keys: 2.5))
        {
            Assert.Equal((0, 0), (session.KeyBytes, session.KeyMemoryBytes));

            // Stopped half-way: nothing is left, and the next try succeeds.
            using CancellationTokenSource source = new();
            Assert.Throws<OperationCanceledException>(() => session.CreateKeys(new Canceller(source), source.Token));
            Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.FullPath));
            session.CreateKeys();
            if (!OperatingSystem.IsWindows()) Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.FullPath));
            Assert.Equal(0, session.KeyMemoryBytes);
            Assert.InRange(session.KeyBytes, 1, session.Plan.KeyBytes / 2);

            LocalResult result = session.Classify(model.Tokenize("good film"));
            Assert.InRange(result.TwinError, 0, 1e-4);
            Assert.True(result.IsInRange);
            Assert.InRange(session.KeyMemoryBytes, session.Plan.KeyBytes / session.Plan.KeyCount, session.Plan.KeyBytes / 2);
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.FullPath));
    }

    [Fact]
    public void FolderThatIsMissing_IsToldWhenKeysAreMade()
    {
        LoadedModel model = LoadedModel.Load(ModelDirectory.Open(_files.Folder));
        using LocalSession session = new(model, 4, Backends.Shared, keyMemory: new(0, _folder["missing"]));
        Assert.Contains(_folder["missing"], Assert.Throws<IOException>(() => session.CreateKeys()).Message, StringComparison.Ordinal);
        Assert.Equal(0, session.KeyBytes);
    }

    // So many of the largest keys in memory.
    private LocalSession Create(LoadedModel model, double keys)
    {
        LevelPlan plan = LevelPlan.Create(model.Config, 4);
        long largest = plan.Keys.Galois.Values.Append(plan.Keys.RelinearizationLevel!.Value).Max(
            level => plan.Parameters.KeySwitchLayoutAt(level).KeyByteCount);
        return new(model, 4, Backends.Shared, keyMemory: new KeyMemory((long)(keys * largest), _folder.FullPath));
    }

    private sealed class Canceller(CancellationTokenSource source) : IProgress<double>
    {
        public void Report(double value)
        {
            if (value > 0.5) source.Cancel();
        }
    }
}
