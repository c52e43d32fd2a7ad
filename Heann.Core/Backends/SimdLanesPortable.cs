using System.Runtime.CompilerServices;

namespace Heann.Core.Backends;

/// <summary>One residue, with 64-bit integer products: no vector unit and no fused multiply-add needed.</summary>
/// <remarks>
/// r = a·b − c·q is below 2^53 in magnitude by the bounds of <see cref="ISimdLanes{T}"/>, so it is right modulo 2^64 and the high halves
/// of the two products are never needed. Only the quotient of a basis conversion calls for a fused multiply-add, by its definition.
/// </remarks>
internal readonly unsafe struct SimdLanesPortable : ISimdLanes<SimdLanesPortable>
{
    private readonly double _v;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private SimdLanesPortable(double v) => _v = v;

    public static int Count => 1;

    public static int LogTail => 0;

    public static bool IsFused => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanesPortable operator +(SimdLanesPortable a, SimdLanesPortable b) => new(a._v + b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanesPortable operator -(SimdLanesPortable a, SimdLanesPortable b) => new(a._v - b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanesPortable Load(double* source) => new(*source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanesPortable LoadIntegers(int* source) => new(*source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(double* source)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PrefetchFar(double* source)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(SimdLanesPortable value, double* destination) => *destination = value._v;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanesPortable Broadcast(double value) => new(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanesPortable LoadRuns(double* source, int shift) => new(*source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanesPortable Multiply(SimdLanesPortable a, SimdLanesPortable w, SimdLanesPortable wq, SimdLanesPortable q) =>
        new(Remainder(a._v, w._v, Math.Round(a._v * wq._v), q._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanesPortable MultiplyBy(SimdLanesPortable a, SimdLanesPortable b, SimdLanesPortable q, SimdLanesPortable qInverse) =>
        new(Remainder(a._v, b._v, Math.Round(a._v * b._v * qInverse._v), q._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanesPortable Reduce(SimdLanesPortable a, SimdLanesPortable q, SimdLanesPortable qInverse) =>
        new(Remainder(a._v, 1, Math.Round(a._v * qInverse._v), q._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanesPortable Center(SimdLanesPortable a, SimdLanesPortable q, SimdLanesPortable half) =>
        new(a._v > half._v ? a._v - q._v : a._v < -half._v ? a._v + q._v : a._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanesPortable FusedMultiplyAdd(SimdLanesPortable a, SimdLanesPortable b, SimdLanesPortable c) =>
        new(Math.FusedMultiplyAdd(a._v, b._v, c._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanesPortable Round(SimdLanesPortable a) => new(Math.Round(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Accumulate(
        SimdLanesPortable a,
        SimdLanesPortable b,
        SimdLanesPortable q,
        SimdLanesPortable qInverse,
        ref SimdLanesPortable high,
        ref SimdLanesPortable low) =>
        low += MultiplyBy(a, b, q, qInverse);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanesPortable Fold(
        SimdLanesPortable high, SimdLanesPortable low, SimdLanesPortable bias, SimdLanesPortable q, SimdLanesPortable qInverse) => low;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanesPortable LoadResidues(ulong* source) => new((long)*source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreResidues(SimdLanesPortable a, SimdLanesPortable q, ulong* destination)
    {
        long value = (long)a._v;
        *destination = (ulong)(value + ((value >> 63) & (long)q._v));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdLanesPortable Permute(SimdLanesPortable a, double* lanes) => a;

    // The passes have brought the blocks down to single values: only the reduction to the invariant of storage is left.
    public static void ForwardTail(double* x, int blockCount, int firstTwiddle, SimdTables tables, SimdStream ahead)
    {
        SimdLanesPortable q = new(tables.Q);
        SimdLanesPortable qInverse = new(tables.QInverse);
        for (int i = 0; i < blockCount && !ahead.IsLazy; i++)
        {
            x[i] = Reduce(new(x[i]), q, qInverse)._v;
        }
    }

    public static void InverseTail(double* x, int blockCount, int firstTwiddle, SimdTables tables)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Remainder(double a, double b, double quotient, double q) =>
        unchecked((long)a * (long)b - (long)quotient * (long)q);
}
