using System.Runtime.InteropServices;
using Heann.Gpu.Drivers;

namespace Heann.Gpu.Tests;

/// <summary>Staged uploads, on a driver that copies as late as it may.</summary>
public sealed unsafe class UploadRingTests
{
    [Fact]
    public void Write_StagesWhatItIsGiven_HoweverLateTheDeviceCopies()
    {
        using LateDriver driver = new(4_000_000);
        UploadRing ring = new(driver);
        Random random = new(1);
        double[] expected = new double[driver.Words];
        for (long at = 0; at < expected.Length;)
        {
            // From single words to more than the whole ring.
            long count = Math.Min(expected.Length - at, 1 + (long)Math.Pow(10, 6.4 * random.NextDouble()));
            double[] source = [.. Enumerable.Range(0, (int)count).Select(_ => random.NextDouble())];
            source.CopyTo(expected, at);
            fixed (double* first = source)
            {
                ring.Write((ulong)at, first, count);
            }

            Array.Clear(source); // the caller's memory is its own again
            at += count;
        }

        Assert.True(driver.AwaitCount > 0, "The ring was never full: nothing was tested.");
        driver.Synchronize();
        Assert.Equal(expected, driver.Memory);
        ring.Close();
        Assert.Equal(0, driver.LiveMarks);
    }

    [Fact]
    public void Wipe_WaitsForTheCopiesAndLeavesNothing()
    {
        using LateDriver driver = new(64);
        UploadRing ring = new(driver);
        double[] source = [1, 2, 3];
        fixed (double* first = source)
        {
            ring.Write(5, first, source.Length);
        }

        ring.Wipe();
        Assert.Equal(source, driver.Memory[5..8]);
        Assert.True(driver.HostWords.IndexOfAnyExcept(0.0) < 0);
        ring.Close();
    }

    // Copies when it is waited for, not before.
    private sealed class LateDriver(int words) : FakeDriver
    {
        private readonly List<(ulong Destination, nint Source, long Words)> _queue = [];
        private readonly HashSet<nint> _marks = [];
        private long _done;
        private nint _host;
        private long _hostWords;

        public int Words => words;

        public double[] Memory { get; } = new double[words];

        public int AwaitCount { get; private set; }

        public int LiveMarks => _marks.Count;

        public Span<double> HostWords => new((void*)_host, (int)_hostWords);

        public override void* AllocateHost(long words)
        {
            _hostWords = words;
            _host = (nint)NativeMemory.AllocZeroed((nuint)words, sizeof(double));
            return (void*)_host;
        }

        public override void Write(ulong destination, void* source, long words) => _queue.Add((destination, (nint)source, words));

        // An event is the number of copies before it.
        public override nint Mark()
        {
            _marks.Add(_queue.Count);
            return _queue.Count;
        }

        public override void Await(nint mark)
        {
            Assert.Contains(mark, _marks);
            AwaitCount++;
            Run(mark);
        }

        public override void Release(nint mark) => Assert.True(_marks.Remove(mark));

        public override void Synchronize() => Run(_queue.Count);

        public override void Dispose() => NativeMemory.Free((void*)_host);

        private void Run(long end)
        {
            for (; _done < end; _done++)
            {
                (ulong destination, nint source, long count) = _queue[(int)_done];
                new Span<double>((void*)source, (int)count).CopyTo(Memory.AsSpan((int)destination));
            }
        }
    }
}
