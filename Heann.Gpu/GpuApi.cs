namespace Heann.Gpu;

/// <summary>How a GPU is reached.</summary>
public enum GpuApi
{
    /// <summary>NVIDIA's driver: kernels compiled ahead to PTX, no toolkit.</summary>
    Cuda,

    /// <summary>Any OpenCL 1.2 driver with double precision: kernels compiled when a device is opened.</summary>
    OpenCl,

    /// <summary>Direct3D 12 on Windows, through ComputeSharp: shaders compiled with the library, where it was built with them. A device is
    /// opened by <see cref="GpuDevice.Open"/> or <c>ComputeSharpBackend.Open</c>, not by <see cref="GpuBackend"/>.</summary>
    ComputeSharp,
}
