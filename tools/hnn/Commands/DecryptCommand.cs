using System.CommandLine;
using System.Diagnostics;
using Heann.Core.Rings;
using Hnn.Model.Approximations;
using Hnn.Model.Client;
using Hnn.Tool.Output;

namespace Hnn.Tool.Commands;

/// <summary><c>hnn decrypt response.bin --keys KEYS</c>: the client's second half.</summary>
internal static class DecryptCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Terminal terminal)
    {
        Argument<string> response = FileOptions.File("RESPONSE", "The response that 'hnn infer' wrote.");
        Option<string> keys = FileOptions.Keys();
        Option<string> where = CommonOptions.Backend();
        Option<int?> threads = CommonOptions.Threads();
        Option<bool> json = CommonOptions.Json();
        Command command = new("decrypt", "Decrypts the server's response.") { response, keys, where, threads, json };
        command.SetAction(parsed =>
        {
            DecryptOutput result = Run(
                parsed.GetRequiredValue(response), parsed.GetRequiredValue(keys), CommonOptions.ProcessorOf(parsed, where, threads), terminal);
            if (!result.InRange)
            {
                terminal.Warn(
                    "the result is out of the calibrated range: the text is unlike those the model was made for, and it gets no label.");
            }

            result.Show(parsed.GetValue(json), terminal.Out, result.Write);
        });
        return command;
    }

    private static DecryptOutput Run(string path, string keys, Processor processor, Terminal terminal)
    {
        Stopwatch watch = Stopwatch.StartNew();
        using RingBackend backend = processor.Open(terminal);
        using ClientFiles client = Inputs.Guard(() => ClientFiles.Open(new(keys), backend));
        (ReleasedValue value, int bucket, long byteCount, TimeSpan time) = Inputs.Guard(() => client.Decrypt(path));
        return DecryptOutput.Create(client.Keys, (value, bucket), byteCount, time, watch.Elapsed);
    }
}
