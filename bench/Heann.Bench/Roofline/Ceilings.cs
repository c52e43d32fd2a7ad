using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Heann.Bench.Roofline;

/// <summary>The limits of one core: best of many short measurements.</summary>
/// <param name="GigaFlops">10^9 floating-point operations a second in fused multiply-adds, two each.</param>
/// <param name="MemoryGigabytes">10^9 bytes a second read and written by a copy far larger than the caches.</param>
/// <param name="CacheGigabytes">The same of a copy that fits a second-level cache.</param>
internal sealed record Ceilings(double GigaFlops, double MemoryGigabytes, double CacheGigabytes)
{
    private const int Repetitions = 20;
    private const int FmaRounds = 200_000;
    private const int Accumulators = 12;
    private const nuint MemoryBytes = 256 << 20;
    private const nuint CacheBytes = 192 << 10;

    /// <summary>Measures for about two seconds.</summary>
    public static Ceilings Measure()
    {
        double sink = 0;
        int lanes = Vector512.IsHardwareAccelerated ? 8 : 4;
        double fmaSeconds = Best(() => sink += lanes == 8 ? FusedMultiplyAdds512(FmaRounds) : FusedMultiplyAdds256(FmaRounds));
        GC.KeepAlive(sink);
        return new(
            2.0 * Accumulators * lanes * FmaRounds / fmaSeconds / 1e9, Copy(MemoryBytes, 1), Copy(CacheBytes, 2000));
    }

    private static unsafe double Copy(nuint bytes, int times)
    {
        byte* from = (byte*)NativeMemory.AlignedAlloc(bytes, 4096);
        byte* to = (byte*)NativeMemory.AlignedAlloc(bytes, 4096);
        try
        {
            NativeMemory.Fill(from, bytes, 1);
            NativeMemory.Fill(to, bytes, 2);
            double seconds = Best(() =>
            {
                for (int i = 0; i < times; i++)
                {
                    Buffer.MemoryCopy(from, to, bytes, bytes);
                }
            });
            return 2.0 * bytes * times / seconds / 1e9;
        }
        finally
        {
            NativeMemory.AlignedFree(from);
            NativeMemory.AlignedFree(to);
        }
    }

    private static double Best(Action action)
    {
        action();
        double best = double.MaxValue;
        for (int i = 0; i < Repetitions; i++)
        {
            long start = Stopwatch.GetTimestamp();
            action();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }

    // Twelve chains hide the latency of four cycles on two units. Written out: an array of accumulators would live in memory.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static double FusedMultiplyAdds512(int rounds)
    {
        Vector512<double> x = Vector512.Create(0.999), y = Vector512.Create(0.001);
        Vector512<double> a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y;
        for (int round = 0; round < rounds; round++)
        {
            a = Vector512.FusedMultiplyAdd(a, x, y);
            b = Vector512.FusedMultiplyAdd(b, x, y);
            c = Vector512.FusedMultiplyAdd(c, x, y);
            d = Vector512.FusedMultiplyAdd(d, x, y);
            e = Vector512.FusedMultiplyAdd(e, x, y);
            f = Vector512.FusedMultiplyAdd(f, x, y);
            g = Vector512.FusedMultiplyAdd(g, x, y);
            h = Vector512.FusedMultiplyAdd(h, x, y);
            i = Vector512.FusedMultiplyAdd(i, x, y);
            j = Vector512.FusedMultiplyAdd(j, x, y);
            k = Vector512.FusedMultiplyAdd(k, x, y);
            l = Vector512.FusedMultiplyAdd(l, x, y);
        }

        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static double FusedMultiplyAdds256(int rounds)
    {
        Vector256<double> x = Vector256.Create(0.999), y = Vector256.Create(0.001);
        Vector256<double> a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y;
        for (int round = 0; round < rounds; round++)
        {
            a = Vector256.FusedMultiplyAdd(a, x, y);
            b = Vector256.FusedMultiplyAdd(b, x, y);
            c = Vector256.FusedMultiplyAdd(c, x, y);
            d = Vector256.FusedMultiplyAdd(d, x, y);
            e = Vector256.FusedMultiplyAdd(e, x, y);
            f = Vector256.FusedMultiplyAdd(f, x, y);
            g = Vector256.FusedMultiplyAdd(g, x, y);
            h = Vector256.FusedMultiplyAdd(h, x, y);
            i = Vector256.FusedMultiplyAdd(i, x, y);
            j = Vector256.FusedMultiplyAdd(j, x, y);
            k = Vector256.FusedMultiplyAdd(k, x, y);
            l = Vector256.FusedMultiplyAdd(l, x, y);
        }

        return Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }
}
