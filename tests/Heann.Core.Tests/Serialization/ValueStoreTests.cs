using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;
using Heann.Core.Serialization;
using Heann.Core.Tests.Rings;
using FsCheck;
using FsCheck.Fluent;

namespace Heann.Core.Tests.Serialization;

/// <summary>What waits comes back as it was, in memory and in a file; the recorder's store counts what the file takes.</summary>
public sealed class ValueStoreTests(CkksScenes scenes) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("heann-store-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Registry.Small), MemberType = typeof(Registry))]
    public void Ciphertexts_ComeBackToTheBit(string name)
    {
        CkksScene scene = scenes[name];
        SeededRandom random = RingTestKit.Seeded(name.Length);
        foreach (ValueStore<Ciphertext> store in Stores(scene))
        {
            using ValueStore<Ciphertext> owned = store;
            foreach (Ciphertext value in Values(scene, random))
            {
                Image image = new(scene, value);
                int number = store.Put(value);
                Ciphertext[] borrowed = store.Borrow(number, number);
                Assert.All(borrowed, image.AssertIs);
                store.Return(borrowed);
                using Ciphertext taken = store.Take(number);
                image.AssertIs(taken);
                Assert.Equal(store.KeepsInMemory, ReferenceEquals(taken, value));
                Assert.Equal(store.KeepsInMemory ? taken.PartCount : 0, value.PartCount);

                // It is a ciphertext like any other.
                if (taken.Level > 0 && taken.PartCount == 2) scene.Evaluator.Multiply(taken, taken).Dispose();
            }
        }
    }

    // Against a dictionary of residues; the recorder's store goes along and must count what the file takes.
    [Fact]
    public void AnySequence_KeepsEveryValueApart() => Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
    {
        CkksScene scene = scenes["N10L2Dnum3"];
        SeededRandom random = RingTestKit.Seeded(seed);
        using CiphertextStore store = new(scene.Parameters, scene.Context.Backend, _folder.FullName);
        RecordingEvaluator recorder = new(scene.Parameters);
        using RecordedStore recorded = new(recorder);
        Dictionary<int, Image> waiting = [];
        for (int step = 0; step < 25; step++)
        {
            if (random.Next(2) == 0 || waiting.Count == 0)
            {
                int level = random.Next(0, scene.TopLevel + 1);
                Ciphertext value = scene.Encrypt(scene.Slots(random), level);
                Image image = new(scene, value);
                int number = store.Put(value);
                Assert.Equal(number, recorded.Put(recorder.Create(level)));
                waiting.Add(number, image);
                continue;
            }

            int chosen = waiting.Keys.ElementAt(random.Next(waiting.Count));
            using (Ciphertext value = store.Take(chosen)) waiting[chosen].AssertIs(value);
            recorded.Take(chosen).Dispose();
            waiting.Remove(chosen);
        }

        int[] all = [.. waiting.Keys];
        Ciphertext[] values = store.Borrow(all);
        Assert.All(all.Zip(values), pair => waiting[pair.First].AssertIs(pair.Second));
        store.Return(values);
        recorded.Return(recorded.Borrow(all));
        Assert.Equal(
            (store.PeakBytes, store.WrittenBytes, store.ReadBytes), (recorded.PeakBytes, recorded.WrittenBytes, recorded.ReadBytes));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void RecordedValues_LeaveTheMemoryThatTheyTook()
    {
        RecordingEvaluator recorder = new(Registry.Parameters("N10L5Dnum3"));
        RecordedValue value = recorder.Create(3, Scale.FromLog2(50), magnitude: 0.25);
        RecordedValue copy = recorder.Copy(value);
        long two = recorder.PeakBytes;
        using RecordedStore store = new(recorder);
        int first = store.Put(value), second = store.Put(copy);
        RecordedValue[] others = [recorder.Create(3), recorder.Create(3)];
        Assert.Equal(two, recorder.PeakBytes);
        foreach (RecordedValue other in others) other.Dispose();
        using RecordedValue back = store.Take(second);
        Assert.Equal((3, Scale.FromLog2(50), 2, 0.25), (back.Level, back.Scale, back.PartCount, back.Noise.Magnitude));
        store.Remove(first);
        Assert.Equal(two, recorder.PeakBytes);
        Assert.Equal(2 * CiphertextStore.RecordByteCount(recorder.Parameters, 3, 2), store.PeakBytes);
    }

    [Fact]
    public void Numbers_StandForWhatWaitsAlone()
    {
        CkksScene scene = scenes["N10L2Dnum3"];
        using CkksContext foreign = CkksContext.Create(Registry.Parameters("N10L5Dnum3"));
        foreach (ValueStore<Ciphertext> store in Stores(scene))
        {
            using ValueStore<Ciphertext> owned = store;
            int number = store.Put(scene.Encrypt(scene.Slots(new(1)), 0));
            store.Remove(number);
            Assert.Contains($"number {number}", Assert.Throws<ArgumentException>(() => store.Take(number)).Message, StringComparison.Ordinal);
            Assert.Throws<ArgumentException>(() => store.Borrow(-1));
            Assert.Throws<ArgumentException>(() => store.Remove(7));
            Assert.Throws<ArgumentNullException>(() => store.Put(null!));
        }

        using CiphertextStore file = new(scene.Parameters, scene.Context.Backend, _folder.FullName);
        using Ciphertext other = scenes["N10L5Dnum3"].Encrypt(scenes["N10L5Dnum3"].Slots(new(1)));
        Assert.Throws<ForeignOperandException>(() => file.Put(other));
        Ciphertext disposed = scene.Encrypt(scene.Slots(new(1)));
        disposed.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.Put(disposed));
    }

    [Fact]
    public void File_HasNoNameAndItsRoomIsUsedAgain()
    {
        CkksScene scene = scenes["N10L2Dnum3"];
        using (CiphertextStore store = new(scene.Parameters, scene.Context.Backend, _folder.FullName, expectedBytes: 1000))
        {
            int number = store.Put(scene.Encrypt(scene.Slots(new(1))));
            long one = store.PeakBytes;
            Assert.Equal(CiphertextStore.RecordByteCount(scene.Parameters, scene.TopLevel, 2), one);
            for (int i = 0; i < 3; i++)
            {
                Ciphertext value = store.Take(number);
                number = store.Put(value);
            }

            Assert.Equal((one, 4 * one, 3 * one), (store.PeakBytes, store.WrittenBytes, store.ReadBytes));
            Assert.Equal(_folder.FullName, store.Folder);
            if (!OperatingSystem.IsWindows()) Assert.Empty(_folder.GetFileSystemInfos());
        }

        Assert.Empty(_folder.GetFileSystemInfos());
    }

    [Fact]
    public void Folder_ThatCannotServeIsRefusedWithTheRemedy()
    {
        CkksScene scene = scenes["N10L2Dnum3"];
        string Refusal(string folder, long bytes = 0) =>
            Assert.Throws<IOException>(() => new CiphertextStore(scene.Parameters, scene.Context.Backend, folder, bytes)).Message;
        string missing = Path.Combine(_folder.FullName, "missing");
        Assert.Contains($"'{missing}'", Refusal(missing), StringComparison.Ordinal);
        string file = Path.Combine(_folder.FullName, "file");
        File.WriteAllText(file, "");
        Assert.Contains("name a folder that is there", Refusal(file), StringComparison.Ordinal);
        string tooMany = Refusal(_folder.FullName, long.MaxValue);
        Assert.Contains($"take {long.MaxValue} bytes", tooMany, StringComparison.Ordinal);
        Assert.Contains("name a folder with more", tooMany, StringComparison.Ordinal);
        Assert.Equal(["file"], _folder.GetFileSystemInfos().Select(info => info.Name));
    }

    [Fact]
    public void FullDisk_IsToldAndTheValueIsTheCallersStill()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "No /dev/full: there is no device here that is always full.");
        CkksScene scene = scenes["N10L2Dnum3"];
        FileStream full = new("/dev/full", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        using CiphertextStore store = new(scene.Parameters, scene.Context.Backend, full, "/dev");
        using Ciphertext value = scene.Encrypt(scene.Slots(new(1)));
        Image image = new(scene, value);
        string message = Assert.Throws<IOException>(() => store.Put(value)).Message;
        Assert.Contains($"{CiphertextStore.RecordByteCount(scene.Parameters, value.Level, 2)} more", message, StringComparison.Ordinal);
        Assert.Contains("make room there", message, StringComparison.Ordinal);
        image.AssertIs(value);
        Assert.Equal(0, store.WrittenBytes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void DamagedFile_IsAnErrorAndNeverAnotherValue(bool isCut)
    {
        CkksScene scene = scenes["N10L2Dnum3"];
        string path = Path.Combine(_folder.FullName, "columns");
        FileStream file = new(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        using CiphertextStore store = new(scene.Parameters, scene.Context.Backend, file, _folder.FullName);
        int number = store.Put(scene.Encrypt(scene.Slots(new(1))));
        int sound = store.Put(scene.Encrypt(scene.Slots(new(2))));
        using (FileStream other = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            if (isCut)
            {
                other.SetLength(other.Length - 1);
                number = sound;
            }
            else
            {
                other.Position = 12345;
                int damaged = other.ReadByte() ^ 4;
                other.Position = 12345;
                other.WriteByte((byte)damaged);
                store.Take(sound).Dispose();
            }
        }

        Assert.Throws<InvalidDataException>(() => store.Take(number));
        Assert.Throws<InvalidDataException>(() => store.Borrow(number));
    }

    private IEnumerable<ValueStore<Ciphertext>> Stores(CkksScene scene) =>
        [new MemoryStore<Ciphertext>(), new CiphertextStore(scene.Parameters, scene.Context.Backend, _folder.FullName)];

    // Fresh ones of every level, a product of three parts, and one whose second half is zero.
    private static IEnumerable<Ciphertext> Values(CkksScene scene, SeededRandom random)
    {
        for (int level = 0; level <= scene.TopLevel; level++) yield return scene.Encrypt(scene.Slots(random), level);
        using Ciphertext x = scene.Encrypt(scene.UnitSlots(random));
        yield return scene.Evaluator.TensorProduct(x, x);
        yield return scene.Evaluator.Subtract(x, x);
    }

    // What a ciphertext is, to the bit.
    private sealed class Image(CkksScene scene, Ciphertext value)
    {
        private readonly ulong[][] _residues = scene.Residues(value);
        private readonly object _label = Label(value);

        public void AssertIs(Ciphertext other)
        {
            Assert.Equal(_label, Label(other));
            Assert.Equal(_residues, scene.Residues(other));
        }

        private static object Label(Ciphertext value) => (value.Level, value.PartCount, value.Scale, value.Noise, value.KeyId);
    }
}
