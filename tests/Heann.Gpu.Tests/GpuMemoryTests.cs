using Heann.Gpu.Drivers;

namespace Heann.Gpu.Tests;

/// <summary>The pool, on a driver that only counts.</summary>
public sealed class GpuMemoryTests
{
    private const long SlabWords = 1 << 12;

    [Fact]
    public void WhatIsRented_NeverOverlapsAndIsJoinedAgain()
    {
        for (int seed = 0; seed < 50; seed++)
        {
            Random random = new(seed);
            CountingDriver driver = new(4);
            GpuMemory memory = new(driver);
            List<(ulong First, long Words)> rented = [];
            for (int step = 0; step < 300; step++)
            {
                if (rented.Count > 0 && random.Next(5) < 2)
                {
                    int i = random.Next(rented.Count);
                    memory.Return(rented[i].First, rented[i].Words);
                    rented.RemoveAt(i);
                    continue;
                }

                long words = 1 + random.Next(random.Next(3) == 0 ? 2000 : 100);
                try
                {
                    rented.Add((memory.Rent(words), words));
                }
                catch (GpuOutOfMemoryException)
                {
                    Assert.Equal(4, driver.SlabCount); // all that there is was asked for first
                }

                (ulong First, long Words)[] sorted = [.. rented.OrderBy(r => r.First)];
                Assert.All(sorted.Zip(sorted.Skip(1)), pair => Assert.True(
                    pair.First.First + (ulong)pair.First.Words <= pair.Second.First, $"seed {seed}: {pair.First} and {pair.Second}"));
                Assert.All(sorted, r => Assert.Equal(
                    r.First / CountingDriver.Distance, (r.First + (ulong)r.Words - 1) / CountingDriver.Distance)); // within a slab
            }

            rented.ForEach(r => memory.Return(r.First, r.Words));
            Assert.Equal(0, memory.UsedWords);
            int slabs = driver.SlabCount;
            for (int i = 0; i < slabs; i++)
            {
                memory.Rent(SlabWords); // whole again
            }

            Assert.Equal(slabs, driver.SlabCount);
        }
    }

    [Fact]
    public void Used_IsWhatIsRented()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            Random random = new(seed);
            GpuMemory memory = new(new CountingDriver(3));
            List<(ulong First, long Words)> rented = [.. Enumerable.Range(0, 40).Select(_ => 1 + random.Next(200)).Select(w => (memory.Rent(w), (long)w))];
            foreach ((ulong first, long words) in rented.Where(_ => random.Next(2) == 0).ToArray())
            {
                memory.Return(first, words);
                rented.Remove((first, words));
            }

            IReadOnlyList<(ulong First, long Words)> used = memory.Used();
            Assert.Equal(memory.UsedWords, used.Sum(piece => piece.Words));
            Assert.All(rented, r => Assert.Contains(used, piece =>
                piece.First <= r.First && r.First + (ulong)r.Words <= piece.First + (ulong)piece.Words));
        }
    }

    [Fact]
    public void NeighbouringSlabs_AreNotTakenForOne()
    {
        CountingDriver driver = new(2, SlabWords);
        GpuMemory memory = new(driver);
        ulong first = memory.Rent(SlabWords), second = memory.Rent(SlabWords);
        Assert.Equal((ulong)SlabWords, second - first);
        memory.Return(first, SlabWords);
        memory.Return(second, SlabWords);
        Assert.Throws<GpuOutOfMemoryException>(() => memory.Rent(2 * SlabWords));
    }

    private sealed class CountingDriver(int maxSlabCount, long distance = (long)CountingDriver.Distance) : FakeDriver
    {
        public const ulong Distance = 1 << 20;

        public int SlabCount { get; private set; }

        public override (ulong First, long Words) Allocate(long words) => SlabCount < maxSlabCount && words <= SlabWords
            ? ((ulong)(distance * SlabCount++), SlabWords)
            : throw new GpuOutOfMemoryException("all is used");
    }
}
