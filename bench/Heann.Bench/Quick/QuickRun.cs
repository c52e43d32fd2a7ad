using System.Diagnostics;
using Heann.Bench.Rows;

namespace Heann.Bench.Quick;

/// <summary>Measures all rows in under a minute: short turns for every row, round after round, the calibrator among them.</summary>
internal sealed class QuickRun : IDisposable
{
    // Everything, from the start of the process on, ends before a minute is over: a last round takes up to three seconds.
    private static readonly TimeSpan End = TimeSpan.FromSeconds(50);
    private const double TurnMilliseconds = 10;
    private const double EnoughMicroseconds = 1.5e6;
    private const int MinRounds = 4;
    private const int WarmUpCalls = 60;

    private readonly List<IDisposable> _owned = [];
    private readonly List<(MeasuredRow Row, SampleClock Clock, SampleClock? Baseline)> _rows = [];
    private readonly SortedDictionary<int, SampleClock> _calibrators = [];

    /// <summary>Makes keys and operands.</summary>
    public QuickRun(QuickOptions options)
    {
        WarmUpRuntime(options);
        foreach (string set in options.Sets.Where(s => s[0] == 'N'))
        {
            foreach (string op in Operations.Transforms.Where(options.Ops.Contains))
            {
                AddRow(Own(new TransformOperands(int.Parse(set.AsSpan(1)), options.Threads ?? 1)).Row(op));
            }
        }

        foreach (string set in options.Sets.Where(s => s[0] == 'S'))
        {
            string[] ops = [.. Operations.Of(set).Where(options.Ops.Contains)];
            if (ops.Length > 0)
            {
                AddSet(new SetKeys(MeasuredSet.Create(set)), ops, options.Threads);
            }
        }

        if (_rows.Count == 0)
        {
            throw new ArgumentException(
                "No operation of --ops goes with a set of --sets: ntt and intt with N12 … N17, the others with S14 … S16.");
        }
    }

    /// <summary>Measures until every row has had enough or the time is over.</summary>
    public IReadOnlyList<QuickResult> Measure()
    {
        SampleClock[] clocks = [.. _calibrators.Values, .. _rows.SelectMany(row => Clocks(row.Clock, row.Baseline))];
        foreach (SampleClock clock in clocks)
        {
            clock.WarmUp(TurnMilliseconds);
        }

        int round = 0;
        bool isMore = true;
        while (isMore && (round < MinRounds || DateTime.Now - Process.GetCurrentProcess().StartTime < End))
        {
            isMore = false;
            foreach (SampleClock clock in clocks.Where(c => c.Spent < EnoughMicroseconds || c.Count < MinRounds))
            {
                clock.Turn(TurnMilliseconds);
                isMore = true;
            }

            round++;
        }

        return [.. _rows.Select(row => Result(row.Row, row.Clock, row.Baseline))];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        for (int i = _owned.Count - 1; i >= 0; i--)
        {
            _owned[i].Dispose();
        }
    }

    // On short calls, so that everything is compiled at its last tier before long ones are timed; the compiler runs beside us.
    private static void WarmUpRuntime(QuickOptions options)
    {
        using SetKeys keys = new(MeasuredSet.CreateSmall());
        using SetOperands operands = new(keys, options.Threads ?? 1);
        using TransformOperands transform = new(12, options.Threads ?? 1);
        MeasuredRow[] rows =
        [
            .. Operations.Transforms.Where(options.Ops.Contains).Select(transform.Row),
            .. Operations.OfSets.Where(options.Ops.Contains).Select(operands.Row),
        ];
        for (int half = 0; half < 2; half++)
        {
            for (int i = 0; i < WarmUpCalls / 2; i++)
            {
                foreach (MeasuredRow row in rows)
                {
                    row.Baseline?.Invoke();
                    row.Run();
                }
            }

            Thread.Sleep(300);
        }
    }

    private static IEnumerable<SampleClock> Clocks(SampleClock clock, SampleClock? baseline) =>
        baseline is null ? [clock] : [clock, baseline];

    private void AddSet(SetKeys keys, string[] ops, int? threads)
    {
        Own(keys);
        SetOperands operands = Own(new SetOperands(keys, threads ?? 1));
        foreach (string op in ops)
        {
            AddRow(operands.Row(op));
        }

        string[] twice = threads is null && keys.Set.Name == "S15" ? [.. Operations.OnTwoThreads.Where(ops.Contains)] : [];
        if (twice.Length > 0)
        {
            SetOperands onTwo = Own(new SetOperands(keys, 2));
            foreach (string op in twice)
            {
                AddRow(onTwo.Row(op));
            }
        }
    }

    private void AddRow(MeasuredRow row)
    {
        _rows.Add((row, new(row.Run), row.Baseline is null ? null : new(row.Baseline)));
        if (!_calibrators.ContainsKey(row.LogN))
        {
            _calibrators.Add(row.LogN, new(Own(new Calibrator(1 << row.LogN)).Transform));
        }
    }

    private QuickResult Result(MeasuredRow row, SampleClock clock, SampleClock? baseline)
    {
        double min = (clock.Min - (baseline?.Min ?? 0)) / row.Count;
        double median = (clock.Median - (baseline?.Median ?? 0)) / row.Count;
        return new(row.Op, row.Set, row.Threads, min, median, min / _calibrators[row.LogN].Min);
    }

    private T Own<T>(T resource)
        where T : IDisposable
    {
        _owned.Add(resource);
        return resource;
    }
}
