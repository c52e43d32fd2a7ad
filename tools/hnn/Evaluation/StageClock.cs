using System.Diagnostics;
using Hnn.Model;

namespace Hnn.Tool.Evaluation;

/// <summary>How long each step took, from the reports of progress; hands them on. Repeats of a name add up.</summary>
internal sealed class StageClock(IProgress<StageProgress>? next = null) : IProgress<StageProgress>
{
    private readonly OrderedDictionary<string, double> _seconds = [];
    private long _last = Stopwatch.GetTimestamp();

    /// <summary>The names in the order of their first report.</summary>
    public IReadOnlyList<string> Names => [.. _seconds.Keys];

    /// <summary>Their times, in seconds.</summary>
    public IReadOnlyList<double> Seconds => [.. _seconds.Values];

    /// <summary>Forgets all times and starts to measure.</summary>
    public void Restart()
    {
        _seconds.Clear();
        _last = Stopwatch.GetTimestamp();
    }

    /// <inheritdoc/>
    public void Report(StageProgress value)
    {
        long now = Stopwatch.GetTimestamp();
        _seconds[value.Name] = _seconds.GetValueOrDefault(value.Name) + Stopwatch.GetElapsedTime(_last, now).TotalSeconds;
        _last = now;
        next?.Report(value);
    }
}
