using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Reflection;
using Heann.Gpu;
using Hnn.Tool.Commands;

namespace Hnn.Tool;

/// <summary>The command line: parses, runs a command, and turns what goes wrong into one line and an exit code.</summary>
internal static class HnnCommandLine
{
    /// <summary>How long a cancelled command may take to stop by itself.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    /// <summary>Runs the program.</summary>
    /// <param name="args">Arguments, without the program's name.</param>
    /// <param name="terminal">Where to write.</param>
    /// <param name="cancellation">An interrupt.</param>
    /// <returns>See <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, Terminal terminal, CancellationToken cancellation = default)
    {
        // A text such as "@someone liked it" is a text, not the name of a file of arguments.
        ParserConfiguration parser = new() { ResponseFileTokenReplacer = null, EnablePosixBundling = false };
        ParseResult parsed = CreateRoot(terminal, args.Contains("--")).Parse(args, parser);
        if (FirstError(parsed) is { } error)
        {
            terminal.Fail($"{error} See 'hnn --help'.");
            return ExitCodes.BadInput;
        }

        InvocationConfiguration invocation = new()
        {
            Output = terminal.Out, Error = terminal.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null,
        };
        try
        {
            // On a thread of its own, so that an interrupt need not wait for the step at hand.
            Task<int> running = Task.Run(() => parsed.InvokeAsync(invocation, cancellation), CancellationToken.None);
            Task interrupted = Task.Delay(Timeout.Infinite, cancellation);
            if (await Task.WhenAny(running, interrupted) == interrupted)
            {
                if (await Task.WhenAny(running, Task.Delay(Grace, CancellationToken.None)) != running)
                {
                    terminal.Abandon();
                }

                throw new OperationCanceledException(cancellation);
            }

            return await running;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            terminal.Fail("interrupted.");
            return ExitCodes.Interrupted;
        }
        catch (InputException e)
        {
            terminal.Fail(e.Message);
            return ExitCodes.BadInput;
        }
        catch (GpuException e)
        {
            terminal.Fail(e.Message);
            return ExitCodes.Failure;
        }
        catch (Exception e)
        {
            terminal.Fail($"internal error: {e.GetType().Name}: {e.Message}");
            return ExitCodes.Failure;
        }
    }

    private static RootCommand CreateRoot(Terminal terminal, bool hasDoubleDash)
    {
        RootCommand root = new("Classifies text that the classifying side never sees: a sentiment transformer on CKKS ciphertexts.");
        foreach (VersionOption version in root.Options.OfType<VersionOption>())
        {
            version.Action = new ShowVersion();
        }

        root.Add(ClassifyCommand.Create(terminal, hasDoubleDash));
        root.Add(PlanCommand.Create(terminal));
        root.Add(TokenizeCommand.Create(terminal, hasDoubleDash));
        root.Add(EvaluateCommand.Create(terminal));
        root.Add(CalibrateCommand.Create(terminal));
        root.Add(KeygenCommand.Create(terminal));
        root.Add(EncryptCommand.Create(terminal, hasDoubleDash));
        root.Add(InferCommand.Create(terminal));
        root.Add(DecryptCommand.Create(terminal));
        root.Add(InspectCommand.Create(terminal));
        root.Add(DevicesCommand.Create(terminal));
        return root;
    }

    // The parser reports several errors for one mistake; one line is enough.
    private static string? FirstError(ParseResult parsed)
    {
        if (parsed.Errors.Count == 0)
        {
            return null;
        }

        if (parsed.UnmatchedTokens is [var token, ..])
        {
            string what = token.StartsWith('-') ? "option" : parsed.CommandResult.Command is RootCommand ? "command" : "argument";
            string hint = what == "argument" && parsed.CommandResult.Command.Arguments.Count > 0 ? " Put a text of several words in quotes." : string.Empty;
            return $"Unknown {what} '{token}'.{hint}";
        }

        return parsed.CommandResult.Command is RootCommand ? "A command is missing." : parsed.Errors[0].Message;
    }

    private sealed class ShowVersion : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            string version = typeof(HnnCommandLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
            parseResult.InvocationConfiguration.Output.WriteLine("hnn " + version);
            return ExitCodes.Success;
        }
    }
}
