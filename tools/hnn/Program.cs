using System.Runtime.InteropServices;

namespace Hnn.Tool;

/// <summary>The hnn program.</summary>
internal static class Program
{
    /// <summary>Runs a command; an interrupt from the terminal cancels it.</summary>
    private static async Task<int> Main(string[] args)
    {
        using CancellationTokenSource interrupt = new();
        using PosixSignalRegistration registration = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            context.Cancel = true;
            interrupt.Cancel();
        });
        Terminal terminal = new(Console.Out, Console.Error, IsInteractive: !Console.IsErrorRedirected);
        return await HnnCommandLine.RunAsync(args, terminal, interrupt.Token);
    }
}
