using System.Globalization;
using Heann.Core.Arithmetic;
using Heann.Core.Backends;
using Heann.Core.Rings;

namespace Heann.Bench;

/// <summary><c>kernels</c>: what the other operations cost, one thread, as a total and per value of the result.</summary>
internal static class KernelTable
{
    public static void Print(SimdWidth width)
    {
        using SimdBackend backend = new(1, width);
        Console.WriteLine($"{backend.Name}; 8 limbs of 50 bits; microseconds a call (min, median), nanoseconds a limb value");
        foreach (int degree in (int[])[1 << 14, 1 << 16])
        {
            using KernelOperands operands = new(backend, degree, 8);
            foreach ((string name, Action run, long values) in operands.Calls())
            {
                Stopclock clock = Stopclock.Measure(run, 150);
                double perValue = clock.MinMicroseconds * 1000 / values;
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{degree,6} | {name,-34} | {clock.MinMicroseconds,10:F1} | {clock.MedianMicroseconds,10:F1} | {perValue,7:F3} ns"));
            }
        }
    }
}
