using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Rings;

namespace Heann.Core.Tests.Keys;

/// <summary>Which keys are in memory, for how long, and whom they wait for.</summary>
public sealed class EvaluationKeyCacheTests : IDisposable
{
    private static readonly CkksParameters Parameters = Registry.Parameters("N5L3Dnum2");

    private readonly WatchingBackend _backend = new();
    private readonly CkksContext _context;
    private readonly SecretKey _secret;
    private readonly List<GaloisElement> _reads = [];

    public EvaluationKeyCacheTests()
    {
        _context = CkksContext.Create(Parameters, _backend);
        _secret = _context.KeyGenerator.CreateSecretKey();
    }

    private static KeySwitchLayout Top => Parameters.KeySwitchLayoutAt(3);

    private static long KeyBytes => Top.KeyByteCount;

    public void Dispose()
    {
        _secret.Dispose();
        _context.Dispose();
        _backend.Dispose();
    }

    [Fact]
    public void TheKeyThatWasAskedForLongestAgo_MakesRoom()
    {
        using EvaluationKeyCache cache = Create(2.5);
        EvaluationKey[] keys = Places(3);
        Use(cache, keys[0], keys[1], keys[0], keys[2], keys[0], keys[1]);
        Assert.Equal([1, 2, 3, 2], Steps);
        Assert.Equal((4, 2 * KeyBytes, 2 * KeyBytes), (cache.ReadCount, cache.ByteCount, cache.PeakByteCount));
        Assert.Equal([true, true, false], keys.Select(key => key.Value is not null));
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(1, 3)]
    [InlineData(2, 2)]
    [InlineData(3, 0)]
    public void ThreeKeysInTurn_AreReadAsOftenAsTheirPlacesAreTaken(int capacity, int secondReads)
    {
        using EvaluationKeyCache cache = Create(capacity);
        EvaluationKey[] keys = Places(3);
        Use(cache, keys);
        Assert.Equal(3, cache.ReadCount);
        Assert.Equal(capacity * KeyBytes, cache.ByteCount);
        Use(cache, keys[0], keys[2], keys[1], keys[1]);
        Assert.Equal(3 + secondReads, cache.ReadCount);
        Assert.Equal(Math.Max(1, capacity) * KeyBytes, cache.PeakByteCount);
    }

    [Fact]
    public void Some_AreThoseInMemoryAndAsManyMoreAsFit()
    {
        using EvaluationKeyCache cache = Create(3);
        EvaluationKey[] keys = Places(5);
        Use(cache, keys[3], keys[4]);
        EvaluationKey?[] wanted = [.. keys], held = new EvaluationKey?[5];
        cache.Hold(wanted, Top, isAll: false, held);
        Assert.Equal([keys[0], null, null, keys[3], keys[4]], held);
        Assert.Equal(3 * KeyBytes, cache.PeakByteCount);
        cache.Release(held);

        // The rest drives out what was used longest ago; all over again begins with what is in memory then, and reads nothing.
        wanted = [null, keys[1], keys[2], null, null];
        cache.Hold(wanted, Top, isAll: false, held);
        Assert.Equal(wanted, held);
        cache.Release(held);
        Assert.Equal([4, 5, 1, 2, 3], Steps);
        cache.Hold(keys, Top, isAll: false, held);
        Assert.Equal([keys[0], keys[1], keys[2], null, null], held);
        cache.Release(held);
        Assert.Equal((5, 3 * KeyBytes), (cache.ReadCount, cache.PeakByteCount));
    }

    [Fact]
    public void Some_AreAtLeastOneAndThoseOfTheLayoutOnly()
    {
        using EvaluationKeyCache cache = Create(0);
        EvaluationKey[] keys = [.. Places(2, level: 1), .. Places(3)];
        EvaluationKey?[] held = new EvaluationKey?[5];
        cache.Hold(keys, Top, isAll: false, held);
        Assert.Equal([null, null, keys[2], null, null], held);
        cache.Release(held);
        cache.Hold(keys, keys[0].Layout, isAll: true, held);
        Assert.Equal([keys[0], keys[1], null, null, null], held);
        cache.Release(held);
        Assert.Equal(0, cache.ByteCount);
    }

    [Fact]
    public void OneKeyWantedTwice_IsReadOnceAndHeldTwice()
    {
        using EvaluationKeyCache cache = Create(0);
        EvaluationKey key = Assert.Single(Places(1));
        EvaluationKey?[] held = new EvaluationKey?[2];
        cache.Hold([key, key], Top, isAll: false, held);
        Assert.Equal([key, key], held);
        cache.Release(key);
        Assert.NotNull(key.Value);
        cache.Release(key);
        Assert.Null(key.Value);
        Assert.Equal(1, cache.ReadCount);
    }

    [Fact]
    public void All_ExceedTheCapacityUntilTheyAreReleased()
    {
        using EvaluationKeyCache cache = Create(1);
        EvaluationKey[] keys = Places(3);
        EvaluationKey?[] held = new EvaluationKey?[3];
        cache.Hold(keys, Top, isAll: true, held);
        Assert.All(keys, key => Assert.NotNull(key.Value));
        Assert.Equal((3 * KeyBytes, 3L), (cache.ByteCount, cache.ReadCount));
        cache.Release(held);
        Assert.Equal((KeyBytes, 3 * KeyBytes), (cache.ByteCount, cache.PeakByteCount));
        Assert.Same(keys[2], Assert.Single(keys, key => key.Value is not null));
    }

    [Fact]
    public void FailedRead_LeavesTheOthersAndMayBeTriedAgain()
    {
        bool fails = false;
        using EvaluationKeyCache cache = new(3 * KeyBytes, key => fails ? throw new IOException("gone") : Read(key), null);
        EvaluationKey[] keys = Places(3);
        Use(cache, keys[0]);
        fails = true;
        EvaluationKey?[] held = new EvaluationKey?[3];
        foreach (bool isAll in (bool[])[false, true])
        {
            Assert.Throws<IOException>(() => cache.Hold(keys, Top, isAll, held));
            Assert.All(held, Assert.Null);
            Assert.All(keys, key => Assert.Equal(0, key.HolderCount));
        }

        Assert.Throws<IOException>(() => cache.Hold(keys[1]));
        Use(cache, keys[0]);
        fails = false;
        Use(cache, keys[1]);
        Assert.Equal([1, 2], Steps);
    }

    [Fact]
    public void HeldKeys_OutliveTheCacheUntilTheyAreReleased()
    {
        int live = _backend.LiveCount;
        Closable source = new();
        EvaluationKeyCache cache = new(3 * KeyBytes, Read, source);
        EvaluationKey[] keys = Places(3);
        Use(cache, keys[0]);
        cache.Hold(keys[1]);
        KeySwitchingKey kept = cache.Keep(keys[2]), held = keys[1].Value!;
        Assert.True(IsAlive(kept));
        cache.Dispose();
        cache.Dispose();
        Assert.True(source.IsClosed);
        Assert.Equal((false, true), (IsAlive(kept), IsAlive(held)));
        Assert.Equal([false, true, false], keys.Select(key => key.Value is not null));
        Assert.Throws<ObjectDisposedException>(() => cache.Hold(keys[0]));
        Assert.Throws<ObjectDisposedException>(() => cache.Hold(keys[1]));
        cache.Release(keys[1]);
        Assert.False(IsAlive(held));
        Assert.Equal(live, _backend.LiveCount);
    }

    [Fact]
    public void KeptKeys_StayWhateverElseIsNeeded()
    {
        using EvaluationKeyCache cache = Create(1);
        EvaluationKey[] keys = Places(3);
        KeySwitchingKey kept = cache.Keep(keys[0]);
        Use(cache, keys[1], keys[2], keys[1]);
        Assert.True(IsAlive(kept));
        Assert.Same(kept, cache.Keep(keys[0]));
        Assert.Equal([1, 2, 3, 2], Steps);
        Assert.Equal((KeyBytes, 2 * KeyBytes), (cache.ByteCount, cache.PeakByteCount));
    }

    [Fact]
    public async Task WhileAKeyIsRead_OthersAreUsed()
    {
        using ManualResetEventSlim begun = new(), mayEnd = new();
        CancellationToken timeout = TestContext.Current.CancellationToken;
        bool isSlow = false;
        using EvaluationKeyCache cache = new(2 * KeyBytes, key =>
        {
            if (isSlow)
            {
                begun.Set();
                mayEnd.Wait(timeout);
            }

            return Read(key);
        }, null);
        EvaluationKey[] keys = Places(2);
        Use(cache, keys[0]);
        isSlow = true;
        Task[] slow = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(() => Use(cache, keys[1]), timeout))];
        begun.Wait(timeout);
        Use(cache, keys[0], keys[0]);
        Task disposal = Task.Run(cache.Dispose, timeout);
        Assert.False(disposal.IsCompleted); // the source must not go while it is read
        mayEnd.Set();
        await disposal;
        await Task.WhenAll(slow.Select(async task =>
        {
            try
            {
                await task;
            }
            catch (ObjectDisposedException)
            {
                // Those that came too late.
            }
        }));
        Assert.Equal([1, 2], Steps);
        Assert.All(keys, key => Assert.Null(key.Value));
    }

    [Fact]
    public void ManyThreads_ReadOneAtATimeAndNeverLoseAKeyTheyHold()
    {
        int live = _backend.LiveCount, readers = 0;
        EvaluationKey[] keys = Places(6);
        using (EvaluationKeyCache cache = new(2 * KeyBytes, key =>
        {
            Assert.Equal(1, Interlocked.Increment(ref readers));
            KeySwitchingKey value = Read(key);
            Interlocked.Decrement(ref readers);
            return value;
        }, null))
        {
            Parallel.For(0, 64, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
            {
                Random random = new(i);
                EvaluationKey?[] wanted = [.. keys.Select(key => random.Next(2) == 0 ? key : null)], held = new EvaluationKey?[6];
                cache.Hold(wanted, Top, isAll: i % 2 == 0, held);
                Assert.All(held.OfType<EvaluationKey>(), key => Assert.True(IsAlive(key.Value!)));
                Assert.True(i % 2 != 0 || held.SequenceEqual(wanted));
                Assert.Equal(wanted.Any(key => key is not null), held.Any(key => key is not null));
                cache.Release(held);
            });
            Assert.InRange(cache.ByteCount, 0, 2 * KeyBytes);
            Assert.All(keys, key => Assert.Equal(0, key.HolderCount));
        }

        Assert.Equal(live, _backend.LiveCount);
    }

    private IEnumerable<int> Steps => _reads.Select(element => element.RotationSteps);

    private static EvaluationKey[] Places(int count, int level = 3) => [.. Enumerable.Range(1, count).Select(steps =>
        new EvaluationKey(GaloisElement.Rotation(steps), Parameters.KeySwitchLayoutAt(level), 0))];

    private static void Use(EvaluationKeyCache cache, params EvaluationKey[] keys)
    {
        foreach (EvaluationKey key in keys)
        {
            cache.Hold(key);
            Assert.NotNull(key.Value);
            cache.Release(key);
        }
    }

    private EvaluationKeyCache Create(double capacity) => new((long)(capacity * KeyBytes), Read, null);

    private KeySwitchingKey Read(EvaluationKey key)
    {
        _reads.Add(key.Element!.Value);
        return _context.KeyGenerator.CreateGaloisKey(_secret, key.Element.Value, key.Layout.Level);
    }

    private bool IsAlive(KeySwitchingKey key)
    {
        using RnsPolynomial b = new(_backend, key.Layout.Basis, Domain.Evaluation);
        try
        {
            key.Matrix.Read(0, 0, b.Block);
            return true;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    private sealed class Closable : IDisposable
    {
        public bool IsClosed { get; private set; }

        public void Dispose() => IsClosed = true;
    }
}
