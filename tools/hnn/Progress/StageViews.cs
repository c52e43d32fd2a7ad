using Hnn.Model;

namespace Hnn.Tool.Progress;

/// <summary>Chooses a view for a terminal, and adapts the library's progress to it.</summary>
internal static class StageViews
{
    /// <summary>Runs work with a bar on a terminal, with plain lines elsewhere.</summary>
    public static T Run<T>(Terminal terminal, Func<IStageView, T> work) =>
        terminal.IsInteractive ? BarView.Run(terminal.Error, work) : work(new LineView(terminal.Error));

    /// <summary>The key generation's progress.</summary>
    public static IProgress<double> Keys(IStageView view) => Fraction(view, "key generation");

    /// <summary>The progress of a stage without steps.</summary>
    public static IProgress<double> Fraction(IStageView view, string stage) =>
        new Direct<double>(fraction => view.Report(stage, fraction, string.Empty));

    /// <summary>An evaluation's progress.</summary>
    public static IProgress<StageProgress> Evaluation(IStageView view) =>
        new Direct<StageProgress>(step => view.Report("evaluate", (double)step.Done / step.Total, $"{step.Name}, level {step.Level}"));

    /// <summary>A classification's progress.</summary>
    public static IProgress<StageProgress> Steps(IStageView view) => new Direct<StageProgress>(step =>
    {
        switch (step.Name)
        {
            case "encrypt":
                view.Report("encrypt", 1, string.Empty);
                view.Report("evaluate", 0, string.Empty);
                break;
            case "decrypt":
                view.Report("decrypt", 1, string.Empty);
                break;
            default:
                view.Report("evaluate", (double)step.Done / step.Total, $"{step.Name}, level {step.Level}");
                break;
        }
    });

    /// <summary>Reports on the thread that computes, in order; <see cref="Progress{T}"/> would hand reports to the thread pool.</summary>
    private sealed class Direct<T>(Action<T> report) : IProgress<T>
    {
        public void Report(T value) => report(value);
    }
}
