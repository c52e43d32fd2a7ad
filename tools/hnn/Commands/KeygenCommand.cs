using System.CommandLine;
using System.Diagnostics;
using Heann.Core.Rings;
using Hnn.Model;
using Hnn.Model.Client;
using Hnn.Model.Weights;
using Hnn.Tool.Output;
using Hnn.Tool.Progress;

namespace Hnn.Tool.Commands;

/// <summary><c>hnn keygen --model DIR --out KEYS</c>: a client's keys for every bucket of a model.</summary>
internal static class KeygenCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Terminal terminal)
    {
        Option<string> model = CommonOptions.Model();
        Option<string> output = FileOptions.Out(
            "Folder for secret.key, which stays with you, and evaluation.keys, which goes to the server.", "KEYS");
        Option<Release?> release = CommonOptions.Release();
        Option<string> where = CommonOptions.Backend();
        Option<int?> threads = CommonOptions.Threads();
        Option<bool> json = CommonOptions.Json();
        Command command = new("keygen", "Makes a client's keys for a model.") { model, output, release, where, threads, json };
        command.SetAction((parsed, cancellation) =>
        {
            (string?, string, Release?) what = (parsed.GetValue(model), parsed.GetRequiredValue(output), parsed.GetValue(release));
            KeygenOutput result = Run(what, CommonOptions.ProcessorOf(parsed, where, threads), terminal, cancellation);
            result.Show(parsed.GetValue(json), terminal.Out, result.Write);
            return Task.CompletedTask;
        });
        return command;
    }

    private static KeygenOutput Run(
        (string? ModelPath, string Path, Release? Release) what, Processor processor, Terminal terminal, CancellationToken cancellation)
    {
        Stopwatch watch = Stopwatch.StartNew();
        ModelDirectory model = Inputs.OpenModel(what.ModelPath);
        KeyFolder folder = Inputs.Guard(() => new KeyFolder(what.Path));
        using RingBackend backend = processor.Open(terminal);
        using ClientKeys keys = Inputs.Guard(() => StageViews.Run(
            terminal, view => folder.Create(model, backend, what.Release, StageViews.Fraction(view, "key generation"), cancellation)));
        return KeygenOutput.Create(keys, folder, watch.Elapsed);
    }
}
