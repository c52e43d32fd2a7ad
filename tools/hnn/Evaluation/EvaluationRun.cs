using System.Diagnostics;
using System.Reflection;
using Heann.Core.Rings;
using Hnn.Model.Sessions;
using Hnn.Tool.Commands;
using Hnn.Tool.Output;
using Hnn.Tool.Progress;

namespace Hnn.Tool.Evaluation;

/// <summary>Classifies the sentences that have no row yet, one bucket after the other, a row for each as soon as it is there.</summary>
internal sealed class EvaluationRun
{
    private readonly EvaluationRequest _request;
    private readonly EvaluationInput _input;
    private readonly RunRows _rows;
    private readonly Terminal _terminal;
    private readonly Stopwatch _watch;
    private readonly int _run;

    /// <summary>Prepares a run.</summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="input">What it names.</param>
    /// <param name="rows">Where results go, and what is there already.</param>
    /// <param name="terminal">For progress.</param>
    /// <param name="watch">Runs since the program's start.</param>
    public EvaluationRun(EvaluationRequest request, EvaluationInput input, RunRows rows, Terminal terminal, Stopwatch watch)
    {
        (_request, _input, _rows, _terminal, _watch) = (request, input, rows, terminal, watch);
        _run = rows.State.NextRun;
    }

    /// <summary>The program's version.</summary>
    public static string Version =>
        typeof(EvaluationRun).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>Classifies what is left.</summary>
    /// <param name="done">Told every sentence that was classified now.</param>
    /// <param name="cancellation">Stops between steps; what has a row is kept.</param>
    public void Complete(Action<SentenceRow> done, CancellationToken cancellation)
    {
        using RingBackend backend = new Processor(_request.Backend, _request.ThreadCount).Open(_terminal);
        foreach (IGrouping<int, RunSentence> bucket in _input.Sentences.GroupBy(s => s.Bucket).OrderBy(g => g.Key))
        {
            RunSentence[] left = [.. bucket.Where(s => !_rows.State.Has(s.Index))];
            if (left.Length > 0) Classify(bucket.Key, left, backend, done, cancellation);
            RunSentence[] untraced = [.. bucket.Take(_request.TraceCount).Where(s => !_rows.State.HasTrace(s.Index))];
            if (untraced.Length > 0) Trace(bucket.Key, untraced, backend, cancellation);
        }
    }

    // The keys of one bucket are freed before the next's are made.
    private void Classify(int bucket, RunSentence[] left, RingBackend backend, Action<SentenceRow> done, CancellationToken cancellation)
    {
        using IEncryptedSession session = CreateSession(bucket, backend);
        LineView view = new(_terminal.Error);
        Announce(session);
        Inputs.Guard(() =>
        {
            session.CreateKeys(StageViews.Keys(view), cancellation);
            return true;
        });

        // A batch takes long enough to want to see its steps; a single sentence is a step of its own.
        StageClock clock = new(session.BatchSize > 1 ? StageViews.Steps(view) : null);
        bool hasSession = false;
        foreach (RunSentence[] batch in left.Chunk(session.BatchSize))
        {
            cancellation.ThrowIfCancellationRequested();
            clock.Restart();
            IReadOnlyList<LocalResult> results = Inputs.Guard(
                () => session.Classify([.. batch.Select(s => s.Tokens)], clock, cancellation));
            double[] shares = [.. clock.Seconds.Select(seconds => Math.Round(seconds / batch.Length, 6))];
            if (!hasSession)
            {
                Append(new SessionRow(
                    _run, Version, Machine.Describe(), _request.ThreadCount, bucket, session.BatchSize,
                    session.KeyGenerationTime.TotalSeconds, session.KeyBytes, clock.Names, backend.Name));
                hasSession = true;
            }

            foreach ((RunSentence sentence, LocalResult result) in batch.Zip(results))
            {
                ScoredSentence scored = ScoredSentence.Create(
                    sentence.Index, bucket, sentence.GoldLabel, sentence.Tokens.IsTruncated, result);
                SentenceRow row = SentenceRow.Create(scored, result, shares, _watch.Elapsed.TotalSeconds, OutputExtensions.PeakBytes);
                Append(row);
                done(row);
            }
        }
    }

    private string DiskFolder => Path.GetFullPath(_request.Memory.DiskFolder ?? Path.GetTempPath());

    // What waits where, before it takes long.
    private void Announce(IEncryptedSession session)
    {
        if (session is ThroughputSession { Plan: { Schedule.OnDisk: true } plan })
        {
            _terminal.Error.WriteLine(
                $"bucket {plan.Bucket}: {Units.Bytes(plan.PeakBytes)} in memory; waiting columns take up to {Units.Bytes(plan.DiskPeakBytes)} "
                + $"on disk in '{DiskFolder}'.");
        }
        else if (_request.Memory.KeyBytes is { } keys)
        {
            _terminal.Error.WriteLine($"bucket {session.Bucket}: keys wait on disk in '{DiskFolder}', {Units.Bytes(keys)} of them in memory.");
        }
    }

    // In a session that has made no keys, so that there is one set in memory at a time.
    private void Trace(int bucket, RunSentence[] untraced, RingBackend backend, CancellationToken cancellation)
    {
        using IEncryptedSession session = CreateSession(bucket, backend);
        new LineView(_terminal.Error).Report("trace", 0, $"bucket {bucket}, {untraced.Length} sentence(s) with keys of their own");
        IReadOnlyList<StageError> steps = Inputs.Guard(() => session.Trace([.. untraced.Select(s => s.Tokens)], cancellation));
        if (steps.Count == 0)
        {
            _terminal.Warn($"packing '{_request.PackingName}' cannot be traced; there are no errors of layers.");
            return;
        }

        Append(new TraceRow(
            bucket, [.. untraced.Select(s => s.Index)], steps, _watch.Elapsed.TotalSeconds, OutputExtensions.PeakBytes));
    }

    private IEncryptedSession CreateSession(int bucket, RingBackend backend) =>
        Inputs.Guard(() => EncryptedSessions.Create(_request.Packing, _input.Model, bucket, backend, _request.Memory));

    // A full disk is told as it is, like a file that cannot be read.
    private void Append(RunRow row) => Inputs.Guard(() =>
    {
        _rows.Append(row);
        return true;
    });
}
