
namespace Hnn.Tool.Evaluation;

/// <summary>What the rows say so far: of this start of the program and of earlier ones.</summary>
/// <param name="expected">The sentences of the data, in order.</param>
internal sealed class RunState(IReadOnlyList<RunSentence> expected)
{
    private readonly SortedDictionary<int, SentenceRow> _sentences = [];
    private readonly List<SessionRow> _sessions = [];
    private readonly List<TraceRow> _traces = [];
    private readonly Dictionary<int, double> _elapsed = [];
    private readonly Dictionary<string, double> _stages = [];

    /// <summary>The sentences of the data, in order.</summary>
    public IReadOnlyList<RunSentence> Expected => expected;

    /// <summary>Sentences that are done, in the order of the data.</summary>
    public IReadOnlyCollection<SentenceRow> Sentences => _sentences.Values;

    /// <summary>Sessions in the order of time.</summary>
    public IReadOnlyList<SessionRow> Sessions => _sessions;

    /// <summary>Traces in the order of time.</summary>
    public IReadOnlyList<TraceRow> Traces => _traces;

    /// <summary>Seconds of each step, of all sentences together, in the circuit's order.</summary>
    public IReadOnlyDictionary<string, double> StageSeconds => _stages;

    /// <summary>The time of all starts, each up to its last row.</summary>
    public double TotalSeconds => _elapsed.Values.Sum();

    /// <summary>Peak working set of any start.</summary>
    public long PeakBytes => _sentences.Values.Select(s => s.PeakBytes).Concat(_traces.Select(t => t.PeakBytes)).DefaultIfEmpty().Max();

    /// <summary>How many times the program was started on these rows, this time included.</summary>
    public int NextRun => _sessions.Select(s => s.Run).DefaultIfEmpty().Max() + 1;

    /// <summary>Whether a sentence is done.</summary>
    public bool Has(int index) => _sentences.ContainsKey(index);

    /// <summary>Whether a sentence was traced.</summary>
    public bool HasTrace(int index) => _traces.Any(t => t.Indices.Contains(index));

    /// <summary>Takes a row in.</summary>
    /// <exception cref="InvalidDataException">It cannot be one of this run; the message says why.</exception>
    public void Add(RunRow row)
    {
        switch (row)
        {
            case SessionRow session:
                _sessions.Add(session);
                break;
            case SentenceRow sentence:
                Add(sentence);
                break;
            case TraceRow trace:
                Require(trace.Steps.Count > 0 && trace.Indices.Count > 0, "a trace without steps or sentences");
                foreach (int index in trace.Indices) _ = ExpectedAt(index, trace.Bucket);
                _traces.Add(trace);
                Elapse(trace.ElapsedSeconds);
                break;
            default:
                throw new InvalidDataException("the identity of a run stands in the first line alone");
        }
    }

    private static void Require(bool condition, string fault)
    {
        if (!condition) throw new InvalidDataException(fault);
    }

    private void Add(SentenceRow row)
    {
        RunSentence sentence = ExpectedAt(row.Index, row.Bucket);
        Require(
            sentence.GoldLabel == row.GoldLabel,
            $"sentence {row.Index} has label {sentence.GoldLabel} in the data, {row.GoldLabel} here");
        Require(!_sentences.ContainsKey(row.Index), $"sentence {row.Index} is there twice");
        Require(
            _sessions.Count > 0 && _sessions[^1].Bucket == row.Bucket,
            $"sentence {row.Index} does not follow a session of its bucket");
        Require(
            row.StageSeconds.Count == _sessions[^1].StageNames.Count,
            $"sentence {row.Index} has {row.StageSeconds.Count} times for {_sessions[^1].StageNames.Count} steps");
        int values = row.Released.Count;
        Require(
            (values == 1 || values == sentence.ClassCount) && values == row.Exact.Count && values == row.Twin.Count,
            $"sentence {row.Index} has {values} released values, {row.Exact.Count} exact ones and {row.Twin.Count} of the twin");
        Require(
            (uint)row.ClearLabel < (uint)sentence.ClassCount && (uint)(row.Label ?? 0) < (uint)sentence.ClassCount,
            $"sentence {row.Index} has label {row.Label} and {row.ClearLabel} in the clear, of {sentence.ClassCount} classes");
        _sentences.Add(row.Index, row);
        Elapse(row.ElapsedSeconds);
        foreach ((string name, double seconds) in _sessions[^1].StageNames.Zip(row.StageSeconds))
        {
            _stages[name] = _stages.GetValueOrDefault(name) + seconds;
        }
    }

    private RunSentence ExpectedAt(int index, int bucket)
    {
        Require((uint)index < (uint)expected.Count, $"there is no sentence {index} among {expected.Count}");
        Require(expected[index].Bucket == bucket, $"sentence {index} is of bucket {expected[index].Bucket}, not {bucket}");
        return expected[index];
    }

    private void Elapse(double seconds)
    {
        int run = _sessions.Count > 0 ? _sessions[^1].Run : 1;
        _elapsed[run] = Math.Max(_elapsed.GetValueOrDefault(run), seconds);
    }
}
