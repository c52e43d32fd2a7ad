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

    /// <summary>What --backend takes.</summary>
    public static IReadOnlyList<string> Backends { get; } = [Auto, Cpu, Cuda, OpenCl];

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
            GpuBackend gpu = Backend switch
            {
                Cuda => GpuBackend.Open(GpuApi.Cuda),
                OpenCl => GpuBackend.Open(GpuApi.OpenCl),
                _ => GpuBackend.Open(),
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
