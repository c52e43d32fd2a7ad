using System.Diagnostics;
using System.Text.RegularExpressions;
using Heann.Core.Tests.Rings;
using Heann.Gpu.Drivers;

namespace Heann.Gpu.Tests;

/// <summary>The PTX that the assembly carries is the kernels' source, compiled.</summary>
public sealed partial class PtxTests
{
    private const int CompilerIsAbsent = 3;

    [Fact]
    public void EmbeddedPtx_IsWhatTheCompilerMakesOfTheSource()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "tools/kernels/build is a shell script");
        string fresh = Path.GetTempFileName();
        try
        {
            using Process build = Process.Start(
                new ProcessStartInfo(Path.Combine(Repository.Root, "tools", "kernels", "build"), [fresh]) { RedirectStandardError = true })!;
            string errors = build.StandardError.ReadToEnd();
            build.WaitForExit();
            Assert.SkipWhen(build.ExitCode == CompilerIsAbsent, errors.Trim());
            Assert.True(build.ExitCode == 0, errors);
            string expected = File.ReadAllText(fresh), embedded = System.Text.Encoding.UTF8.GetString(KernelSources.Read("heann.ptx"));
            Assert.True(expected == embedded, "Heann.Gpu/Kernels/heann.ptx is not what heann.cl compiles to: run tools/kernels/build and commit it.");
        }
        finally
        {
            File.Delete(fresh);
        }
    }

    [Fact]
    public void EmbeddedPtx_HasEveryKernelAndRoundsAsTheSourceSays()
    {
        string ptx = System.Text.Encoding.UTF8.GetString(KernelSources.Read("heann.ptx"));
        string source = System.Text.Encoding.UTF8.GetString(KernelSources.Read("heann.cl"));
        string[] kernels = [.. Kernel().Matches(source).Select(m => m.Groups[1].Value)];
        Assert.Contains("ntt_forward", kernels);
        Assert.All(kernels, name => Assert.Contains($".entry {name}(", ptx, StringComparison.Ordinal));

        // Without .rn the driver's compiler may fuse a product and a sum.
        Assert.DoesNotMatch(@"\b(mul|add|sub|fma)\.f64", ptx);
        Assert.Matches(@"\bfma\.rn\.f64", ptx);
        Assert.DoesNotContain("texmode_independent", ptx, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"KERNEL (\w+)\(")]
    private static partial Regex Kernel();
}
