using BenchmarkDotNet.Running;
using Heann.Bench;
using Heann.Core.Backends;

switch (args.FirstOrDefault())
{
    case "ntt":
        NttTable.Print(args.Length > 1 ? Enum.Parse<SimdWidth>(args[1], ignoreCase: true) : SimdWidth.Auto);
        break;
    case "kernels":
        KernelTable.Print(args.Length > 1 ? Enum.Parse<SimdWidth>(args[1], ignoreCase: true) : SimdWidth.Auto);
        break;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Calibrator).Assembly).Run(args);
        break;
}
