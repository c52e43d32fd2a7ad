using System.CommandLine;
using System.Diagnostics;
using Heann.Core.Rings;
using Hnn.Model.Client;
using Hnn.Model.Text;
using Hnn.Model.Weights;
using Hnn.Tool.Output;

namespace Hnn.Tool.Commands;

/// <summary><c>hnn encrypt TEXT --keys KEYS --out request.bin</c>: the client's first half.</summary>
internal static class EncryptCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Terminal terminal, bool hasDoubleDash)
    {
        Argument<string> text = CommonOptions.Text(hasDoubleDash);
        Option<string> keys = FileOptions.Keys();
        Option<string> model = CommonOptions.Model();
        Option<string> output = FileOptions.Out("The request to be written, for the server.");
        Option<string> where = CommonOptions.Backend();
        Option<int?> threads = CommonOptions.Threads();
        Option<bool> json = CommonOptions.Json();
        Command command = new("encrypt", "Encrypts a text to a request for the server.") { text, keys, model, output, where, threads, json };
        command.SetAction(parsed =>
        {
            EncryptOutput result = Run(
                parsed.GetRequiredValue(text),
                (parsed.GetRequiredValue(keys), parsed.GetValue(model), parsed.GetRequiredValue(output)),
                CommonOptions.ProcessorOf(parsed, where, threads),
                terminal);
            result.Show(parsed.GetValue(json), terminal.Out, result.Write);
        });
        return command;
    }

    private static EncryptOutput Run(string text, (string Keys, string? Model, string Output) paths, Processor processor, Terminal terminal)
    {
        Stopwatch watch = Stopwatch.StartNew();
        ModelDirectory model = Inputs.OpenModel(paths.Model);
        WordPieceTokenizer tokenizer = Inputs.Guard(() => new WordPieceTokenizer(model.LoadVocabulary()));
        TokenizedText tokens = Inputs.Tokenize(tokenizer, model.Config.MaxTokenCount, text, terminal);
        using RingBackend backend = processor.Open(terminal);
        using ClientFiles client = Inputs.Guard(() => ClientFiles.Open(new(paths.Keys), backend));
        (int bucket, long byteCount, TimeSpan time) = Inputs.Guard(() => client.Encrypt(model, tokens, paths.Output));
        return EncryptOutput.Create(client.Keys, (tokens, bucket), byteCount, time, watch.Elapsed);
    }
}
