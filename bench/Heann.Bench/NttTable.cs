using System.Globalization;
using Heann.Core.Arithmetic;
using Heann.Core.Backends;
using Heann.Core.Rings;

namespace Heann.Bench;

/// <summary><c>ntt</c>: the transform of one limb, one thread, beside the calibrator and HEXL's published ratio to it.</summary>
internal static class NttTable
{
    // Forward and inverse of HEXL 1.2.6 (AVX-512 IFMA, 50-bit prime) in microseconds, and this calibrator, all on one machine.
    private static readonly (int LogN, double Forward, double Inverse, double Calibrator)[] Hexl =
        [(14, 25.8, 29.1, 317), (15, 55.5, 61.7, 668), (16, 119, 131, 1413)];

    public static void Print(SimdWidth width)
    {
        using SimdBackend backend = new(1, width);
        Console.WriteLine($"{backend.Name}; 50-bit prime; microseconds. fwd/cal: minimum over the calibrator's; /HEXL: over HEXL's ratio.");
        Console.WriteLine(
            "     N | calibrator | forward min  median | inverse min  median | fwd/cal  inv/cal | HEXL fwd  inv | /HEXL fwd   inv");
        for (int logN = 12; logN <= 17; logN++)
        {
            Row(backend, logN);
        }
    }

    // Rounds alternate between the three, so that a busy neighbour disturbs all of them.
    private static void Row(SimdBackend backend, int logN)
    {
        RnsBasis basis = new(1 << logN, PrimeSearch.Descending(50, 1 << logN, 1));
        using RnsPolynomial x = new(backend, basis, Domain.Coefficient);
        Random random = new(1);
        backend.Upload([.. Enumerable.Range(0, 1 << logN).Select(_ => (ulong)random.NextInt64((long)basis[0].Value))], x.Block);
        using Calibrator calibrator = new(1 << logN);
        LimbBlock[] blocks = [x.Block];
        List<Stopclock> scalar = [], forward = [], inverse = [];
        for (int round = 0; round < 5; round++)
        {
            scalar.Add(Stopclock.Measure(calibrator.Transform, 120));
            forward.Add(Stopclock.Measure(() => backend.ForwardNtt(blocks), 150));
            inverse.Add(Stopclock.Measure(() => backend.InverseNtt(blocks), 150));
        }

        double unit = scalar.Min(s => s.MinMicroseconds);
        double f = forward.Min(s => s.MinMicroseconds);
        double i = inverse.Min(s => s.MinMicroseconds);
        Write($"  2^{logN,-2} | {unit,10:F1} | {f,11:F1} {Median(forward),7:F1} | {i,11:F1} {Median(inverse),7:F1} ");
        Write($"| {f / unit,7:F4} {i / unit,8:F4} |");
        (int LogN, double Forward, double Inverse, double Calibrator) hexl = Hexl.FirstOrDefault(h => h.LogN == logN);
        if (hexl.LogN != 0)
        {
            double hexlForward = hexl.Forward / hexl.Calibrator;
            double hexlInverse = hexl.Inverse / hexl.Calibrator;
            Write($" {hexlForward,8:F4} {hexlInverse,6:F4} | {f / unit / hexlForward,8:F2} {i / unit / hexlInverse,6:F2}");
        }

        Console.WriteLine();
    }

    private static void Write(FormattableString text) => Console.Write(text.ToString(CultureInfo.InvariantCulture));

    private static double Median(List<Stopclock> clocks) => clocks.Select(c => c.MedianMicroseconds).Order().ElementAt(clocks.Count / 2);
}
