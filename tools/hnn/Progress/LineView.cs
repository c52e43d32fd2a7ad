using System.Diagnostics;
using Hnn.Tool.Output;

namespace Hnn.Tool.Progress;

/// <summary>Progress as lines, for a pipe or a log: one for each step, and at most one for each tenth of a stage without steps.</summary>
internal sealed class LineView(TextWriter writer) : IStageView
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private (string Stage, int Tenth) _last;

    /// <inheritdoc/>
    public void Report(string stage, double fraction, string detail)
    {
        (string, int) current = (stage, (int)(fraction * 10));
        if (detail.Length == 0 && current == _last)
        {
            return;
        }

        _last = current;
        string suffix = detail.Length == 0 ? string.Empty : ": " + detail;
        writer.WriteLine(Units.Format($"{_watch.Elapsed.TotalSeconds,7:F1} s  {stage} {fraction * 100:F0} %{suffix}"));
    }
}
