using System.Diagnostics;
using Hnn.Model.Datasets;
using Hnn.Model.Sessions;
using Hnn.Tool.Progress;

namespace Hnn.Tool.Commands;

/// <summary>A model run in the clear over a data file: what <c>hnn evaluate --clear</c> and <c>hnn calibrate</c> start from.</summary>
/// <param name="Model">The model.</param>
/// <param name="DataName">The data file's name, without its folder.</param>
/// <param name="Outcome">What came out.</param>
/// <param name="Time">Of the evaluation alone.</param>
internal sealed record ClearRun(LoadedModel Model, string DataName, ClearOutcome Outcome, TimeSpan Time)
{
    /// <summary>Reads model and data, and evaluates; warns of sentences that were cut.</summary>
    public static ClearRun Create(
        string dataPath, int? limit, string? modelPath, int? threadCount, Terminal terminal, CancellationToken cancellation)
    {
        LoadedModel model = Inputs.LoadModel(modelPath);
        IReadOnlyList<LabelledSentence> sentences = Inputs.LoadSentences(dataPath, limit, model);
        ClearSession session = Inputs.Guard(() => new ClearSession(model));
        Stopwatch watch = Stopwatch.StartNew();
        ClearOutcome outcome = StageViews.Run(terminal, view => Inputs.Guard(() => session.Evaluate(
            sentences, threadCount ?? Environment.ProcessorCount, StageViews.Fraction(view, "evaluate"), cancellation)));
        if (outcome.TruncatedCount > 0)
        {
            terminal.Warn(
                $"{outcome.TruncatedCount} sentence(s) are longer than the model's {model.Config.MaxTokenCount} tokens and were cut.");
        }

        return new(model, Path.GetFileName(dataPath), outcome, watch.Elapsed);
    }
}
