using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Heann.Core.Backends;

/// <content>Four levels of a transform on 16 values in four registers: two between registers, a transposition, two more.</content>
internal readonly unsafe partial struct SimdLanes256
{
    // Input below 8q; upper halves reduced: 2q, 2.75q, 3.6q, and 4.8q after the fourth with the general estimate, then the invariant of
    // storage.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void ForwardTail(double* x, int blockCount, int firstTwiddle, SimdTables tables, SimdStream ahead)
    {
        SimdLanes256 q = Broadcast(tables.Q);
        SimdLanes256 i = Broadcast(tables.QInverse);
        double* pairs = tables.ForwardPairs;
        double* tail = tables.ForwardTail + ((long)firstTwiddle << 4) - tables.Degree;
        int lines = ahead.LinesPerTail / 4;
        double* next = ahead.Next;
        for (int k = firstTwiddle; k < firstTwiddle + blockCount; k++, x += 16, tail += 16)
        {
            for (int line = 0; line < lines; line++, next += SimdStream.Line)
            {
                PrefetchFar(next);
            }

            SimdLanes256 v0 = Load(x), v1 = Load(x + 4), v2 = Load(x + 8), v3 = Load(x + 12);
            if (!ahead.IsLazy)
            {
                v0 = Reduce(v0, q, i);
                v1 = Reduce(v1, q, i);
            }

            double* w = pairs + 2L * k;
            SimdLanes256 a = Broadcast(w[0]), b = Broadcast(w[1]);
            Forward(ref v0, ref v2, a, b, q);
            Forward(ref v1, ref v3, a, b, q);
            w = pairs + 4L * k;
            Forward(ref v0, ref v1, Broadcast(w[0]), Broadcast(w[1]), q);
            Forward(ref v2, ref v3, Broadcast(w[2]), Broadcast(w[3]), q);
            Transpose(ref v0, ref v1, ref v2, ref v3);
            a = Load(tail);
            b = Load(tail + 4);
            Forward(ref v0, ref v2, a, b, q);
            Forward(ref v1, ref v3, a, b, q);
            ForwardBy(ref v0, ref v1, Load(tail + 8), q, i);
            ForwardBy(ref v2, ref v3, Load(tail + 12), q, i);
            if (!ahead.IsLazy)
            {
                v0 = Reduce(v0, q, i);
                v1 = Reduce(v1, q, i);
                v2 = Reduce(v2, q, i);
                v3 = Reduce(v3, q, i);
            }

            Transpose(ref v0, ref v1, ref v2, ref v3);
            Store(v0, x);
            Store(v1, x + 4);
            Store(v2, x + 8);
            Store(v3, x + 12);
        }
    }

    // Input at most q/2 + 2: after two levels v0, v1 are below 2q (v1: 1.4q) and reduced, v2, v3 products of at most 2q: 0.75q. Two more:
    // v0 below 3q, reduced; v1 a sum of two products of at most 1.5q: 1.4q; v2, v3 products of at most 3q: 0.9q. Output at most 2q.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void InverseTail(double* x, int blockCount, int firstTwiddle, SimdTables tables)
    {
        SimdLanes256 q = Broadcast(tables.Q);
        SimdLanes256 i = Broadcast(tables.QInverse);
        double* pairs = tables.InversePairs;
        double* tail = tables.InverseTail + ((long)firstTwiddle << 4) - tables.Degree;
        for (int k = firstTwiddle; k < firstTwiddle + blockCount; k++, x += 16, tail += 16)
        {
            SimdLanes256 v0 = Load(x), v1 = Load(x + 4), v2 = Load(x + 8), v3 = Load(x + 12);
            Transpose(ref v0, ref v1, ref v2, ref v3);
            InverseBy(ref v0, ref v1, Load(tail + 8), q, i);
            InverseBy(ref v2, ref v3, Load(tail + 12), q, i);
            SimdLanes256 a = Load(tail), b = Load(tail + 4);
            Inverse(ref v0, ref v2, a, b, q);
            Inverse(ref v1, ref v3, a, b, q);
            v0 = Reduce(v0, q, i);
            v1 = Reduce(v1, q, i);
            Transpose(ref v0, ref v1, ref v2, ref v3);
            double* w = pairs + 4L * k;
            Inverse(ref v0, ref v1, Broadcast(w[0]), Broadcast(w[1]), q);
            Inverse(ref v2, ref v3, Broadcast(w[2]), Broadcast(w[3]), q);
            w = pairs + 2L * k;
            a = Broadcast(w[0]);
            b = Broadcast(w[1]);
            Inverse(ref v0, ref v2, a, b, q);
            Inverse(ref v1, ref v3, a, b, q);
            Store(Reduce(v0, q, i), x);
            Store(v1, x + 4);
            Store(v2, x + 8);
            Store(v3, x + 12);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Forward(ref SimdLanes256 u, ref SimdLanes256 v, SimdLanes256 w, SimdLanes256 wq, SimdLanes256 q)
    {
        SimdLanes256 product = Multiply(v, w, wq, q);
        v = u - product;
        u += product;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Inverse(ref SimdLanes256 u, ref SimdLanes256 v, SimdLanes256 w, SimdLanes256 wq, SimdLanes256 q)
    {
        SimdLanes256 difference = u - v;
        u += v;
        v = Multiply(difference, w, wq, q);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ForwardBy(ref SimdLanes256 u, ref SimdLanes256 v, SimdLanes256 w, SimdLanes256 q, SimdLanes256 qInverse)
    {
        SimdLanes256 product = MultiplyBy(v, w, q, qInverse);
        v = u - product;
        u += product;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void InverseBy(ref SimdLanes256 u, ref SimdLanes256 v, SimdLanes256 w, SimdLanes256 q, SimdLanes256 qInverse)
    {
        SimdLanes256 difference = u - v;
        u += v;
        v = MultiplyBy(difference, w, q, qInverse);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(ref SimdLanes256 r0, ref SimdLanes256 r1, ref SimdLanes256 r2, ref SimdLanes256 r3)
    {
        Vector256<double> t0 = Avx.UnpackLow(r0._v, r1._v), t1 = Avx.UnpackHigh(r0._v, r1._v);
        Vector256<double> t2 = Avx.UnpackLow(r2._v, r3._v), t3 = Avx.UnpackHigh(r2._v, r3._v);
        r0 = new(Avx.Permute2x128(t0, t2, 0x20));
        r1 = new(Avx.Permute2x128(t1, t3, 0x20));
        r2 = new(Avx.Permute2x128(t0, t2, 0x31));
        r3 = new(Avx.Permute2x128(t1, t3, 0x31));
    }
}
