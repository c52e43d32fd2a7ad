using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using V = System.Runtime.Intrinsics.Vector512<double>;

namespace Heann.Core.Backends;

/// <content>Six levels of a transform on 64 values in eight registers: three between registers, a transposition, three more.
/// Written out, since only locals are sure to live in registers: hence longer than methods should be. The levels, and the formulas of
/// <see cref="Multiply"/> and <see cref="MultiplyBy"/>, are on bare vectors: the compiler inlines only so many calls.</content>
internal readonly unsafe partial struct SimdLanes512
{
    // Input below 8q. Reducing the upper halves leaves q/2 there and 3q/2 for the products of the lower halves:
    // 2q, 2.75q, 3.6q, 4.6q after four levels, 5.9q and 7.5q after two more with the general estimate; all below 8q, then reduced to the
    // invariant of storage.
    // Two blocks at a time, level by level: one alone waits for the latency of its products. An odd last block is done twice over.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void ForwardTail(double* x, int blockCount, int firstTwiddle, SimdTables tables, SimdStream ahead)
    {
        V q = Vector512.Create(tables.Q);
        V i = Vector512.Create(tables.QInverse);
        double* pairs = tables.ForwardPairs;
        double* tail = tables.ForwardTail + ((long)firstTwiddle << 6) - tables.Degree;
        int lines = 2 * ahead.LinesPerTail;
        double* next = ahead.Next;
        int end = firstTwiddle + blockCount;
        for (int k = firstTwiddle; k < end; k += 2, x += 128, tail += 128)
        {
            for (int line = 0; line < lines; line++, next += SimdStream.Line)
            {
                PrefetchFar(next);
            }

            int other = k + 1 < end ? 1 : 0;
            double* y = x + 64 * other;
            double* tailB = tail + 64 * other;
            double* w = pairs + 2L * k;
            double* wB = w + 2 * other;
            V a0 = Vector512.Load(x), a1 = Vector512.Load(x + 8);
            V a2 = Vector512.Load(x + 16), a3 = Vector512.Load(x + 24);
            V a4 = Vector512.Load(x + 32), a5 = Vector512.Load(x + 40);
            V a6 = Vector512.Load(x + 48), a7 = Vector512.Load(x + 56);
            V b0 = Vector512.Load(y), b1 = Vector512.Load(y + 8);
            V b2 = Vector512.Load(y + 16), b3 = Vector512.Load(y + 24);
            V b4 = Vector512.Load(y + 32), b5 = Vector512.Load(y + 40);
            V b6 = Vector512.Load(y + 48), b7 = Vector512.Load(y + 56);
            if (!ahead.IsLazy)
            {
                ReduceUpper(ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7, q, i);
                ReduceUpper(ref b0, ref b1, ref b2, ref b3, ref b4, ref b5, ref b6, ref b7, q, i);
            }

            LevelOne<ForwardButterfly>(ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7, w, q);
            LevelOne<ForwardButterfly>(ref b0, ref b1, ref b2, ref b3, ref b4, ref b5, ref b6, ref b7, wB, q);
            w = pairs + 4L * k;
            wB = w + 4 * other;
            LevelTwo<ForwardButterfly>(ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7, w, q);
            LevelTwo<ForwardButterfly>(ref b0, ref b1, ref b2, ref b3, ref b4, ref b5, ref b6, ref b7, wB, q);
            w = pairs + 8L * k;
            wB = w + 8 * other;
            LevelThree<ForwardButterfly>(ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7, w, q);
            LevelThree<ForwardButterfly>(ref b0, ref b1, ref b2, ref b3, ref b4, ref b5, ref b6, ref b7, wB, q);
            Transpose(ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7);
            Transpose(ref b0, ref b1, ref b2, ref b3, ref b4, ref b5, ref b6, ref b7);
            LevelFour<ForwardButterfly>(ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7, tail, q);
            LevelFour<ForwardButterfly>(ref b0, ref b1, ref b2, ref b3, ref b4, ref b5, ref b6, ref b7, tailB, q);
            LevelFive<ForwardButterfly>(ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7, tail + 16, q, i);
            LevelFive<ForwardButterfly>(ref b0, ref b1, ref b2, ref b3, ref b4, ref b5, ref b6, ref b7, tailB + 16, q, i);
            LevelSix<ForwardButterfly>(ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7, tail + 32, q, i);
            LevelSix<ForwardButterfly>(ref b0, ref b1, ref b2, ref b3, ref b4, ref b5, ref b6, ref b7, tailB + 32, q, i);
            if (!ahead.IsLazy)
            {
                ReduceUpper(ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7, q, i);
                ReduceUpper(ref b0, ref b1, ref b2, ref b3, ref b4, ref b5, ref b6, ref b7, q, i);
                ReduceLower(ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7, q, i);
                ReduceLower(ref b0, ref b1, ref b2, ref b3, ref b4, ref b5, ref b6, ref b7, q, i);
            }

            Transpose(ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7);
            Transpose(ref b0, ref b1, ref b2, ref b3, ref b4, ref b5, ref b6, ref b7);
            a0.Store(x);
            a1.Store(x + 8);
            a2.Store(x + 16);
            a3.Store(x + 24);
            a4.Store(x + 32);
            a5.Store(x + 40);
            a6.Store(x + 48);
            a7.Store(x + 56);
            b0.Store(y);
            b1.Store(y + 8);
            b2.Store(y + 16);
            b3.Store(y + 24);
            b4.Store(y + 32);
            b5.Store(y + 40);
            b6.Store(y + 48);
            b7.Store(y + 56);
        }
    }

    // Input at most q/2 + 2. Sums double; products of differences d return below q/2 + 3/16·|d| in the first two levels, q/2 + |d|/8 in the
    // others: after three levels v0 … v3 are below 4q and reduced, v4 … v7 are differences of at most 4q, multiplied: below q. Three more
    // levels: v0 below 8q, v1 below 3q, both reduced; v2, v3 are sums of two products (of at most 4q, below q): 2q; v4 … v7 are products of
    // at most 8q: 3q/2. Output at most 2q. Two blocks at a time, as above.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void InverseTail(double* x, int blockCount, int firstTwiddle, SimdTables tables)
    {
        V q = Vector512.Create(tables.Q);
        V i = Vector512.Create(tables.QInverse);
        double* pairs = tables.InversePairs;
        double* tail = tables.InverseTail + ((long)firstTwiddle << 6) - tables.Degree;
        int end = firstTwiddle + blockCount;
        for (int k = firstTwiddle; k < end; k += 2, x += 128, tail += 128)
        {
            int other = k + 1 < end ? 1 : 0;
            double* y = x + 64 * other;
            double* tailB = tail + 64 * other;
            V a0 = Vector512.Load(x), a1 = Vector512.Load(x + 8);
            V a2 = Vector512.Load(x + 16), a3 = Vector512.Load(x + 24);
            V a4 = Vector512.Load(x + 32), a5 = Vector512.Load(x + 40);
            V a6 = Vector512.Load(x + 48), a7 = Vector512.Load(x + 56);
            V b0 = Vector512.Load(y), b1 = Vector512.Load(y + 8);
            V b2 = Vector512.Load(y + 16), b3 = Vector512.Load(y + 24);
            V b4 = Vector512.Load(y + 32), b5 = Vector512.Load(y + 40);
            V b6 = Vector512.Load(y + 48), b7 = Vector512.Load(y + 56);
            Transpose(ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7);
            Transpose(ref b0, ref b1, ref b2, ref b3, ref b4, ref b5, ref b6, ref b7);
            LevelSix<InverseButterfly>(ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7, tail + 32, q, i);
            LevelSix<InverseButterfly>(ref b0, ref b1, ref b2, ref b3, ref b4, ref b5, ref b6, ref b7, tailB + 32, q, i);
            LevelFive<InverseButterfly>(ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7, tail + 16, q, i);
            LevelFive<InverseButterfly>(ref b0, ref b1, ref b2, ref b3, ref b4, ref b5, ref b6, ref b7, tailB + 16, q, i);
            LevelFour<InverseButterfly>(ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7, tail, q);
            LevelFour<InverseButterfly>(ref b0, ref b1, ref b2, ref b3, ref b4, ref b5, ref b6, ref b7, tailB, q);
            ReduceUpper(ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7, q, i);
            ReduceUpper(ref b0, ref b1, ref b2, ref b3, ref b4, ref b5, ref b6, ref b7, q, i);
            Transpose(ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7);
            Transpose(ref b0, ref b1, ref b2, ref b3, ref b4, ref b5, ref b6, ref b7);
            double* w = pairs + 8L * k;
            double* wB = w + 8 * other;
            LevelThree<InverseButterfly>(ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7, w, q);
            LevelThree<InverseButterfly>(ref b0, ref b1, ref b2, ref b3, ref b4, ref b5, ref b6, ref b7, wB, q);
            w = pairs + 4L * k;
            wB = w + 4 * other;
            LevelTwo<InverseButterfly>(ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7, w, q);
            LevelTwo<InverseButterfly>(ref b0, ref b1, ref b2, ref b3, ref b4, ref b5, ref b6, ref b7, wB, q);
            w = pairs + 2L * k;
            wB = w + 2 * other;
            LevelOne<InverseButterfly>(ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7, w, q);
            LevelOne<InverseButterfly>(ref b0, ref b1, ref b2, ref b3, ref b4, ref b5, ref b6, ref b7, wB, q);
            Reduced(a0, q, i).Store(x);
            Reduced(a1, q, i).Store(x + 8);
            Reduced(b0, q, i).Store(y);
            Reduced(b1, q, i).Store(y + 8);
            a2.Store(x + 16);
            a3.Store(x + 24);
            a4.Store(x + 32);
            a5.Store(x + 40);
            a6.Store(x + 48);
            a7.Store(x + 56);
            b2.Store(y + 16);
            b3.Store(y + 24);
            b4.Store(y + 32);
            b5.Store(y + 40);
            b6.Store(y + 48);
            b7.Store(y + 56);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LevelOne<TButterfly>(ref V v0, ref V v1, ref V v2, ref V v3, ref V v4, ref V v5, ref V v6, ref V v7, double* w, V q)
        where TButterfly : IButterfly
    {
        V c = Vector512.Create(w[0]), d = Vector512.Create(w[1]);
        TButterfly.ByQuotient(ref v0, ref v4, c, d, q);
        TButterfly.ByQuotient(ref v1, ref v5, c, d, q);
        TButterfly.ByQuotient(ref v2, ref v6, c, d, q);
        TButterfly.ByQuotient(ref v3, ref v7, c, d, q);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LevelTwo<TButterfly>(ref V v0, ref V v1, ref V v2, ref V v3, ref V v4, ref V v5, ref V v6, ref V v7, double* w, V q)
        where TButterfly : IButterfly
    {
        V c = Vector512.Create(w[0]), d = Vector512.Create(w[1]);
        TButterfly.ByQuotient(ref v0, ref v2, c, d, q);
        TButterfly.ByQuotient(ref v1, ref v3, c, d, q);
        c = Vector512.Create(w[2]);
        d = Vector512.Create(w[3]);
        TButterfly.ByQuotient(ref v4, ref v6, c, d, q);
        TButterfly.ByQuotient(ref v5, ref v7, c, d, q);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LevelThree<TButterfly>(ref V v0, ref V v1, ref V v2, ref V v3, ref V v4, ref V v5, ref V v6, ref V v7, double* w, V q)
        where TButterfly : IButterfly
    {
        TButterfly.ByQuotient(ref v0, ref v1, Vector512.Create(w[0]), Vector512.Create(w[1]), q);
        TButterfly.ByQuotient(ref v2, ref v3, Vector512.Create(w[2]), Vector512.Create(w[3]), q);
        TButterfly.ByQuotient(ref v4, ref v5, Vector512.Create(w[4]), Vector512.Create(w[5]), q);
        TButterfly.ByQuotient(ref v6, ref v7, Vector512.Create(w[6]), Vector512.Create(w[7]), q);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LevelFour<TButterfly>(ref V v0, ref V v1, ref V v2, ref V v3, ref V v4, ref V v5, ref V v6, ref V v7, double* w, V q)
        where TButterfly : IButterfly
    {
        V c = Vector512.Load(w), d = Vector512.Load(w + 8);
        TButterfly.ByQuotient(ref v0, ref v4, c, d, q);
        TButterfly.ByQuotient(ref v1, ref v5, c, d, q);
        TButterfly.ByQuotient(ref v2, ref v6, c, d, q);
        TButterfly.ByQuotient(ref v3, ref v7, c, d, q);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LevelFive<TButterfly>(ref V v0, ref V v1, ref V v2, ref V v3, ref V v4, ref V v5, ref V v6, ref V v7, double* w, V q, V i)
        where TButterfly : IButterfly
    {
        V c = Vector512.Load(w);
        TButterfly.ByEstimate(ref v0, ref v2, c, q, i);
        TButterfly.ByEstimate(ref v1, ref v3, c, q, i);
        c = Vector512.Load(w + 8);
        TButterfly.ByEstimate(ref v4, ref v6, c, q, i);
        TButterfly.ByEstimate(ref v5, ref v7, c, q, i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LevelSix<TButterfly>(ref V v0, ref V v1, ref V v2, ref V v3, ref V v4, ref V v5, ref V v6, ref V v7, double* w, V q, V i)
        where TButterfly : IButterfly
    {
        TButterfly.ByEstimate(ref v0, ref v1, Vector512.Load(w), q, i);
        TButterfly.ByEstimate(ref v2, ref v3, Vector512.Load(w + 8), q, i);
        TButterfly.ByEstimate(ref v4, ref v5, Vector512.Load(w + 16), q, i);
        TButterfly.ByEstimate(ref v6, ref v7, Vector512.Load(w + 24), q, i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ReduceUpper(ref V v0, ref V v1, ref V v2, ref V v3, ref V v4, ref V v5, ref V v6, ref V v7, V q, V i)
    {
        v0 = Reduced(v0, q, i);
        v1 = Reduced(v1, q, i);
        v2 = Reduced(v2, q, i);
        v3 = Reduced(v3, q, i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ReduceLower(ref V v0, ref V v1, ref V v2, ref V v3, ref V v4, ref V v5, ref V v6, ref V v7, V q, V i)
    {
        v4 = Reduced(v4, q, i);
        v5 = Reduced(v5, q, i);
        v6 = Reduced(v6, q, i);
        v7 = Reduced(v7, q, i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Reduced(V a, V q, V i) =>
        Avx512F.FusedMultiplyAddNegated(Avx512F.RoundScale(a * i, NearestEven), q, a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(
        ref V r0, ref V r1, ref V r2, ref V r3,
        ref V r4, ref V r5, ref V r6, ref V r7)
    {
        V t0 = Avx512F.UnpackLow(r0, r1), t1 = Avx512F.UnpackHigh(r0, r1);
        V t2 = Avx512F.UnpackLow(r2, r3), t3 = Avx512F.UnpackHigh(r2, r3);
        V t4 = Avx512F.UnpackLow(r4, r5), t5 = Avx512F.UnpackHigh(r4, r5);
        V t6 = Avx512F.UnpackLow(r6, r7), t7 = Avx512F.UnpackHigh(r6, r7);
        V s0 = Avx512F.Shuffle4x128(t0, t2, 0x88), s1 = Avx512F.Shuffle4x128(t1, t3, 0x88);
        V s2 = Avx512F.Shuffle4x128(t0, t2, 0xDD), s3 = Avx512F.Shuffle4x128(t1, t3, 0xDD);
        V s4 = Avx512F.Shuffle4x128(t4, t6, 0x88), s5 = Avx512F.Shuffle4x128(t5, t7, 0x88);
        V s6 = Avx512F.Shuffle4x128(t4, t6, 0xDD), s7 = Avx512F.Shuffle4x128(t5, t7, 0xDD);
        r0 = Avx512F.Shuffle4x128(s0, s4, 0x88);
        r1 = Avx512F.Shuffle4x128(s1, s5, 0x88);
        r2 = Avx512F.Shuffle4x128(s2, s6, 0x88);
        r3 = Avx512F.Shuffle4x128(s3, s7, 0x88);
        r4 = Avx512F.Shuffle4x128(s0, s4, 0xDD);
        r5 = Avx512F.Shuffle4x128(s1, s5, 0xDD);
        r6 = Avx512F.Shuffle4x128(s2, s6, 0xDD);
        r7 = Avx512F.Shuffle4x128(s3, s7, 0xDD);
    }

    // Two values and a twiddle, its quotient by q known or estimated from the product.
    private interface IButterfly
    {
        static abstract void ByQuotient(ref V u, ref V v, V w, V wq, V q);

        static abstract void ByEstimate(ref V u, ref V v, V w, V q, V i);
    }

    // (u, v) ← (u + w·v, u − w·v).
    private readonly struct ForwardButterfly : IButterfly
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void ByQuotient(
            ref V u, ref V v, V w, V wq, V q)
        {
            V high = v * w;
            V quotient = Avx512F.RoundScale(v * wq, NearestEven);
            V product = Avx512F.FusedMultiplyAddNegated(quotient, q, high) + Avx512F.FusedMultiplySubtract(v, w, high);
            v = u - product;
            u += product;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void ByEstimate(
            ref V u, ref V v, V w, V q, V i)
        {
            V high = v * w;
            V quotient = Avx512F.RoundScale(high * i, NearestEven);
            V product = Avx512F.FusedMultiplyAddNegated(quotient, q, high) + Avx512F.FusedMultiplySubtract(v, w, high);
            v = u - product;
            u += product;
        }
    }

    // (u, v) ← (u + v, w·(u − v)).
    private readonly struct InverseButterfly : IButterfly
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void ByQuotient(
            ref V u, ref V v, V w, V wq, V q)
        {
            V difference = u - v;
            V high = difference * w;
            V quotient = Avx512F.RoundScale(difference * wq, NearestEven);
            u += v;
            v = Avx512F.FusedMultiplyAddNegated(quotient, q, high) + Avx512F.FusedMultiplySubtract(difference, w, high);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void ByEstimate(
            ref V u, ref V v, V w, V q, V i)
        {
            V difference = u - v;
            V high = difference * w;
            V quotient = Avx512F.RoundScale(high * i, NearestEven);
            u += v;
            v = Avx512F.FusedMultiplyAddNegated(quotient, q, high) + Avx512F.FusedMultiplySubtract(difference, w, high);
        }
    }
}
