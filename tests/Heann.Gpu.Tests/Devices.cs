namespace Heann.Gpu.Tests;

/// <summary>The device that tests share; they are skipped, with the reason, where there is none.</summary>
internal static class Devices
{
    private static readonly Lazy<GpuBackend> Backend = new(() => GpuBackend.Open(First(Api)));

    /// <summary>CUDA where there is a device of it, else OpenCL; HEANN_TEST_GPU=cuda or opencl says otherwise.</summary>
    public static GpuApi Api { get; } = Environment.GetEnvironmentVariable("HEANN_TEST_GPU") switch
    {
        "cuda" => GpuApi.Cuda,
        "opencl" => GpuApi.OpenCl,
        null or "" => GpuDevice.List().Any(d => d.Api == GpuApi.Cuda && d.IsAvailable) ? GpuApi.Cuda : GpuApi.OpenCl,
        string other => throw new InvalidOperationException($"HEANN_TEST_GPU is cuda or opencl, not '{other}'."),
    };

    /// <summary>The first device of <see cref="Api"/>, opened once.</summary>
    public static GpuBackend Shared
    {
        get
        {
            First(Api);
            return Backend.Value;
        }
    }

    /// <summary>The first device of an API; skips the test if it has none.</summary>
    public static GpuDevice First(GpuApi api)
    {
        IReadOnlyList<GpuDevice> devices = [.. GpuDevice.List().Where(d => d.Api == api)];
        GpuDevice? device = devices.FirstOrDefault(d => d.IsAvailable);
        Assert.SkipWhen(device is null, string.Join("; ", devices));
        return device!;
    }
}
