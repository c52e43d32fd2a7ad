namespace Heann.Gpu;

/// <summary>How a GPU is reached.</summary>
public enum GpuApi
{
    /// <summary>NVIDIA's driver: kernels compiled ahead to PTX, no toolkit.</summary>
    Cuda,

    /// <summary>Any OpenCL 1.2 driver with double precision: kernels compiled when a device is opened.</summary>
    OpenCl,
}
