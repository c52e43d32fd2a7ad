using Spectre.Console;

namespace Hnn.Tool.Progress;

/// <summary>Progress as bars on a terminal, one for each stage.</summary>
internal sealed class BarView : IStageView
{
    private readonly ProgressContext _context;
    private readonly Dictionary<string, ProgressTask> _tasks = [];

    private BarView(ProgressContext context) => _context = context;

    /// <summary>Runs work below bars.</summary>
    public static T Run<T>(TextWriter writer, Func<IStageView, T> work)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
        return console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .Start(context => work(new BarView(context)));
    }

    /// <inheritdoc/>
    public void Report(string stage, double fraction, string detail)
    {
        if (!_tasks.TryGetValue(stage, out ProgressTask? task))
        {
            _tasks[stage] = task = _context.AddTask(Markup.Escape(stage), maxValue: 1);
        }

        task.Value = fraction;
        task.Description = Markup.Escape(detail.Length == 0 ? stage : $"{stage}: {detail}");
    }
}
