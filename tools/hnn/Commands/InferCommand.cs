using System.CommandLine;
using System.Diagnostics;
using Heann.Core.Rings;
using Hnn.Model.Files;
using Hnn.Model.Server;
using Hnn.Model.Weights;
using Hnn.Tool.Output;
using Hnn.Tool.Progress;

namespace Hnn.Tool.Commands;

/// <summary><c>hnn infer request.bin --model DIR --evaluation-keys FILE --out response.bin</c>: the server. It has no secret key and sees
/// no text.</summary>
internal static class InferCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Terminal terminal)
    {
        Argument<string> request = FileOptions.File("REQUEST", "The request that 'hnn encrypt' wrote.");
        Option<string> model = CommonOptions.Model();
        Option<string> keys = new("--evaluation-keys") { Description = "The client's evaluation.keys.", HelpName = "FILE", Required = true };
        Option<string> output = FileOptions.Out("The response to be written, for the client.");
        Option<long?> keyMemory = CommonOptions.KeyMemory(
            "The memory of the keys: they are read from their file when they are needed and kept as far as they fit (default: all are loaded).");
        Option<string> where = CommonOptions.Backend();
        Option<int?> threads = CommonOptions.Threads();
        Option<bool> json = CommonOptions.Json();
        Command command = new("infer", "Classifies a request without seeing it.") { request, model, keys, output, keyMemory, where, threads, json };
        command.SetAction((parsed, cancellation) =>
        {
            (string, string, string) paths = (
                parsed.GetRequiredValue(request), parsed.GetRequiredValue(keys), parsed.GetRequiredValue(output));
            (Processor, long?) means = (CommonOptions.ProcessorOf(parsed, where, threads), parsed.GetValue(keyMemory));
            InferOutput result = Run(parsed.GetValue(model), paths, means, terminal, cancellation);
            result.Show(parsed.GetValue(json), terminal.Out, result.Write);
            return Task.CompletedTask;
        });
        return command;
    }

    private static InferOutput Run(
        string? modelPath,
        (string Request, string Keys, string Response) paths,
        (Processor Processor, long? KeyMemory) means,
        Terminal terminal,
        CancellationToken cancellation)
    {
        Stopwatch watch = Stopwatch.StartNew();
        ModelDirectory model = Inputs.OpenModel(modelPath);
        ModelIdentity identity = Inputs.Guard(() => ModelIdentity.Of(model));
        using RingBackend backend = means.Processor.Open(terminal);
        InferenceServer server = Inputs.Guard(() => new InferenceServer(model.Config, model.LoadNetwork(), identity.ModelId, backend));
        InferenceFiles files = new(server, identity, backend) { KeyMemoryBytes = means.KeyMemory };
        InferenceFileResult result = Inputs.Guard(() => StageViews.Run(terminal, view => files.Infer(
            paths, StageViews.Fraction(view, "load keys"), StageViews.Evaluation(view), cancellation)));
        return InferOutput.Create(identity, result, backend.Name, watch.Elapsed);
    }
}
