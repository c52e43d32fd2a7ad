using Heann.Core.Parameters;
using Hnn.Model.Sessions;

namespace Hnn.Tool.Evaluation;

/// <summary>All that an evaluation found: what its JSON object and its report are made of.</summary>
/// <param name="Request">What was asked for.</param>
/// <param name="Input">What it named.</param>
/// <param name="State">The rows.</param>
/// <param name="Summary">Their totals.</param>
internal sealed record EvaluationResult(EvaluationRequest Request, EvaluationInput Input, RunState State, EvaluationSummary Summary)
{
    /// <summary>Sums up complete rows.</summary>
    public static EvaluationResult Create(EvaluationRequest request, EvaluationInput input, RunState state) => new(
        request, input, state,
        EvaluationSummary.Create([.. state.Sentences.Select(s => s.Scored)], input.Clear, input.Model.Config.SoftArgmax.Temperature));

    /// <summary>The parameters of the largest bucket that occurs.</summary>
    public CkksParameters Parameters => Input.Parameters[Input.Parameters.Keys.Max()];

    /// <summary>Bits of security, of all buckets.</summary>
    public int SecurityBits => Input.Parameters.Values.Min(p => p.SecurityBits);

    /// <summary>The errors after each step over all traces: largest error, mean of the means, largest prediction, least budget.</summary>
    public IReadOnlyList<StageError> Layers =>
    [
        .. State.Traces.SelectMany(t => t.Steps).GroupBy(s => s.Name).Select(group => group.First() with
        {
            PredictedError = group.Max(s => s.PredictedError),
            MaxError = group.Max(s => s.MaxError),
            MeanError = group.Average(s => s.MeanError),
            BudgetBits = group.Min(s => s.BudgetBits),
            NoiseBits = group.Max(s => s.NoiseBits),
            PredictedNoiseBits = group.Max(s => s.PredictedNoiseBits),
        }),
    ];

    /// <summary>The backends of all sessions; null where no row names one.</summary>
    public string? Backend =>
        string.Join("; ", State.Sessions.Select(s => s.Backend).OfType<string>().Distinct()) is { Length: > 0 } names ? names : null;

    /// <summary>Making keys, of all sessions.</summary>
    public double KeySeconds => State.Sessions.Sum(s => s.KeySeconds);

    /// <summary>Encryption, evaluation and decryption of a sentence, on average; neither keys nor the clear network.</summary>
    public double SecondsPerSentence => State.Sentences.Average(s => s.Seconds);
}
