using Heann.Core.Rings;
using Heann.Core.Tests.Backends;

namespace Heann.Gpu.Tests;

/// <summary>The contract of every backend, on each OpenCL device that is there: PoCL, where there is no GPU.</summary>
public sealed class OpenClBackendTests : RingBackendContract
{
    protected override RingBackend CreateBackend() => Devices.Shared(GpuApi.OpenCl);

    protected override void ReleaseBackend(RingBackend backend)
    {
        // Shared: kernels are compiled once.
    }
}

/// <summary>The contract on NVIDIA's driver, where there is one.</summary>
public sealed class CudaBackendTests : RingBackendContract
{
    protected override RingBackend CreateBackend() => Devices.Shared(GpuApi.Cuda);

    protected override void ReleaseBackend(RingBackend backend)
    {
        // Shared: kernels are compiled once.
    }
}
