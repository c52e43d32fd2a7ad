using Heann.Core;
using Heann.Core.Backends;
using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Rings;
using Heann.Gpu;

namespace Heann.Examples;

/// <summary>The same circuit on a GPU, if there is one: what changes is the backend, and no byte of the result.</summary>
public static class OnGpu
{
    /// <summary>Begins the lines that say what this machine has; all others are the same on every machine.</summary>
    public const string Here = "| ";

    /// <summary>Runs the chapter.</summary>
    public static void Run(TextWriter output)
    {
        // A driver that is missing is no exception: the list says why there is no device.
        foreach (GpuDevice device in GpuDevice.List())
        {
            output.WriteLine(Here + device);
        }

        using RingBackend backend = Open(output);
        Run(output, backend);
    }

    /// <summary>Runs the chapter on a backend.</summary>
    public static void Run(TextWriter output, RingBackend backend)
    {
        output.WriteLine($"{Here}computing on {backend.Name}");

        // Keys, ciphertexts and plaintexts of this context live in the backend's memory. All else is as in the other chapters.
        using CkksContext ckks = CkksContext.Create(ParameterPresets.N13L3Dnum4, backend);
        using SecretKey secret = ckks.KeyGenerator.CreateSecretKey();
        using EvaluationKeys keys = ckks.KeyGenerator.CreateEvaluationKeys(secret, KeyRequest.ForRotations([1], level: 3));
        using Ciphertext x = ckks.Encrypt(secret, [1.5, -2, 0.25]);
        CkksEvaluator evaluator = ckks.CreateEvaluator(keys);
        Compute(evaluator, x).Dispose(); // the first time, constants are sent to the device

        GpuTransfers before = TransfersOf(backend);
        using Ciphertext answer = Compute(evaluator, x);
        GpuTransfers after = TransfersOf(backend);
        output.WriteLine($"{Here}up and down before: {before.UploadedBytes} and {before.DownloadedBytes} bytes");
        output.WriteLine($"{Here}up and down after:  {after.UploadedBytes} and {after.DownloadedBytes} bytes");

        // A polynomial has N residues for each prime; what crosses the bus, a few numbers for an operation, is less than one such row.
        long bytes = after.UploadedBytes - before.UploadedBytes + after.DownloadedBytes - before.DownloadedBytes;
        output.WriteLine($"rows of residues that crossed the bus: {bytes / (ckks.Parameters.RingDegree * sizeof(double))}");
        output.WriteLine($"squares, one slot to the left: {Numbers.Format(ckks.Decrypt(secret, answer), 3)}");

        // The CPU reads the same keys and the same ciphertext, as it would from another machine.
        using CkksContext cpu = CkksContext.Create(ckks.Parameters); // without a backend: the CPU
        using EvaluationKeys cpuKeys = cpu.Codecs.EvaluationKeys.Read(ckks.Codecs.EvaluationKeys.ToBytes(keys));
        using Ciphertext cpuX = cpu.Codecs.Ciphertext.Read(ckks.Codecs.Ciphertext.ToBytes(x));
        using Ciphertext cpuAnswer = Compute(cpu.CreateEvaluator(cpuKeys), cpuX);
        byte[] response = ckks.Codecs.Ciphertext.ToBytes(answer), cpuResponse = cpu.Codecs.Ciphertext.ToBytes(cpuAnswer);
        string verdict = response.AsSpan().SequenceEqual(cpuResponse) ? "are the same" : "differ";
        output.WriteLine($"the answer: {response.Length} bytes; the CPU's {verdict}");
    }

    // The first GPU, never a processor that an OpenCL driver shows as a device: that one is slower than the CPU's own backend.
    private static RingBackend Open(TextWriter output)
    {
        try
        {
            return GpuBackend.Open();
        }
        catch (GpuException exception)
        {
            output.WriteLine(Here + exception.Message);
            return new SimdBackend();
        }
    }

    private static Ciphertext Compute(CkksEvaluator evaluator, Ciphertext x)
    {
        using Ciphertext product = evaluator.Multiply(x, x);
        using Ciphertext square = evaluator.Rescale(product);
        return evaluator.Rotate(square, 1);
    }

    // The CPU's backend has no bus.
    private static GpuTransfers TransfersOf(RingBackend backend) => (backend as GpuBackend)?.Transfers ?? default;
}

/* Prints:
| Cuda: not available: there is no NVIDIA driver (libcuda.so.1, nvcuda.dll)
| OpenCl 0: pthread-skylake-avx512-AMD EPYC, 21.5 GiB, driver 3.1+debian, the processor
| ComputeSharp: not available: this build has no Direct3D 12 backend (ComputeSharp; it is compiled on Windows)
| No GPU can be used. Cuda: not available: there is no NVIDIA driver (libcuda.so.1, nvcuda.dll); OpenCl 0: pthread-skylake-avx512-AMD EPYC, 21.5 GiB, driver 3.1+debian, the processor.
| computing on SIMD (AVX-512), 2 threads
| up and down before: 0 and 0 bytes
| up and down after:  0 and 0 bytes
rows of residues that crossed the bus: 0
squares, one slot to the left: 4.0000 0.0625 0.0000
the answer: 247952 bytes; the CPU's are the same
*/
