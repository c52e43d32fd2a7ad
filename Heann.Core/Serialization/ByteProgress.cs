namespace Heann.Core.Serialization;

/// <summary>Reports the part done, in steps of a hundredth that never go back, and looks whether to stop.</summary>
internal sealed class ByteProgress(IProgress<double>? progress, CancellationToken cancellation)
{
    private double _last = -1;

    /// <summary>Bytes in all; 0 while unknown.</summary>
    public long ByteCount { get; set; }

    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void Report(long position)
    {
        cancellation.ThrowIfCancellationRequested();
        if (progress is null || ByteCount == 0)
        {
            return;
        }

        double fraction = Math.Min(1, (double)position / ByteCount);
        if (fraction >= _last + 0.01 || (fraction == 1 && _last < 1))
        {
            _last = fraction;
            progress.Report(fraction);
        }
    }
}
