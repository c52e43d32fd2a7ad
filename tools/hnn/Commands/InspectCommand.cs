using System.CommandLine;
using Hnn.Model.Files;
using Hnn.Tool.Output;

namespace Hnn.Tool.Commands;

/// <summary><c>hnn inspect FILE</c>: what a file is. Needs no key.</summary>
internal static class InspectCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Terminal terminal)
    {
        Argument<string> file = FileOptions.File("FILE", "Any file of hnn or Heann.");
        Option<bool> json = CommonOptions.Json();
        Command command = new("inspect", "Says what a file is, its parameters and sizes, and checks its checksums.") { file, json };
        command.SetAction((parsed, cancellation) =>
        {
            InspectOutput result = InspectOutput.Create(
                Inputs.Guard(() => FileInspector.Inspect(parsed.GetRequiredValue(file), cancellation)));
            result.Show(parsed.GetValue(json), terminal.Out, result.Write);
            return Task.CompletedTask;
        });
        return command;
    }
}
