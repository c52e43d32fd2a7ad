namespace Hnn.Tool.Report;

/// <summary>Values along one side of a figure.</summary>
/// <param name="Low">The value at <paramref name="Start"/>.</param>
/// <param name="High">The value at <paramref name="End"/>.</param>
/// <param name="Start">A coordinate.</param>
/// <param name="End">A coordinate, on either side of the start.</param>
internal sealed record Axis(double Low, double High, double Start, double End)
{
    /// <summary>An axis whose ends are round numbers around values.</summary>
    /// <param name="low">The smallest value.</param>
    /// <param name="high">The largest value.</param>
    /// <param name="start">The coordinate of the low end.</param>
    /// <param name="end">The coordinate of the high end.</param>
    public static Axis Around(double low, double high, double start, double end)
    {
        double step = StepFor(low, high);
        double from = Math.Floor(low / step) * step, to = Math.Ceiling(high / step) * step;
        return new(from, to > from ? to : from + step, start, end) { Step = step };
    }

    /// <summary>From one tick to the next.</summary>
    public double Step { get; private init; } = StepFor(Low, High);

    /// <summary>Round values between the ends, both included where they are round; at most seven.</summary>
    public IReadOnlyList<double> Ticks
    {
        get
        {
            int first = (int)Math.Ceiling((Low / Step) - 1e-9), last = (int)Math.Floor((High / Step) + 1e-9);
            return [.. Enumerable.Range(first, last - first + 1).Select(i => i * Step)];
        }
    }

    /// <summary>Where a value lies; beyond the ends it is held at them.</summary>
    public double At(double value) => Start + ((Math.Clamp(value, Low, High) - Low) / (High - Low) * (End - Start));

    /// <summary>The least of 1, 2 and 5 times a power of ten that is a fifth of the range or more.</summary>
    private static double StepFor(double low, double high)
    {
        double range = high > low ? high - low : 1;
        double power = Math.Pow(10, Math.Floor(Math.Log10(range / 5)));
        return (range / 5 / power) switch { > 5 => 10 * power, > 2 => 5 * power, > 1 => 2 * power, _ => power };
    }
}
