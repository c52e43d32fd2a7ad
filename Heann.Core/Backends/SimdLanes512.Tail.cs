using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Heann.Core.Backends;

/// <content>Six levels of a transform on 64 values in eight registers: three between registers, a transposition, three more.
/// Written out, since only locals are sure to live in registers: hence longer than methods should be.</content>
internal readonly unsafe partial struct SimdLanes512
{
    // Input below 8q. Reducing the upper halves leaves q/2 there and 3q/2 for the products of the lower halves:
    // 2q, 2.75q, 3.6q, 4.6q after four levels, 5.9q and 7.5q after two more with the general estimate; all below 8q, then reduced to the
    // invariant of storage.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void ForwardTail(double* x, int blockCount, int firstTwiddle, SimdTables tables)
    {
        SimdLanes512 q = Broadcast(tables.Q);
        SimdLanes512 i = Broadcast(tables.QInverse);
        double* pairs = tables.ForwardPairs;
        double* tail = tables.ForwardTail + ((long)firstTwiddle << 6) - tables.Degree;
        for (int k = firstTwiddle; k < firstTwiddle + blockCount; k++, x += 64, tail += 64)
        {
            SimdLanes512 v0 = Reduce(Load(x), q, i), v1 = Reduce(Load(x + 8), q, i);
            SimdLanes512 v2 = Reduce(Load(x + 16), q, i), v3 = Reduce(Load(x + 24), q, i);
            SimdLanes512 v4 = Load(x + 32), v5 = Load(x + 40), v6 = Load(x + 48), v7 = Load(x + 56);
            double* w = pairs + 2L * k;
            SimdLanes512 a = Broadcast(w[0]), b = Broadcast(w[1]);
            Forward(ref v0, ref v4, a, b, q);
            Forward(ref v1, ref v5, a, b, q);
            Forward(ref v2, ref v6, a, b, q);
            Forward(ref v3, ref v7, a, b, q);
            w = pairs + 4L * k;
            a = Broadcast(w[0]);
            b = Broadcast(w[1]);
            Forward(ref v0, ref v2, a, b, q);
            Forward(ref v1, ref v3, a, b, q);
            a = Broadcast(w[2]);
            b = Broadcast(w[3]);
            Forward(ref v4, ref v6, a, b, q);
            Forward(ref v5, ref v7, a, b, q);
            w = pairs + 8L * k;
            Forward(ref v0, ref v1, Broadcast(w[0]), Broadcast(w[1]), q);
            Forward(ref v2, ref v3, Broadcast(w[2]), Broadcast(w[3]), q);
            Forward(ref v4, ref v5, Broadcast(w[4]), Broadcast(w[5]), q);
            Forward(ref v6, ref v7, Broadcast(w[6]), Broadcast(w[7]), q);
            Transpose(ref v0, ref v1, ref v2, ref v3, ref v4, ref v5, ref v6, ref v7);
            a = Load(tail);
            b = Load(tail + 8);
            Forward(ref v0, ref v4, a, b, q);
            Forward(ref v1, ref v5, a, b, q);
            Forward(ref v2, ref v6, a, b, q);
            Forward(ref v3, ref v7, a, b, q);
            a = Load(tail + 16);
            ForwardBy(ref v0, ref v2, a, q, i);
            ForwardBy(ref v1, ref v3, a, q, i);
            a = Load(tail + 24);
            ForwardBy(ref v4, ref v6, a, q, i);
            ForwardBy(ref v5, ref v7, a, q, i);
            ForwardBy(ref v0, ref v1, Load(tail + 32), q, i);
            ForwardBy(ref v2, ref v3, Load(tail + 40), q, i);
            ForwardBy(ref v4, ref v5, Load(tail + 48), q, i);
            ForwardBy(ref v6, ref v7, Load(tail + 56), q, i);
            v0 = Reduce(v0, q, i);
            v1 = Reduce(v1, q, i);
            v2 = Reduce(v2, q, i);
            v3 = Reduce(v3, q, i);
            v4 = Reduce(v4, q, i);
            v5 = Reduce(v5, q, i);
            v6 = Reduce(v6, q, i);
            v7 = Reduce(v7, q, i);
            Transpose(ref v0, ref v1, ref v2, ref v3, ref v4, ref v5, ref v6, ref v7);
            Store(v0, x);
            Store(v1, x + 8);
            Store(v2, x + 16);
            Store(v3, x + 24);
            Store(v4, x + 32);
            Store(v5, x + 40);
            Store(v6, x + 48);
            Store(v7, x + 56);
        }
    }

    // Input at most q/2 + 2. Sums double; products of differences d return below q/2 + 3/16·|d| in the first two levels, q/2 + |d|/8 in the
    // others: after three levels v0 … v3 are below 4q and reduced, v4 … v7 are differences of at most 4q, multiplied: below q. Three more
    // levels: v0 below 8q, v1 below 3q, both reduced; v2, v3 are sums of two products (of at most 4q, below q): 2q; v4 … v7 are products of
    // at most 8q: 3q/2. Output at most 2q.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void InverseTail(double* x, int blockCount, int firstTwiddle, SimdTables tables)
    {
        SimdLanes512 q = Broadcast(tables.Q);
        SimdLanes512 i = Broadcast(tables.QInverse);
        double* pairs = tables.InversePairs;
        double* tail = tables.InverseTail + ((long)firstTwiddle << 6) - tables.Degree;
        for (int k = firstTwiddle; k < firstTwiddle + blockCount; k++, x += 64, tail += 64)
        {
            SimdLanes512 v0 = Load(x), v1 = Load(x + 8), v2 = Load(x + 16), v3 = Load(x + 24);
            SimdLanes512 v4 = Load(x + 32), v5 = Load(x + 40), v6 = Load(x + 48), v7 = Load(x + 56);
            Transpose(ref v0, ref v1, ref v2, ref v3, ref v4, ref v5, ref v6, ref v7);
            InverseBy(ref v0, ref v1, Load(tail + 32), q, i);
            InverseBy(ref v2, ref v3, Load(tail + 40), q, i);
            InverseBy(ref v4, ref v5, Load(tail + 48), q, i);
            InverseBy(ref v6, ref v7, Load(tail + 56), q, i);
            SimdLanes512 a = Load(tail + 16);
            InverseBy(ref v0, ref v2, a, q, i);
            InverseBy(ref v1, ref v3, a, q, i);
            a = Load(tail + 24);
            InverseBy(ref v4, ref v6, a, q, i);
            InverseBy(ref v5, ref v7, a, q, i);
            a = Load(tail);
            SimdLanes512 b = Load(tail + 8);
            Inverse(ref v0, ref v4, a, b, q);
            Inverse(ref v1, ref v5, a, b, q);
            Inverse(ref v2, ref v6, a, b, q);
            Inverse(ref v3, ref v7, a, b, q);
            v0 = Reduce(v0, q, i);
            v1 = Reduce(v1, q, i);
            v2 = Reduce(v2, q, i);
            v3 = Reduce(v3, q, i);
            Transpose(ref v0, ref v1, ref v2, ref v3, ref v4, ref v5, ref v6, ref v7);
            double* w = pairs + 8L * k;
            Inverse(ref v0, ref v1, Broadcast(w[0]), Broadcast(w[1]), q);
            Inverse(ref v2, ref v3, Broadcast(w[2]), Broadcast(w[3]), q);
            Inverse(ref v4, ref v5, Broadcast(w[4]), Broadcast(w[5]), q);
            Inverse(ref v6, ref v7, Broadcast(w[6]), Broadcast(w[7]), q);
            w = pairs + 4L * k;
            a = Broadcast(w[0]);
            b = Broadcast(w[1]);
            Inverse(ref v0, ref v2, a, b, q);
            Inverse(ref v1, ref v3, a, b, q);
            a = Broadcast(w[2]);
            b = Broadcast(w[3]);
            Inverse(ref v4, ref v6, a, b, q);
            Inverse(ref v5, ref v7, a, b, q);
            w = pairs + 2L * k;
            a = Broadcast(w[0]);
            b = Broadcast(w[1]);
            Inverse(ref v0, ref v4, a, b, q);
            Inverse(ref v1, ref v5, a, b, q);
            Inverse(ref v2, ref v6, a, b, q);
            Inverse(ref v3, ref v7, a, b, q);
            Store(Reduce(v0, q, i), x);
            Store(Reduce(v1, q, i), x + 8);
            Store(v2, x + 16);
            Store(v3, x + 24);
            Store(v4, x + 32);
            Store(v5, x + 40);
            Store(v6, x + 48);
            Store(v7, x + 56);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Forward(ref SimdLanes512 u, ref SimdLanes512 v, SimdLanes512 w, SimdLanes512 wq, SimdLanes512 q)
    {
        SimdLanes512 product = Multiply(v, w, wq, q);
        v = u - product;
        u += product;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Inverse(ref SimdLanes512 u, ref SimdLanes512 v, SimdLanes512 w, SimdLanes512 wq, SimdLanes512 q)
    {
        SimdLanes512 difference = u - v;
        u += v;
        v = Multiply(difference, w, wq, q);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ForwardBy(ref SimdLanes512 u, ref SimdLanes512 v, SimdLanes512 w, SimdLanes512 q, SimdLanes512 qInverse)
    {
        SimdLanes512 product = MultiplyBy(v, w, q, qInverse);
        v = u - product;
        u += product;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void InverseBy(ref SimdLanes512 u, ref SimdLanes512 v, SimdLanes512 w, SimdLanes512 q, SimdLanes512 qInverse)
    {
        SimdLanes512 difference = u - v;
        u += v;
        v = MultiplyBy(difference, w, q, qInverse);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(
        ref SimdLanes512 r0, ref SimdLanes512 r1, ref SimdLanes512 r2, ref SimdLanes512 r3,
        ref SimdLanes512 r4, ref SimdLanes512 r5, ref SimdLanes512 r6, ref SimdLanes512 r7)
    {
        Vector512<double> t0 = Avx512F.UnpackLow(r0._v, r1._v), t1 = Avx512F.UnpackHigh(r0._v, r1._v);
        Vector512<double> t2 = Avx512F.UnpackLow(r2._v, r3._v), t3 = Avx512F.UnpackHigh(r2._v, r3._v);
        Vector512<double> t4 = Avx512F.UnpackLow(r4._v, r5._v), t5 = Avx512F.UnpackHigh(r4._v, r5._v);
        Vector512<double> t6 = Avx512F.UnpackLow(r6._v, r7._v), t7 = Avx512F.UnpackHigh(r6._v, r7._v);
        Vector512<double> s0 = Avx512F.Shuffle4x128(t0, t2, 0x88), s1 = Avx512F.Shuffle4x128(t1, t3, 0x88);
        Vector512<double> s2 = Avx512F.Shuffle4x128(t0, t2, 0xDD), s3 = Avx512F.Shuffle4x128(t1, t3, 0xDD);
        Vector512<double> s4 = Avx512F.Shuffle4x128(t4, t6, 0x88), s5 = Avx512F.Shuffle4x128(t5, t7, 0x88);
        Vector512<double> s6 = Avx512F.Shuffle4x128(t4, t6, 0xDD), s7 = Avx512F.Shuffle4x128(t5, t7, 0xDD);
        r0 = new(Avx512F.Shuffle4x128(s0, s4, 0x88));
        r1 = new(Avx512F.Shuffle4x128(s1, s5, 0x88));
        r2 = new(Avx512F.Shuffle4x128(s2, s6, 0x88));
        r3 = new(Avx512F.Shuffle4x128(s3, s7, 0x88));
        r4 = new(Avx512F.Shuffle4x128(s0, s4, 0xDD));
        r5 = new(Avx512F.Shuffle4x128(s1, s5, 0xDD));
        r6 = new(Avx512F.Shuffle4x128(s2, s6, 0xDD));
        r7 = new(Avx512F.Shuffle4x128(s3, s7, 0xDD));
    }
}
