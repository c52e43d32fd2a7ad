using BenchmarkDotNet.Running;
using Heann.Bench;
using Heann.Bench.Quick;
using Heann.Core.Backends;

switch (args.FirstOrDefault())
{
    case "ntt":
        NttTable.Print(args.Length > 1 ? Enum.Parse<SimdWidth>(args[1], ignoreCase: true) : SimdWidth.Auto);
        break;
    case "kernels":
        KernelTable.Print(args.Length > 1 ? Enum.Parse<SimdWidth>(args[1], ignoreCase: true) : SimdWidth.Auto);
        break;
    case "quick":
        using (QuickRun run = new(QuickOptions.Parse(args.AsSpan(1))))
        {
            Console.WriteLine(QuickReport.ToJson(run.Measure()));
        }

        break;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Calibrator).Assembly).Run(args);
        break;
}
