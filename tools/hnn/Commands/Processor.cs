using System.Globalization;
using Heann.Core.Backends;
using Heann.Core.Rings;
using Heann.Gpu;

namespace Hnn.Tool.Commands;

/// <summary>Where a command computes.</summary>
/// <param name="Backend">--backend: one of <see cref="Backends"/>, that of a device perhaps with its number, as in <c>cuda:1</c>.</param>
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

    /// <summary>Whether a value is one that --backend takes.</summary>
    public static bool IsBackend(string value)
    {
        string[] parts = value.Split(':');
        return Backends.Contains(parts[0])
            && (parts.Length == 1 || (parts.Length == 2 && parts[0] is not (Auto or Cpu) && ushort.TryParse(parts[1], NumberStyles.None, null, out _)));
    }

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
            string[] parts = Backend.Split(':');
            GpuApi? api = parts[0] switch
            {
                Cuda => GpuApi.Cuda,
                OpenCl => GpuApi.OpenCl,
                ComputeSharp => GpuApi.ComputeSharp,
                _ => null,
            };
            RingBackend gpu = api is not { } named ? GpuDevice.OpenFirst()
                : parts.Length == 1 ? GpuDevice.OpenFirst(named)
                : GpuDevice.Open(named, int.Parse(parts[1], CultureInfo.InvariantCulture));
            terminal.Note($"computing on {gpu.Name}{(gpu is GpuBackend { Device.IsProcessor: true } ? ", which is the processor" : "")}.");
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
