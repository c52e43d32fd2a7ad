using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Heann.Bench;

/// <summary>A plain scalar transform that measures the machine: times divided by its time can be compared between machines.</summary>
/// <remarks>
/// 64-bit integers, a 60-bit prime, Shoup's multiplication with precomputed quotients, Harvey's lazy reduction in [0, 4q), no branches in the butterflies.
/// For calibration alone; the library has its own transforms. Source: Harvey, "Faster arithmetic for number-theoretic transforms", 2014.
/// </remarks>
internal sealed unsafe class Calibrator : IDisposable
{
    private readonly int _degree;
    private readonly ulong _q;
    private readonly ulong* _values;
    private readonly ulong* _twiddles;
    private readonly ulong* _quotients;

    /// <summary>Tables for N.</summary>
    public Calibrator(int degree)
    {
        _degree = degree;
        _q = FindPrime(degree);
        _values = (ulong*)NativeMemory.AlignedAlloc((nuint)degree * 8, 4096);
        _twiddles = (ulong*)NativeMemory.AlignedAlloc((nuint)degree * 8, 4096);
        _quotients = (ulong*)NativeMemory.AlignedAlloc((nuint)degree * 8, 4096);
        int logN = BitOperations.Log2((uint)degree);
        ulong root = FindRoot(_q, degree);
        ulong power = 1;
        for (int i = 0; i < degree; i++)
        {
            int reversed = Core.Rings.NttTables.ReverseBits(i, logN);
            _twiddles[reversed] = power;
            _quotients[reversed] = (ulong)(((UInt128)power << 64) / _q);
            _values[i] = (ulong)i * 0x9E3779B97F4A7C15UL % _q;
            power = (ulong)((UInt128)power * root % _q);
        }
    }

    /// <summary>One forward transform in place; its input is the last output.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Transform()
    {
        ulong q = _q;
        ulong twice = 2 * q;
        for (int m = 1, half = _degree / 2; m < _degree; m *= 2, half /= 2)
        {
            for (int i = 0; i < m; i++)
            {
                ulong w = _twiddles[m + i];
                ulong quotient = _quotients[m + i];
                ulong* x = _values + 2L * i * half;
                ulong* y = x + half;
                int j = 0;
                for (; j + 4 <= half; j += 4)
                {
                    Butterfly(x + j, y + j, w, quotient, q, twice);
                    Butterfly(x + j + 1, y + j + 1, w, quotient, q, twice);
                    Butterfly(x + j + 2, y + j + 2, w, quotient, q, twice);
                    Butterfly(x + j + 3, y + j + 3, w, quotient, q, twice);
                }

                for (; j < half; j++)
                {
                    Butterfly(x + j, y + j, w, quotient, q, twice);
                }
            }
        }

        for (int i = 0; i < _degree; i++)
        {
            // Math.Min compiles to a branch here. It stays: the figures that this calibrator relates to were taken with this very loop.
            ulong value = _values[i];
            value = Math.Min(value, value - twice);
            _values[i] = Math.Min(value, value - q);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.AlignedFree(_values);
        NativeMemory.AlignedFree(_twiddles);
        NativeMemory.AlignedFree(_quotients);
    }

    // u, v < 4q → u + w·v, u − w·v + 2q < 4q.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Butterfly(ulong* x, ulong* y, ulong w, ulong quotient, ulong q, ulong twice)
    {
        ulong u = SubtractIfNotBelow(*x, twice);
        ulong v = *y;
        ulong high = Bmi2.X64.IsSupported ? Bmi2.X64.MultiplyNoFlags(v, quotient) : Math.BigMul(v, quotient, out _);
        ulong product = v * w - high * q;
        *x = u + product;
        *y = u + twice - product;
    }

    // Math.Min would become a branch that nobody can predict.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong SubtractIfNotBelow(ulong x, ulong bound)
    {
        ulong difference = x - bound;
        return difference + (bound & (ulong)((long)difference >> 63));
    }

    private static ulong FindPrime(int degree)
    {
        ulong step = 2UL * (ulong)degree;
        ulong q = (1UL << 60) / step * step + 1 - step;
        while (!Core.Arithmetic.Primality.IsPrime(q))
        {
            q -= step;
        }

        return q;
    }

    private static ulong FindRoot(ulong q, int degree)
    {
        for (ulong g = 2; ; g++)
        {
            BigInteger root = BigInteger.ModPow(g, (q - 1) / (2UL * (ulong)degree), q);
            if (BigInteger.ModPow(root, degree, q) == q - 1)
            {
                return (ulong)root;
            }
        }
    }
}
