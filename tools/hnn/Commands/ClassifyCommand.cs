using System.CommandLine;
using System.Diagnostics;
using Heann.Core.Keys;
using Heann.Core.Rings;
using Hnn.Model;
using Hnn.Model.Sessions;
using Hnn.Model.Text;
using Hnn.Tool.Output;
using Hnn.Tool.Progress;

namespace Hnn.Tool.Commands;

/// <summary><c>hnn classify TEXT</c>: the whole way, client to server and back, in one process; with <c>--plain</c> in the clear, see
/// <see cref="ClassifyPlain"/>.</summary>
internal static class ClassifyCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Terminal terminal, bool hasDoubleDash)
    {
        Argument<string> text = CommonOptions.Text(hasDoubleDash);
        Option<string> model = CommonOptions.Model();
        Option<Release?> release = CommonOptions.Release();
        Option<long?> keyMemory = CommonOptions.KeyMemory(
            "The memory of the keys: they are made into a temporary file and read when they are needed (default: all are in memory).");
        Option<string> disk = CommonOptions.Disk("With --key-memory: where the temporary file is");
        Option<string> where = CommonOptions.Backend();
        Option<int?> threads = CommonOptions.Threads();
        Option<bool> json = CommonOptions.Json();
        Option<bool> plain = new("--plain")
        {
            Description = "Classify in the clear, without encryption; DIR may hold a DistilBERT checkpoint as Hugging Face ships it.",
        };
        Command command = new("classify", "Encrypts a text, classifies the ciphertext, decrypts the answer.")
        {
            text, model, plain, release, keyMemory, disk, where, threads, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(plain) && result.GetValue(release) is not null)
            {
                result.AddError("--plain shows the probabilities of all classes anyway; leave --release out.");
            }
            else if (result.GetValue(plain) && result.GetResult(where) is { Implicit: false })
            {
                result.AddError($"{where.Name} is for classification under encryption; leave out --plain.");
            }
            else if (result.GetValue(plain) && result.GetResult(keyMemory) is not null)
            {
                result.AddError($"{keyMemory.Name} is for classification under encryption, which needs keys; leave out --plain.");
            }
            else
            {
                CommonOptions.RequireKeyMemory(result, keyMemory, disk);
            }
        });
        command.SetAction((parsed, cancellation) =>
        {
            if (parsed.GetValue(plain))
            {
                int threadCount = parsed.GetValue(threads) ?? Environment.ProcessorCount;
                PlainOutput result = ClassifyPlain.Run(
                    parsed.GetRequiredValue(text), parsed.GetValue(model), threadCount, terminal, cancellation);
                result.Show(parsed.GetValue(json), terminal.Out, result.Write);
                return Task.CompletedTask;
            }

            (string, string?, Release?) what = (parsed.GetRequiredValue(text), parsed.GetValue(model), parsed.GetValue(release));
            KeyMemory? memory = parsed.GetValue(keyMemory) is { } bytes ? new(bytes, parsed.GetValue(disk)) : null;
            ClassifyOutput output = Classify(what, (CommonOptions.ProcessorOf(parsed, where, threads), memory), terminal, cancellation);
            if (!output.InRange)
            {
                terminal.Warn("the result is out of the calibrated range: the text is unlike those the model was made for, and it gets no label.");
            }

            if (parsed.GetValue(json))
            {
                JsonOutput.Write(terminal.Out, output);
            }
            else
            {
                output.Write(terminal.Out);
            }

            return Task.CompletedTask;
        });
        return command;
    }

    private static ClassifyOutput Classify(
        (string Text, string? ModelPath, Release? Release) what, (Processor Processor, KeyMemory? Keys) means, Terminal terminal,
        CancellationToken cancellation)
    {
        Stopwatch watch = Stopwatch.StartNew();
        LoadedModel model = Inputs.LoadModel(what.ModelPath);
        TokenizedText tokens = Inputs.Tokenize(model.Tokenizer, model.Config.MaxTokenCount, what.Text, terminal);
        using RingBackend backend = means.Processor.Open(terminal);
        using LocalSession session = Inputs.Guard(
            () => new LocalSession(model, model.Config.BucketFor(tokens.Ids.Count), backend, what.Release, means.Keys));
        LocalResult result = Inputs.Guard(() => StageViews.Run(terminal, view =>
        {
            session.CreateKeys(StageViews.Keys(view), cancellation);
            return session.Classify(tokens, StageViews.Steps(view), cancellation);
        }));
        using Process process = Process.GetCurrentProcess();
        return ClassifyOutput.Create(what.Text, tokens, session, result, (backend.Name, watch.Elapsed, process.PeakWorkingSet64));
    }
}
