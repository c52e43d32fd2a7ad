using System.Text.Json;
using Hnn.Tool;

namespace Hnn.Model.Tests.Cli;

/// <summary>A run of the command line inside the test's process.</summary>
/// <param name="ExitCode">What it returned.</param>
/// <param name="Out">All of standard output.</param>
/// <param name="Error">All of standard error.</param>
internal sealed record CliRun(int ExitCode, string Out, string Error)
{
    /// <summary>Standard output as the one JSON object that it must be.</summary>
    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Out);

    public static async Task<CliRun> RunAsync(params string[] args)
    {
        using StringWriter output = new(), error = new();
        int exitCode = await HnnCommandLine.RunAsync(args, new Terminal(output, error, IsInteractive: false), TestContext.Current.CancellationToken);
        return new(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>Bad input: exit code 2, nothing on standard output, one line on standard error that holds <paramref name="part"/> and no stack trace.</summary>
    public void AssertRefused(string part)
    {
        Assert.Equal(2, ExitCode);
        Assert.Empty(Out);
        string line = Assert.Single(Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("hnn: ", line, StringComparison.Ordinal);
        Assert.Contains(part, line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", line, StringComparison.Ordinal);
    }

    /// <summary>The same where something is told before: the last line is the refusal.</summary>
    public void AssertRefusedLast(string part) =>
        (this with { Error = Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1] }).AssertRefused(part);

    /// <summary>Names of an object's fields, in order.</summary>
    public static string FieldNames(JsonElement value) => string.Join(", ", value.EnumerateObject().Select(field => field.Name));
}
