using BenchmarkDotNet.Running;
using Heann.Bench;
using Heann.Bench.Gpu;
using Heann.Bench.Quick;
using Heann.Bench.Roofline;
using Heann.Bench.ThroughputCost;
using Heann.Core.Backends;
using Heann.Gpu;

try
{
    switch (args.FirstOrDefault())
    {
        case "ntt":
            NttTable.Print(args.Length > 1 ? Enum.Parse<SimdWidth>(args[1], ignoreCase: true) : SimdWidth.Auto);
            break;
        case "kernels":
            KernelTable.Print(args.Length > 1 ? Enum.Parse<SimdWidth>(args[1], ignoreCase: true) : SimdWidth.Auto);
            break;
        case "quick":
            QuickOptions options = QuickOptions.Parse(args.AsSpan(1));
            using (QuickRun run = new(options))
            {
                Console.WriteLine(QuickReport.Print(options.Format, run.Measure()));
            }

            break;
        case "gpu":
            GpuRun.Print(args.AsSpan(1));
            break;
        case "roofline":
            RooflineRun.Write(args.Length > 1 ? args[1] : Path.Combine("bench", "roofline.svg"));
            break;
        case "throughput-cost":
            CostRun.Write(CostOptions.Parse(args.AsSpan(1)));
            break;
        default:
            BenchmarkSwitcher.FromAssembly(typeof(Calibrator).Assembly).Run(args);
            break;
    }

    return 0;
}
catch (Exception exception) when (exception is ArgumentException or GpuException or FormatException)
{
    Console.Error.WriteLine(exception.Message);
    return 2;
}
