using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Heann.Core.Backends;

/// <summary>Four residues: AVX2 with fused multiply-add. Formulas and proofs: <see cref="ISimdLanes{T}"/>.</summary>
internal readonly unsafe partial struct SimdLanes256 : ISimdLanes<SimdLanes256>
{
    private readonly Vector256<double> _v;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private SimdLanes256(Vector256<double> v) => _v = v;

    public static bool IsSupported => Vector256.IsHardwareAccelerated && Avx2.IsSupported && Fma.IsSupported;

    public static int Count => 4;

    public static int LogTail => 4;

    public static bool IsFused => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanes256 operator +(SimdLanes256 a, SimdLanes256 b) => new(a._v + b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanes256 operator -(SimdLanes256 a, SimdLanes256 b) => new(a._v - b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanes256 Load(double* source) => new(Vector256.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanes256 LoadIntegers(int* source) => new(Avx.ConvertToVector256Double(Vector128.Load(source)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(double* source) => Sse.Prefetch0(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PrefetchFar(double* source) => Sse.Prefetch1(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(SimdLanes256 value, double* destination) => value._v.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanes256 Broadcast(double value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanes256 LoadRuns(double* source, int shift) =>
        new(Avx2.Permute4x64(Vector128.Load(source).ToVector256Unsafe(), 0b01_01_00_00)); // shift can only be 1

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanes256 Multiply(SimdLanes256 a, SimdLanes256 w, SimdLanes256 wq, SimdLanes256 q)
    {
        Vector256<double> high = a._v * w._v;
        Vector256<double> quotient = Avx.RoundToNearestInteger(a._v * wq._v);
        Vector256<double> low = Fma.MultiplySubtract(a._v, w._v, high);
        return new(Fma.MultiplyAddNegated(quotient, q._v, high) + low);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanes256 MultiplyBy(SimdLanes256 a, SimdLanes256 b, SimdLanes256 q, SimdLanes256 qInverse)
    {
        Vector256<double> high = a._v * b._v;
        Vector256<double> quotient = Avx.RoundToNearestInteger(high * qInverse._v);
        Vector256<double> low = Fma.MultiplySubtract(a._v, b._v, high);
        return new(Fma.MultiplyAddNegated(quotient, q._v, high) + low);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanes256 Reduce(SimdLanes256 a, SimdLanes256 q, SimdLanes256 qInverse) =>
        new(Fma.MultiplyAddNegated(Avx.RoundToNearestInteger(a._v * qInverse._v), q._v, a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanes256 Center(SimdLanes256 a, SimdLanes256 q, SimdLanes256 half)
    {
        Vector256<double> over = Vector256.GreaterThan(a._v, half._v) & q._v;
        Vector256<double> under = Vector256.LessThan(a._v, -half._v) & q._v;
        return new(a._v - over + under);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanes256 FusedMultiplyAdd(SimdLanes256 a, SimdLanes256 b, SimdLanes256 c) => new(Fma.MultiplyAdd(a._v, b._v, c._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanes256 Round(SimdLanes256 a) => new(Avx.RoundToNearestInteger(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Accumulate(
        SimdLanes256 a, SimdLanes256 b, SimdLanes256 q, SimdLanes256 qInverse, ref SimdLanes256 high, ref SimdLanes256 low)
    {
        Vector256<double> sum = Fma.MultiplyAdd(a._v, b._v, high._v);
        Vector256<double> term = sum - high._v;
        low = new(low._v + Fma.MultiplySubtract(a._v, b._v, term));
        high = new(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanes256 Fold(SimdLanes256 high, SimdLanes256 low, SimdLanes256 bias, SimdLanes256 q, SimdLanes256 qInverse) =>
        Reduce(high - bias, q, qInverse) + low;

    // 2^52 + x for 0 ≤ x < 2^52 has x itself in its low bits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanes256 LoadResidues(ulong* source)
    {
        Vector256<double> unit = Vector256.Create(4503599627370496.0);
        return new((Vector256.Load(source) | unit.AsUInt64()).AsDouble() - unit);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreResidues(SimdLanes256 a, SimdLanes256 q, ulong* destination)
    {
        Vector256<double> unit = Vector256.Create(4503599627370496.0);
        Vector256<double> canonical = a._v + (Vector256.LessThan(a._v, Vector256<double>.Zero) & q._v);
        ((canonical + unit).AsUInt64() ^ unit.AsUInt64()).Store(destination);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanes256 Permute(SimdLanes256 a, double* lanes) =>
        new(Avx2.PermuteVar8x32(a._v.AsSingle(), Vector256.Load((int*)lanes)).AsDouble());
}
