using System.Diagnostics;

namespace Hnn.Model.Tests.Training;

/// <summary>Runs tools/train with a Python that has PyTorch; skips the test, with the reason, where there is none.</summary>
internal static class PythonRecipe
{
    private static readonly string[] Candidates = ["/usr/bin/python3", "python3", "python"];
    private static readonly Lazy<string?> Interpreter = new(Find);

    /// <summary>Runs <c>python -m MODULE …</c> in tools/train and returns what it printed; fails the test where it fails.</summary>
    public static string Run(params string[] arguments)
    {
        string? interpreter = Interpreter.Value;
        if (interpreter is null)
            Assert.Skip("No Python with PyTorch: install python3-torch, or name an interpreter in HNN_PYTHON.");
        (int exitCode, string output) = Start(interpreter, arguments, TimeSpan.FromMinutes(8));
        Assert.True(exitCode == 0, $"{interpreter} {string.Join(' ', arguments)} ended with {exitCode}:\n{output}");
        return output;
    }

    private static string? Find()
    {
        string? named = Environment.GetEnvironmentVariable("HNN_PYTHON");
        string[] candidates = string.IsNullOrEmpty(named) ? Candidates : [named];
        return candidates.FirstOrDefault(HasTorch);
    }

    private static bool HasTorch(string interpreter)
    {
        try
        {
            return Start(interpreter, ["-c", "import torch"], TimeSpan.FromMinutes(2)).ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false; // there is no such program
        }
    }

    private static (int ExitCode, string Output) Start(string interpreter, string[] arguments, TimeSpan limit)
    {
        ProcessStartInfo start = new(interpreter, arguments)
        {
            WorkingDirectory = Path.Combine(TestData.Root, "tools", "train"), RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(limit))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{interpreter} {string.Join(' ', arguments)} took longer than {limit}.");
        }

        return (process.ExitCode, output.Result + error.Result);
    }
}
