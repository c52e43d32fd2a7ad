using Heann.Core.Serialization;
using Heann.Core.Tests.Rings;
using FsCheck;
using FsCheck.Fluent;

namespace Heann.Core.Tests.Serialization;

public sealed class FileExtentsTests
{
    // Against a list of bytes, each of which knows what it belongs to.
    [Fact]
    public void Room_IsTheFirstGapThatFitsAndNobodyElses() => Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
    {
        SeededRandom random = RingTestKit.Seeded(seed);
        FileExtents extents = new();
        List<int> owners = [];
        Dictionary<int, (long Start, int Length)> taken = [];
        int peak = 0;
        for (int step = 1; step < 80; step++)
        {
            if (random.Next(5) < 3 || taken.Count == 0)
            {
                int length = random.Next(1, 9);
                int first = Enumerable.Range(0, owners.Count + 1).First(at => owners.Skip(at).Take(length).All(owner => owner == 0));
                Assert.Equal(first, extents.Take(length));
                owners.AddRange(new int[Math.Max(0, first + length - owners.Count)]);
                for (int i = 0; i < length; i++) owners[first + i] = step;
                taken[step] = (first, length);
            }
            else
            {
                int key = taken.Keys.ElementAt(random.Next(taken.Count));
                (long start, int length) = taken[key];
                extents.Release(start, length);
                for (int i = 0; i < length; i++) owners[(int)start + i] = 0;
                taken.Remove(key);
            }

            owners.RemoveRange(owners.FindLastIndex(owner => owner != 0) + 1, owners.Count - owners.FindLastIndex(owner => owner != 0) - 1);
            peak = Math.Max(peak, owners.Count);
            Assert.Equal((owners.Count, peak), (extents.End, extents.PeakEnd));
        }
    }).QuickCheckThrowOnFailure();
}
