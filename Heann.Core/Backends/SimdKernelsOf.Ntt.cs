using System.Runtime.CompilerServices;

namespace Heann.Core.Backends;

/// <content>
/// Transforms: radix-4 passes, depth first so that a piece is finished while it is in the nearest cache, then a tail in registers. A
/// radix-2 pass comes first (last in the inverse) if the number of levels before the tail is odd.
/// </content>
internal sealed unsafe partial class SimdKernelsOf<T>
{
    // 4096 doubles: the 32 KiB of a first-level cache.
    private const int LogBlock = 12;

    // Lazy ranges of the forward transform, in units of q. A butterfly (u, v) → (u ± w·v) of values below B gives at most
    // B + 1/2 + B/8. From 1/2, eight levels give 1.07, 1.7, 2.5, 3.3, 4.2, 5.2, 6.3, 7.6: below 8 = 2^53/q, where all is exact. A pass that
    // reduces its upper halves and multiplies its lower ones, of at most 8, starts again at 1/2 + 3/2 = 2: 2, 2.75, 3.6, 4.6, 5.7, 6.9:
    // six.
    private const int ReducedLevels = 6;

    public override void ForwardNtt(double* x, SimdTables tables) => Forward(x, tables.LogN, 1, FreshLevels, tables);

    public override int BlockLog(int log)
    {
        while (log > LogBlock)
        {
            log -= FirstStep(log);
        }

        return log;
    }

    public override void ForwardUpper(double* x, int levels, SimdTables tables) => Upper(x, tables.LogN, 1, levels, tables);

    public override void ForwardUpperFrom(double* source, double* x, int levels, SimdTables tables)
    {
        int log = tables.LogN;
        int step = log <= LogBlock ? 0 : FirstStep(log);
        if (step == 0)
        {
            Reduce(source, tables.Degree, tables.Modulus, x);
            return;
        }

        if (step == 1)
        {
            ForwardTwoFrom(source, x, tables);
        }
        else
        {
            ForwardFourFrom(source, x, tables);
        }

        for (int i = 0; i < 1 << step; i++)
        {
            Upper(x + ((long)i << (log - step)), log - step, (1 << step) + i, levels - step, tables);
        }
    }

    public override void ForwardBlock(double* x, int log, int k, int levels, SimdTables tables, SimdStream ahead)
    {
        int count = 1;
        while (log > T.LogTail)
        {
            int step = FirstStep(log);
            int left = levels;
            for (int i = 0; i < count; i++)
            {
                left = Pass(x + (i << log), log, k * count + i, step, levels, tables);
            }

            levels = left;
            log -= step;
            count <<= step;
        }

        T.ForwardTail(x, count, k * count, tables, ahead);
    }

    public override void InverseNttFrom(double* source, double* x, SimdTables tables)
    {
        Inverse(source - x, x, tables.LogN, 1, tables);
        if (tables.LogN == T.LogTail)
        {
            Scale(x, tables);
        }
    }

    // Transforms 2^log values whose first butterfly has twiddle index k and which may grow for `levels` more levels.
    private void Forward(double* x, int log, int k, int levels, SimdTables tables)
    {
        if (log <= LogBlock)
        {
            ForwardBlock(x, log, k, levels, tables, default);
            return;
        }

        int step = FirstStep(log);
        levels = Pass(x, log, k, step, levels, tables);
        for (int i = 0; i < 1 << step; i++)
        {
            Forward(x + ((long)i << (log - step)), log - step, (k << step) + i, levels, tables);
        }
    }

    // The passes of Forward alone.
    private static void Upper(double* x, int log, int k, int levels, SimdTables tables)
    {
        if (log <= LogBlock)
        {
            return;
        }

        int step = FirstStep(log);
        levels = Pass(x, log, k, step, levels, tables);
        for (int i = 0; i < 1 << step; i++)
        {
            Upper(x + ((long)i << (log - step)), log - step, (k << step) + i, levels, tables);
        }
    }

    private static int FirstStep(int log) => ((log - T.LogTail) & 1) == 1 ? 1 : 2;

    private static int Pass(double* x, int log, int k, int step, int levels, SimdTables tables)
    {
        bool isReducing = levels < step;
        if (step == 1)
        {
            ForwardTwo(x, 1 << (log - 1), k, isReducing, tables);
        }
        else if (isReducing)
        {
            ForwardFourReducing(x, 1 << (log - 2), k, tables);
        }
        else
        {
            ForwardFour(x, 1 << (log - 2), k, tables);
        }

        return (isReducing ? ReducedLevels : levels) - step;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void ForwardTwo(double* x, int quarter, int k, bool isReducing, SimdTables tables)
    {
        T q = T.Broadcast(tables.Q);
        T qInverse = T.Broadcast(tables.QInverse);
        T w = T.Broadcast(tables.ForwardPairs[2L * k]);
        T wq = T.Broadcast(tables.ForwardPairs[2L * k + 1]);
        double* y = x + quarter;
        for (int j = 0; j < quarter; j += T.Count)
        {
            T u = T.Load(x + j);
            u = isReducing ? T.Reduce(u, q, qInverse) : u;
            T v = T.Multiply(T.Load(y + j), w, wq, q);
            T.Store(u + v, x + j);
            T.Store(u - v, y + j);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void ForwardFour(double* x, int quarter, int k, SimdTables tables) => ForwardFour(x, quarter, k, false, tables);

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void ForwardFourReducing(double* x, int quarter, int k, SimdTables tables) => ForwardFour(x, quarter, k, true, tables);

    // Two levels: (x0, x2), (x1, x3) with twiddle k, then (x0, x1) with 2k and (x2, x3) with 2k + 1.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ForwardFour(double* x, int quarter, int k, bool isReducing, SimdTables tables)
    {
        T q = T.Broadcast(tables.Q);
        T qInverse = T.Broadcast(tables.QInverse);
        double* pair = tables.ForwardPairs + 2L * k;
        double* pairs = tables.ForwardPairs + 4L * k;
        T w1 = T.Broadcast(pair[0]), w1q = T.Broadcast(pair[1]);
        T w2 = T.Broadcast(pairs[0]), w2q = T.Broadcast(pairs[1]);
        T w3 = T.Broadcast(pairs[2]), w3q = T.Broadcast(pairs[3]);
        double* x1 = x + quarter;
        double* x2 = x1 + quarter;
        double* x3 = x2 + quarter;
        for (int j = 0; j < quarter; j += T.Count)
        {
            T a0 = T.Load(x + j);
            T a1 = T.Load(x1 + j);
            a0 = isReducing ? T.Reduce(a0, q, qInverse) : a0;
            a1 = isReducing ? T.Reduce(a1, q, qInverse) : a1;
            T a2 = T.Multiply(T.Load(x2 + j), w1, w1q, q);
            T a3 = T.Multiply(T.Load(x3 + j), w1, w1q, q);
            T b0 = a0 + a2;
            T b2 = a0 - a2;
            T b1 = T.Multiply(a1 + a3, w2, w2q, q);
            T b3 = T.Multiply(a1 - a3, w3, w3q, q);
            T.Store(b0 + b1, x + j);
            T.Store(b0 - b1, x1 + j);
            T.Store(b2 + b3, x2 + j);
            T.Store(b2 - b3, x3 + j);
        }
    }

    // The first pass of one level, from another place.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void ForwardTwoFrom(double* source, double* x, SimdTables tables)
    {
        T q = T.Broadcast(tables.Q);
        T qInverse = T.Broadcast(tables.QInverse);
        T w = T.Broadcast(tables.ForwardPairs[2]);
        T wq = T.Broadcast(tables.ForwardPairs[3]);
        int half = tables.Degree / 2;
        for (int j = 0; j < half; j += T.Count)
        {
            T u = T.Reduce(T.Load(source + j), q, qInverse);
            T v = T.Multiply(T.Reduce(T.Load(source + half + j), q, qInverse), w, wq, q);
            T.Store(u + v, x + j);
            T.Store(u - v, x + half + j);
        }
    }

    // The first pass of two levels, from another place.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void ForwardFourFrom(double* source, double* x, SimdTables tables)
    {
        T q = T.Broadcast(tables.Q);
        T qInverse = T.Broadcast(tables.QInverse);
        double* pairs = tables.ForwardPairs;
        T w1 = T.Broadcast(pairs[2]), w1q = T.Broadcast(pairs[3]);
        T w2 = T.Broadcast(pairs[4]), w2q = T.Broadcast(pairs[5]);
        T w3 = T.Broadcast(pairs[6]), w3q = T.Broadcast(pairs[7]);
        int quarter = tables.Degree / 4;
        for (int j = 0; j < quarter; j += T.Count)
        {
            double* from = source + j;
            double* to = x + j;
            T a0 = T.Reduce(T.Load(from), q, qInverse);
            T a1 = T.Reduce(T.Load(from + quarter), q, qInverse);
            T a2 = T.Multiply(T.Reduce(T.Load(from + 2 * quarter), q, qInverse), w1, w1q, q);
            T a3 = T.Multiply(T.Reduce(T.Load(from + 3 * quarter), q, qInverse), w1, w1q, q);
            T b0 = a0 + a2;
            T b2 = a0 - a2;
            T b1 = T.Multiply(a1 + a3, w2, w2q, q);
            T b3 = T.Multiply(a1 - a3, w3, w3q, q);
            T.Store(b0 + b1, to);
            T.Store(b0 - b1, to + quarter);
            T.Store(b2 + b3, to + 2 * quarter);
            T.Store(b2 - b3, to + 3 * quarter);
        }
    }

    // The values come from `distance` further on; each block is fetched when it is next.
    private static void Inverse(long distance, double* x, int log, int k, SimdTables tables)
    {
        if (log <= LogBlock)
        {
            if (distance != 0)
            {
                new ReadOnlySpan<double>(x + distance, 1 << log).CopyTo(new(x, 1 << log));
            }

            InverseBlock(x, log, k, tables);
            return;
        }

        int step = FirstStep(log);
        for (int i = 0; i < 1 << step; i++)
        {
            Inverse(distance, x + ((long)i << (log - step)), log - step, (k << step) + i, tables);
        }

        InversePass(x, log, k, step, tables);
    }

    private static void InverseBlock(double* x, int log, int k, SimdTables tables)
    {
        int size = T.LogTail;
        int count = 1 << (log - size);
        T.InverseTail(x, count, k * count, tables);
        while (size < log)
        {
            int step = Math.Min(2, log - size);
            size += step;
            count >>= step;
            for (int i = 0; i < count; i++)
            {
                InversePass(x + (i << size), size, k * count + i, step, tables);
            }
        }
    }

    private static void InversePass(double* x, int log, int k, int step, SimdTables tables)
    {
        if (step == 1)
        {
            InverseTwoLast(x, 1 << (log - 1), tables);
        }
        else if (k == 1)
        {
            InverseFourLast(x, 1 << (log - 2), tables);
        }
        else
        {
            InverseFour(x, 1 << (log - 2), k, tables);
        }
    }

    // Two levels: (x0, x1) with 2k and (x2, x3) with 2k + 1, then (x0, x2), (x1, x3) with k. Values at most 2q before and after:
    // sums 4q; differences of 4q, multiplied: q; then x0 below 8q, reduced; x1 below 2q; x2, a product of at most 8q, 1.5q; x3 0.75q.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void InverseFour(double* x, int quarter, int k, SimdTables tables)
    {
        T q = T.Broadcast(tables.Q);
        T qInverse = T.Broadcast(tables.QInverse);
        double* pair = tables.InversePairs + 2L * k;
        double* pairs = tables.InversePairs + 4L * k;
        T w1 = T.Broadcast(pair[0]), w1q = T.Broadcast(pair[1]);
        T w2 = T.Broadcast(pairs[0]), w2q = T.Broadcast(pairs[1]);
        T w3 = T.Broadcast(pairs[2]), w3q = T.Broadcast(pairs[3]);
        double* x1 = x + quarter;
        double* x2 = x1 + quarter;
        double* x3 = x2 + quarter;
        for (int j = 0; j < quarter; j += T.Count)
        {
            T a0 = T.Load(x + j), a1 = T.Load(x1 + j), a2 = T.Load(x2 + j), a3 = T.Load(x3 + j);
            T s0 = a0 + a1;
            T s1 = a2 + a3;
            T d0 = T.Multiply(a0 - a1, w2, w2q, q);
            T d1 = T.Multiply(a2 - a3, w3, w3q, q);
            T.Store(T.Reduce(s0 + s1, q, qInverse), x + j);
            T.Store(d0 + d1, x1 + j);
            T.Store(T.Multiply(s0 - s1, w1, w1q, q), x2 + j);
            T.Store(T.Multiply(d0 - d1, w1, w1q, q), x3 + j);
        }
    }

    // The same with the factor 1/N in the last products, at most 1.5q, which are then reduced to the invariant of storage.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void InverseFourLast(double* x, int quarter, SimdTables tables)
    {
        T q = T.Broadcast(tables.Q);
        T qInverse = T.Broadcast(tables.QInverse);
        double* pairs = tables.InversePairs + 4;
        T n = T.Broadcast(tables.DegreeInverse), nq = T.Broadcast(tables.DegreeInverseQ);
        T w1 = T.Broadcast(tables.LastTwiddle), w1q = T.Broadcast(tables.LastTwiddleQ);
        T w2 = T.Broadcast(pairs[0]), w2q = T.Broadcast(pairs[1]);
        T w3 = T.Broadcast(pairs[2]), w3q = T.Broadcast(pairs[3]);
        double* x1 = x + quarter;
        double* x2 = x1 + quarter;
        double* x3 = x2 + quarter;
        for (int j = 0; j < quarter; j += T.Count)
        {
            T a0 = T.Load(x + j), a1 = T.Load(x1 + j), a2 = T.Load(x2 + j), a3 = T.Load(x3 + j);
            T s0 = a0 + a1;
            T s1 = a2 + a3;
            T d0 = T.Multiply(a0 - a1, w2, w2q, q);
            T d1 = T.Multiply(a2 - a3, w3, w3q, q);
            T.Store(T.Reduce(T.Multiply(s0 + s1, n, nq, q), q, qInverse), x + j);
            T.Store(T.Reduce(T.Multiply(d0 + d1, n, nq, q), q, qInverse), x1 + j);
            T.Store(T.Reduce(T.Multiply(s0 - s1, w1, w1q, q), q, qInverse), x2 + j);
            T.Store(T.Reduce(T.Multiply(d0 - d1, w1, w1q, q), q, qInverse), x3 + j);
        }
    }

    // Values at most 2q: sums and differences of 4q, products of q, reduced.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void InverseTwoLast(double* x, int half, SimdTables tables)
    {
        T q = T.Broadcast(tables.Q);
        T qInverse = T.Broadcast(tables.QInverse);
        T n = T.Broadcast(tables.DegreeInverse), nq = T.Broadcast(tables.DegreeInverseQ);
        T w = T.Broadcast(tables.LastTwiddle), wq = T.Broadcast(tables.LastTwiddleQ);
        double* y = x + half;
        for (int j = 0; j < half; j += T.Count)
        {
            T u = T.Load(x + j);
            T v = T.Load(y + j);
            T.Store(T.Reduce(T.Multiply(u + v, n, nq, q), q, qInverse), x + j);
            T.Store(T.Reduce(T.Multiply(u - v, w, wq, q), q, qInverse), y + j);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Scale(double* x, SimdTables tables)
    {
        T q = T.Broadcast(tables.Q);
        T qInverse = T.Broadcast(tables.QInverse);
        T n = T.Broadcast(tables.DegreeInverse), nq = T.Broadcast(tables.DegreeInverseQ);
        for (int j = 0; j < tables.Degree; j += T.Count)
        {
            T.Store(T.Reduce(T.Multiply(T.Load(x + j), n, nq, q), q, qInverse), x + j);
        }
    }
}
