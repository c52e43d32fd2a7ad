using System.Diagnostics;

namespace Heann.Bench.Quick;

/// <summary>Gathers times of one call over many short turns, so that a busy moment of the machine falls on all calls alike.</summary>
internal sealed class SampleClock(Action action)
{
    // Shorter calls are timed several at a time.
    private const double SampleMicroseconds = 20;

    private readonly List<double> _samples = [];
    private int _perSample = 1;

    /// <summary>Microseconds spent in <see cref="Turn"/> so far.</summary>
    public double Spent { get; private set; }

    /// <summary>Number of samples.</summary>
    public int Count => _samples.Count;

    /// <summary>Least time of one call in microseconds.</summary>
    public double Min => _samples.Min();

    /// <summary>Median time of one call in microseconds.</summary>
    public double Median => _samples.Order().ElementAt(_samples.Count / 2);

    /// <summary>Calls without timing for so many milliseconds, at least twice, and finds how many calls make a sample.</summary>
    public void WarmUp(double milliseconds)
    {
        action();
        long start = Stopwatch.GetTimestamp();
        int calls = 0;
        do
        {
            action();
            calls++;
        }
        while (Stopwatch.GetElapsedTime(start).TotalMilliseconds < milliseconds);
        _perSample = Math.Max(1, (int)(SampleMicroseconds * calls / Stopwatch.GetElapsedTime(start).TotalMicroseconds));
    }

    /// <summary>Takes samples for so many milliseconds, at least one.</summary>
    public void Turn(double milliseconds)
    {
        long start = Stopwatch.GetTimestamp();
        long from = start;
        TimeSpan total;
        do
        {
            for (int i = 0; i < _perSample; i++)
            {
                action();
            }

            long now = Stopwatch.GetTimestamp();
            _samples.Add(Stopwatch.GetElapsedTime(from, now).TotalMicroseconds / _perSample);
            from = now;
            total = Stopwatch.GetElapsedTime(start, now);
        }
        while (total.TotalMilliseconds < milliseconds);
        Spent += total.TotalMicroseconds;
    }
}
