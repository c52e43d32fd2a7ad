using System.Diagnostics;
using System.Globalization;
using Heann.Core;
using Heann.Core.Backends;
using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Rings;
using Heann.Gpu;

namespace Heann.Bench.Gpu;

/// <summary>The hot kernels on a GPU, beside the processor of the same machine and the time that memory alone would take.</summary>
/// <remarks>
/// The floor of a row is the bytes that it must move over the copy bandwidth measured in the same run: an operand read and a result written
/// once; for transforms as often as there are passes; for a key switch the key, the ciphertext and the result once. Calls are queued
/// <see cref="CallsPerSample"/> at a time and waited for together, so that launches overlap as they do in a circuit. The GPU's times are its
/// own clock's, between events; "to queue" is what a call takes the thread that makes it: no circuit is faster than that.
/// </remarks>
internal sealed class GpuRun : IDisposable
{
    private const int CallsPerSample = 8;
    private const int MinSampleCount = 5;

    private readonly CkksParameters _parameters;
    private readonly RingBackend _backend;
    private readonly CkksContext _context;
    private readonly EvaluationKeys _keys;
    private readonly CkksEvaluator _evaluator;
    private readonly Ciphertext[] _operands;

    private GpuRun(CkksParameters parameters, RingBackend backend)
    {
        _parameters = parameters;
        _backend = backend;
        _context = CkksContext.Create(parameters, backend);
        using SecretKey secret = _context.KeyGenerator.CreateSecretKey();
        _keys = _context.KeyGenerator.CreateEvaluationKeys(secret, KeyRequest.ForRotations([1], parameters.MaxLevel));
        _evaluator = _context.CreateEvaluator(_keys);
        using Ciphertext x = _context.Encrypt(secret, [1, 2, 3]);
        _operands =
        [
            _evaluator.Copy(x), _evaluator.Allocate(parameters.MaxLevel), _evaluator.TensorProduct(x, x), _evaluator.Multiply(x, x),
            _evaluator.Allocate(parameters.MaxLevel - 1),
        ];
    }

    /// <summary>Measures, and prints a table.</summary>
    /// <param name="arguments">cuda or opencl (default: the first that is there); log2 N (default 16); seconds a row (default 1).</param>
    public static void Print(ReadOnlySpan<string> arguments)
    {
        (GpuApi? api, int logN, double milliseconds) = Parse(arguments);
        using GpuBackend gpu = Open(api);
        int[] primes = [50, .. Enumerable.Repeat(45, 23)];
        int[] special = [.. Enumerable.Repeat(50, 6)];
        CkksParameters parameters = logN >= 16
            ? CkksParameters.Create(logN, primes, special, 4, Scale.FromLog2(45))
            : CkksParameters.CreateInsecure(logN, primes, special, 4, Scale.FromLog2(45)); // to try the command out
        using SimdBackend simd = new();
        using GpuRun onGpu = new(parameters, gpu), onCpu = new(parameters, simd);
        Console.WriteLine($"{gpu.Name}{(gpu.Device.IsProcessor ? ", which is the processor" : "")}; {simd.Name}; {parameters}");
        Console.WriteLine("The floor is the time of the bytes at the rate of the first row.");
        Console.WriteLine();
        Console.WriteLine("| operation | device median, us | device min, us | to queue, us | moved, MB | GB/s | floor, us | over the floor | CPU median, us | CPU min, us |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|");
        double bandwidth = 0;
        foreach ((string name, long bytes, Action<GpuRun> call) in Rows(parameters))
        {
            (Stopclock gpuTime, double queueTime) = onGpu.MeasureOnGpu(gpu, call, milliseconds);
            Stopclock cpuTime = Stopclock.Measure(() => call(onCpu), milliseconds);
            bandwidth = bandwidth == 0 ? bytes / gpuTime.MedianMicroseconds : bandwidth; // the first row is the copy
            double floor = bytes / bandwidth;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {name} | {gpuTime.MedianMicroseconds:F1} | {gpuTime.MinMicroseconds:F1} | {queueTime:F1} | {bytes / 1e6:F1} | {bytes / gpuTime.MedianMicroseconds / 1e3:F1} "
                + $"| {floor:F1} | {gpuTime.MedianMicroseconds / floor:F2} | {cpuTime.MedianMicroseconds:F1} | {cpuTime.MinMicroseconds:F1} |"));
        }
    }

    private static (GpuApi? Api, int LogN, double Milliseconds) Parse(ReadOnlySpan<string> arguments)
    {
        GpuApi? api = arguments.Length == 0 ? null : arguments[0] switch
        {
            "cuda" => GpuApi.Cuda,
            "opencl" => GpuApi.OpenCl,
            string other => throw new ArgumentException($"'gpu' measures on cuda or opencl; got '{other}'."),
        };
        int logN = 16;
        double seconds = 1;
        if (arguments.Length > 1 && !(int.TryParse(arguments[1], NumberStyles.None, CultureInfo.InvariantCulture, out logN) && logN is >= 10 and <= 17))
        {
            throw new ArgumentException($"log2 N is 10 to 17; got '{arguments[1]}'.");
        }

        if (arguments.Length > 2 && !(double.TryParse(arguments[2], CultureInfo.InvariantCulture, out seconds) && seconds is > 0 and < 1000))
        {
            throw new ArgumentException($"The seconds of a row are more than 0 and less than 1000; got '{arguments[2]}'.");
        }

        return arguments.Length > 3
            ? throw new ArgumentException($"'gpu' takes an interface, log2 N and the seconds of a row; got {arguments.Length} arguments.")
            : (api, logN, 1000 * seconds);
    }

    // Of the interface that is named also a processor that shows as a device: to try the command out.
    private static GpuBackend Open(GpuApi? api)
    {
        IReadOnlyList<GpuDevice> devices = GpuDevice.ListDrivers();
        return api is { } named
            ? GpuDevice.OpenFirst(devices, named, OpenTimed)
            : GpuDevice.OpenFirst(devices, device => OpenTimed(device.Api, device.Index));

        static GpuBackend OpenTimed(GpuApi api, int index) => GpuBackend.Open(api, index, isTimed: true);
    }

    public void Dispose()
    {
        Array.ForEach(_operands, o => o.Dispose());
        _keys.Dispose();
        _context.Dispose();
    }

    private static IEnumerable<(string Name, long Bytes, Action<GpuRun> Call)> Rows(CkksParameters parameters)
    {
        long limb = (long)parameters.RingDegree * sizeof(double);
        long part = limb * parameters.BasisQ.Count;
        long key = SwitchingMatrix.RowCount * parameters.DigitCount * limb * parameters.BasisQP.Count;
        int passes = parameters.LogN <= 11 ? 1 : 2;
        yield return ("copy", 4 * part, r => r._evaluator.CopyInto(r._operands[0], r._operands[1]));
        yield return ("add", 6 * part, r => r._evaluator.AddInto(r._operands[0], r._operands[0], r._operands[1]));
        yield return ("ntt, all limbs", 2 * passes * part, r => r._backend.ForwardNtt([r._operands[1].Part(0)]));
        yield return ("intt, all limbs", 2 * passes * part, r => r._backend.InverseNtt([r._operands[1].Part(0)]));
        yield return ("relinearise", key + 5 * part, r => r._evaluator.RelinearizeInto(r._operands[2], r._operands[1]));
        yield return ("rotate", key + 4 * part, r => r._evaluator.RotateInto(r._operands[0], 1, r._operands[1]));
        yield return ("rescale", 4 * part, r => r._evaluator.RescaleInto(r._operands[3], r._operands[4]));
    }

    private (Stopclock Device, double QueueMicroseconds) MeasureOnGpu(GpuBackend gpu, Action<GpuRun> call, double milliseconds)
    {
        List<double> device = [], host = [];
        Sample(); // what is made once: constants, memory
        device.Clear();
        host.Clear();
        for (Stopwatch watch = Stopwatch.StartNew(); watch.Elapsed.TotalMilliseconds < milliseconds || device.Count < MinSampleCount;)
        {
            Sample();
        }

        return (new(device.Min(), Median(device)), Median(host));

        void Sample()
        {
            device.Add(gpu.Milliseconds(() =>
            {
                long start = Stopwatch.GetTimestamp();
                for (int i = 0; i < CallsPerSample; i++)
                {
                    call(this);
                }

                host.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds / CallsPerSample);
            }) * 1000 / CallsPerSample);
        }
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
