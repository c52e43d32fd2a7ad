using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Heann.Core.Backends;

/// <summary>Work that is cut into items, any of which may run on any thread at any time.</summary>
internal interface ISimdJob
{
    /// <summary>Number of items.</summary>
    int Count { get; }

    /// <summary>Does item i.</summary>
    void Run(int item);
}

/// <summary>A few threads that help a caller with the items of a job, and sleep otherwise.</summary>
/// <remarks>
/// <para>The job stays on the stack of the caller, who works along and returns when all items are done: nothing is allocated per call.
/// One job at a time has helpers; a second caller meanwhile does its items alone. An exception in an item ends the job early and reaches
/// the caller.</para>
/// <para>A helper takes part in job number t only after it has seen the ticket t open and raised its own count of participants; the caller
/// closes the ticket and waits for that count to fall to zero before its frame goes away.</para>
/// </remarks>
internal sealed unsafe class SimdWorkers : IDisposable
{
    // How long a helper looks for work before it sleeps: longer than the gap between the steps of one operation.
    private static readonly TimeSpan Patience = TimeSpan.FromMicroseconds(30);

    private readonly Thread[] _threads;
    private readonly SemaphoreSlim _wake = new(0);
    private readonly Lock _owner = new();
    private void* _job;
    private delegate*<void*, int, void> _run;
    private int _itemCount;
    private int _nextItem;
    private int _open;
    private int _participants;
    private int _sleepers;
    private volatile bool _isDisposed;
    private Exception? _exception;

    /// <summary>Starts <paramref name="threadCount"/> − 1 threads; the caller is one more.</summary>
    public SimdWorkers(int threadCount)
    {
        ThreadCount = threadCount;
        _threads = new Thread[threadCount - 1];
        for (int i = 0; i < _threads.Length; i++)
        {
            _threads[i] = new(Work) { IsBackground = true, Name = $"Heann worker {i + 1}" };
            _threads[i].Start();
        }
    }

    /// <summary>Threads that can work on a job, the caller among them.</summary>
    public int ThreadCount { get; }

    /// <summary>Does all items of the job and returns.</summary>
    public void Run<TJob>(ref TJob job)
        where TJob : struct, ISimdJob, allows ref struct
    {
        int count = job.Count;
        if (count < 2 || _threads.Length == 0 || !_owner.TryEnter())
        {
            for (int i = 0; i < count; i++)
            {
                job.Run(i);
            }

            return;
        }

        try
        {
            RunShared(Unsafe.AsPointer(ref job), &RunItem<TJob>, count);
        }
        finally
        {
            _owner.Exit();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isDisposed = true;
        _wake.Release(Math.Max(1, _threads.Length));
        foreach (Thread thread in _threads)
        {
            thread.Join();
        }

        _wake.Dispose();
    }

    private static void RunItem<TJob>(void* job, int item)
        where TJob : struct, ISimdJob, allows ref struct => Unsafe.AsRef<TJob>(job).Run(item);

    private void RunShared(void* job, delegate*<void*, int, void> run, int count)
    {
        _job = job;
        _run = run;
        _itemCount = count;
        _exception = null;
        Volatile.Write(ref _nextItem, 0);
        Interlocked.Exchange(ref _open, 1);
        int sleepers = Math.Min(Volatile.Read(ref _sleepers), count - 1);
        if (sleepers > 0)
        {
            _wake.Release(sleepers);
        }

        TakeItems();
        Interlocked.Exchange(ref _open, 0);
        SpinWait spin = default;
        while (Volatile.Read(ref _participants) != 0)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }

        if (_exception is not null)
        {
            ExceptionDispatchInfo.Throw(_exception);
        }
    }

    private void TakeItems()
    {
        try
        {
            for (int item = Interlocked.Increment(ref _nextItem) - 1; item < _itemCount; item = Interlocked.Increment(ref _nextItem) - 1)
            {
                _run(_job, item);
            }
        }
        catch (Exception exception)
        {
            _exception = exception;
            Volatile.Write(ref _nextItem, _itemCount);
        }
    }

    private void Work()
    {
        long idleSince = Stopwatch.GetTimestamp();
        while (!_isDisposed)
        {
            if (Volatile.Read(ref _open) != 0 && Volatile.Read(ref _nextItem) < _itemCount)
            {
                Interlocked.Increment(ref _participants);
                if (Volatile.Read(ref _open) != 0)
                {
                    TakeItems();
                }

                Interlocked.Decrement(ref _participants);
                idleSince = Stopwatch.GetTimestamp();
            }
            else if (Stopwatch.GetElapsedTime(idleSince) < Patience)
            {
                Thread.SpinWait(8);
            }
            else
            {
                Sleep();
                idleSince = Stopwatch.GetTimestamp();
            }
        }
    }

    private void Sleep()
    {
        Interlocked.Increment(ref _sleepers);
        if (Volatile.Read(ref _open) == 0 && !_isDisposed)
        {
            _wake.Wait();
        }

        Interlocked.Decrement(ref _sleepers);
    }
}
