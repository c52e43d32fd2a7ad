using Heann.Core.Rings;
using Heann.Core.Tests.Backends;

namespace Heann.Gpu.Tests;

/// <summary>The contract of every backend, on the device that tests use: see <see cref="Devices.Api"/>.</summary>
public sealed class GpuBackendContractTests : RingBackendContract
{
    protected override RingBackend CreateBackend() => Devices.Shared;

    protected override void ReleaseBackend(RingBackend backend)
    {
        // Shared: kernels are compiled once.
    }
}
