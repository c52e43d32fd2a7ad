using Heann.Core.Backends;
using Heann.Core.Rings;
using Heann.Gpu;

namespace Hnn.Tool.Commands;

/// <summary>Where a command computes.</summary>
/// <param name="Backend">--backend: one of <see cref="Backends"/>.</param>
/// <param name="ThreadCount">--threads, for the CPU.</param>
internal readonly record struct Processor(string Backend, int ThreadCount)
{
    /// <summary>The processor's vector units: what is used unless another is asked for.</summary>
    public const string Cpu = "cpu";

    private const string Auto = "auto";
    private const string Cuda = "cuda";
    private const string OpenCl = "opencl";
    private const string ComputeSharp = "computesharp";

    /// <summary>What --backend takes.</summary>
    public static IReadOnlyList<string> Backends { get; } = [Auto, Cpu, Cuda, OpenCl, ComputeSharp];

    /// <summary>Opens the backend, and says what it is when it is not the CPU.</summary>
    /// <exception cref="InputException">There is no such device.</exception>
    public RingBackend Open(Terminal terminal)
    {
        if (Backend == Cpu)
        {
            return new SimdBackend(ThreadCount);
        }

        try
        {
            RingBackend gpu = Backend switch
            {
                Cuda => GpuDevice.Open(GpuApi.Cuda),
                OpenCl => GpuDevice.Open(GpuApi.OpenCl),
                ComputeSharp => GpuDevice.Open(GpuApi.ComputeSharp),
                _ => GpuDevice.OpenFirst(),
            };
            terminal.Note($"computing on {gpu.Name}.");
            return gpu;
        }
        catch (GpuException e) when (Backend == Auto)
        {
            terminal.Note($"computing on the CPU: {e.Message}");
            return new SimdBackend(ThreadCount);
        }
        catch (GpuException e)
        {
            throw new InputException($"--backend {Backend}: {e.Message} 'hnn devices' lists what there is; --backend cpu needs no device.", e);
        }
    }
}
