using System.Diagnostics;
using System.Text.Json;

namespace Hnn.Model.Tests.Cli;

/// <summary>A run of the command line in a process of its own.</summary>
internal sealed record HnnProcess(int ExitCode, string Out, string Error)
{
    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Out);

    public static async Task<HnnProcess> RunAsync(params string[] args)
    {
        ProcessStartInfo start = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "hnn.dll"), .. args])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath(),
        };
        using Process process = Process.Start(start)!;
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancellation);
        Task<string> error = process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return new(process.ExitCode, await output, await error);
    }

    /// <summary>Runs a command that must succeed.</summary>
    public static async Task<JsonElement> ResultAsync(params string[] args)
    {
        HnnProcess run = await RunAsync([.. args, "--json"]);
        Assert.True(run.ExitCode == 0, $"hnn {string.Join(' ', args)}: exit code {run.ExitCode}: {run.Error}");
        return run.Json;
    }
}
