using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Heann.Core.Backends;

/// <summary>Eight residues: AVX-512 F and DQ. Formulas and proofs: <see cref="ISimdLanes{T}"/>.</summary>
internal readonly unsafe partial struct SimdLanes512 : ISimdLanes<SimdLanes512>
{
    private const byte NearestEven = 8;

    private readonly Vector512<double> _v;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private SimdLanes512(Vector512<double> v) => _v = v;

    public static bool IsSupported => Vector512.IsHardwareAccelerated && Avx512DQ.IsSupported;

    public static int Count => 8;

    public static int LogTail => 6;

    public static bool IsFused => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanes512 operator +(SimdLanes512 a, SimdLanes512 b) => new(a._v + b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanes512 operator -(SimdLanes512 a, SimdLanes512 b) => new(a._v - b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanes512 Load(double* source) => new(Vector512.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanes512 LoadIntegers(int* source) => new(Avx512F.ConvertToVector512Double(Vector256.Load(source)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(double* source) => Sse.Prefetch0(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PrefetchFar(double* source) => Sse.Prefetch1(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(SimdLanes512 value, double* destination) => value._v.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanes512 Broadcast(double value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanes512 LoadRuns(double* source, int shift)
    {
        if (shift == 1)
        {
            return new(Avx512F.PermuteVar8x64(Vector256.Load(source).ToVector512Unsafe(), Vector512.Create(0L, 0, 1, 1, 2, 2, 3, 3)));
        }

        return new(Avx512F.PermuteVar8x64(
            Vector128.Load(source).ToVector256Unsafe().ToVector512Unsafe(), Vector512.Create(0L, 0, 0, 0, 1, 1, 1, 1)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanes512 Multiply(SimdLanes512 a, SimdLanes512 w, SimdLanes512 wq, SimdLanes512 q)
    {
        Vector512<double> high = a._v * w._v;
        Vector512<double> quotient = Avx512F.RoundScale(a._v * wq._v, NearestEven);
        Vector512<double> low = Avx512F.FusedMultiplySubtract(a._v, w._v, high);
        return new(Avx512F.FusedMultiplyAddNegated(quotient, q._v, high) + low);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanes512 MultiplyBy(SimdLanes512 a, SimdLanes512 b, SimdLanes512 q, SimdLanes512 qInverse)
    {
        Vector512<double> high = a._v * b._v;
        Vector512<double> quotient = Avx512F.RoundScale(high * qInverse._v, NearestEven);
        Vector512<double> low = Avx512F.FusedMultiplySubtract(a._v, b._v, high);
        return new(Avx512F.FusedMultiplyAddNegated(quotient, q._v, high) + low);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanes512 Reduce(SimdLanes512 a, SimdLanes512 q, SimdLanes512 qInverse) =>
        new(Avx512F.FusedMultiplyAddNegated(Avx512F.RoundScale(a._v * qInverse._v, NearestEven), q._v, a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanes512 Center(SimdLanes512 a, SimdLanes512 q, SimdLanes512 half)
    {
        Vector512<double> over = Vector512.GreaterThan(a._v, half._v) & q._v;
        Vector512<double> under = Vector512.LessThan(a._v, -half._v) & q._v;
        return new(a._v - over + under);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanes512 FusedMultiplyAdd(SimdLanes512 a, SimdLanes512 b, SimdLanes512 c) =>
        new(Avx512F.FusedMultiplyAdd(a._v, b._v, c._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanes512 Round(SimdLanes512 a) => new(Avx512F.RoundScale(a._v, NearestEven));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Accumulate(
        SimdLanes512 a, SimdLanes512 b, SimdLanes512 q, SimdLanes512 qInverse, ref SimdLanes512 high, ref SimdLanes512 low)
    {
        Vector512<double> sum = Avx512F.FusedMultiplyAdd(a._v, b._v, high._v);
        Vector512<double> term = sum - high._v;
        low = new(low._v + Avx512F.FusedMultiplySubtract(a._v, b._v, term));
        high = new(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanes512 Fold(SimdLanes512 high, SimdLanes512 low, SimdLanes512 bias, SimdLanes512 q, SimdLanes512 qInverse) =>
        Reduce(high - bias, q, qInverse) + low;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanes512 LoadResidues(ulong* source) => new(Avx512DQ.ConvertToVector512Double(Vector512.Load(source)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreResidues(SimdLanes512 a, SimdLanes512 q, ulong* destination) =>
        Avx512DQ.ConvertToVector512Int64(a._v + (Vector512.LessThan(a._v, Vector512<double>.Zero) & q._v)).AsUInt64().Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanes512 Permute(SimdLanes512 a, double* lanes) => new(Avx512F.PermuteVar8x64(a._v, Vector512.Load((long*)lanes)));
}
