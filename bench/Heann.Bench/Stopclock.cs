using System.Diagnostics;

namespace Heann.Bench;

/// <summary>Times of an action repeated for a while: the minimum says what the machine can do, the median what it usually does.</summary>
/// <param name="MinMicroseconds">Least time of one call.</param>
/// <param name="MedianMicroseconds">Median time of one call.</param>
internal readonly record struct Stopclock(double MinMicroseconds, double MedianMicroseconds)
{
    /// <summary>Runs the action for about the given time after warming it up; a sample is a few calls, 20 microseconds.</summary>
    public static Stopclock Measure(Action action, double milliseconds)
    {
        long start = Stopwatch.GetTimestamp();
        int calls = 0;
        do
        {
            action();
            calls++;
        }
        while (calls < 3 || Stopwatch.GetElapsedTime(start).TotalMilliseconds < milliseconds / 8);

        double once = Stopwatch.GetElapsedTime(start).TotalMicroseconds / calls;
        int perSample = Math.Max(1, (int)(20 / once));
        List<double> samples = [];
        start = Stopwatch.GetTimestamp();
        while (samples.Count < 5 || Stopwatch.GetElapsedTime(start).TotalMilliseconds < milliseconds)
        {
            long from = Stopwatch.GetTimestamp();
            for (int i = 0; i < perSample; i++)
            {
                action();
            }

            samples.Add(Stopwatch.GetElapsedTime(from).TotalMicroseconds / perSample);
        }

        samples.Sort();
        return new(samples[0], samples[samples.Count / 2]);
    }
}
