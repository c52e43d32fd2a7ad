using Heann.Core.Backends;
using Heann.Core.Rings;
using Heann.Examples;

namespace Heann.Gpu.Tests.Examples;

/// <summary>The chapter on GPUs, on a device: of OpenCL, where a processor will do, or of CUDA.</summary>
public sealed class OnGpuTests(ITestOutputHelper output)
{
    // Here alone the chapter runs on a device where there is no GPU: by itself it would take the CPU's backend.
    [Fact]
    public void Chapter_PrintsOnADeviceWhatItPrintsOnTheCpu()
    {
        using GpuBackend gpu = GpuBackend.Open(Devices.First(Devices.Api)); // its own: others count on the shared one
        using SimdBackend cpu = new();
        string[] onGpu = Run(gpu), onCpu = Run(cpu);
        output.WriteLine(string.Join('\n', onGpu));
        Assert.Equal(onCpu.Where(IsOfEveryMachine), onGpu.Where(IsOfEveryMachine));
        Assert.Contains($"{OnGpu.Here}computing on {gpu.Name}", onGpu);
        Assert.Contains("rows of residues that crossed the bus: 0", onGpu);
        Assert.Contains(onGpu, line => line.EndsWith("the CPU's are the same", StringComparison.Ordinal));
        Assert.True(gpu.Transfers.UploadedBytes > 0);
    }

    private static bool IsOfEveryMachine(string line) => !line.StartsWith(OnGpu.Here, StringComparison.Ordinal);

    private static string[] Run(RingBackend backend)
    {
        using StringWriter writer = new() { NewLine = "\n" };
        OnGpu.Run(writer, backend);
        return writer.ToString().Split('\n');
    }
}
