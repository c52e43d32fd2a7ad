using System.Runtime.CompilerServices;
using Heann.Core.Arithmetic;

namespace Heann.Core.Backends;

/// <content>Sums of products. The ranges of the unreduced sums: <see cref="SimdSum"/>.</content>
internal sealed unsafe partial class SimdKernelsOf<T>
{
    // Too many columns for the processor to see that each is read in order; two kilobytes ahead is the next chunk or the one after.
    private const int PrefetchDistance = 128;

    public override void MatrixTile(in SimdTile tile, Modulus q)
    {
        if (tile.IsScalar)
        {
            MatrixTile<SimdScalar>(tile, q);
        }
        else if (tile.Shift == 0)
        {
            MatrixTile<SimdNoRuns>(tile, q);
        }
        else if (1L << tile.Shift >= T.Count)
        {
            MatrixTile<SimdLongRuns>(tile, q);
        }
        else
        {
            MatrixTile<SimdShortRuns>(tile, q);
        }
    }

    // Products at most 0.6q, the middle sum 1.2q.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void TensorProduct(
        double* x0, double* x1, double* y0, double* y1, double* d0, double* d1, double* d2, int start, int count, Modulus q)
    {
        T prime = T.Broadcast(q.Value);
        T inverse = T.Broadcast(q.Reciprocal);
        for (int k = start; k < start + count; k += T.Count)
        {
            T a0 = T.Load(x0 + k), a1 = T.Load(x1 + k), b0 = T.Load(y0 + k), b1 = T.Load(y1 + k);
            T middle = T.MultiplyBy(a0, b1, prime, inverse) + T.MultiplyBy(a1, b0, prime, inverse);
            T.Store(T.Reduce(T.MultiplyBy(a0, b0, prime, inverse), prime, inverse), d0 + k);
            T.Store(T.Reduce(middle, prime, inverse), d1 + k);
            T.Store(T.Reduce(T.MultiplyBy(a1, b1, prime, inverse), prime, inverse), d2 + k);
        }
    }

    // |x − t| ≤ q + 4, the product at most 0.63q; a lazy t: below 17q < 2^51, 0.75q.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void SubtractMultiply(double* x, double* t, double s, double* destination, int count, Modulus q)
    {
        T prime = T.Broadcast(q.Value);
        T inverse = T.Broadcast(q.Reciprocal);
        T scalar = T.Broadcast(s);
        T scalarQ = T.Broadcast(s / q.Value);
        for (int k = 0; k < count; k += T.Count)
        {
            T product = T.Multiply(T.Load(x + k) - T.Load(t + k), scalar, scalarQ, prime);
            T.Store(T.Reduce(product, prime, inverse), destination + k);
        }
    }

    private static void MatrixTile<TRuns>(in SimdTile tile, Modulus q)
        where TRuns : struct, ISimdRuns
    {
        switch (tile.Rows)
        {
            case 8:
                EightRows<TRuns>(tile, q);
                break;
            case 4:
                FourRows<TRuns>(tile, q);
                break;
            case 2:
                TwoRows<TRuns>(tile, q);
                break;
            default:
                OneRow<TRuns>(tile, q);
                break;
        }
    }

    private static int ColumnsPerFold(in SimdTile tile) => T.IsFused ? tile.Sum.Count : SimdSum.ReducedCount;

    // Sixteen accumulators, for the width that has 32 registers: each x is loaded once for eight rows. Written out, as an array of
    // accumulators would live in memory; hence longer than a method should be.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void EightRows<TRuns>(in SimdTile tile, Modulus q)
        where TRuns : struct, ISimdRuns
    {
        T prime = T.Broadcast(q.Value);
        T inverse = T.Broadcast(q.Reciprocal);
        T bias = T.Broadcast(tile.Sum.Bias);
        int perFold = ColumnsPerFold(tile);
        double** end = tile.Operands + 9 * tile.Columns;
        double** d = tile.Destination;
        int shift = tile.Shift;
        bool isAdded = tile.IsAdded;
        for (int k = tile.Start; k < tile.Start + tile.Count; k += T.Count)
        {
            T l0 = default, l1 = default, l2 = default, l3 = default, l4 = default, l5 = default, l6 = default, l7 = default;
            if (isAdded)
            {
                l0 = T.Load(d[0] + k);
                l1 = T.Load(d[1] + k);
                l2 = T.Load(d[2] + k);
                l3 = T.Load(d[3] + k);
                l4 = T.Load(d[4] + k);
                l5 = T.Load(d[5] + k);
                l6 = T.Load(d[6] + k);
                l7 = T.Load(d[7] + k);
            }

            for (double** column = tile.Operands; column < end;)
            {
                double** stop = column + 9 * perFold < end ? column + 9 * perFold : end;
                T h0 = bias, h1 = bias, h2 = bias, h3 = bias, h4 = bias, h5 = bias, h6 = bias, h7 = bias;
                for (; column < stop; column += 9)
                {
                    T x = T.Load(column[0] + k);
                    T.Prefetch(column[0] + k + PrefetchDistance);
                    T.Accumulate(x, TRuns.Load<T>(column + 1, k, shift), prime, inverse, ref h0, ref l0);
                    T.Accumulate(x, TRuns.Load<T>(column + 2, k, shift), prime, inverse, ref h1, ref l1);
                    T.Accumulate(x, TRuns.Load<T>(column + 3, k, shift), prime, inverse, ref h2, ref l2);
                    T.Accumulate(x, TRuns.Load<T>(column + 4, k, shift), prime, inverse, ref h3, ref l3);
                    T.Accumulate(x, TRuns.Load<T>(column + 5, k, shift), prime, inverse, ref h4, ref l4);
                    T.Accumulate(x, TRuns.Load<T>(column + 6, k, shift), prime, inverse, ref h5, ref l5);
                    T.Accumulate(x, TRuns.Load<T>(column + 7, k, shift), prime, inverse, ref h6, ref l6);
                    T.Accumulate(x, TRuns.Load<T>(column + 8, k, shift), prime, inverse, ref h7, ref l7);
                }

                l0 = T.Reduce(T.Fold(h0, l0, bias, prime, inverse), prime, inverse);
                l1 = T.Reduce(T.Fold(h1, l1, bias, prime, inverse), prime, inverse);
                l2 = T.Reduce(T.Fold(h2, l2, bias, prime, inverse), prime, inverse);
                l3 = T.Reduce(T.Fold(h3, l3, bias, prime, inverse), prime, inverse);
                l4 = T.Reduce(T.Fold(h4, l4, bias, prime, inverse), prime, inverse);
                l5 = T.Reduce(T.Fold(h5, l5, bias, prime, inverse), prime, inverse);
                l6 = T.Reduce(T.Fold(h6, l6, bias, prime, inverse), prime, inverse);
                l7 = T.Reduce(T.Fold(h7, l7, bias, prime, inverse), prime, inverse);
            }

            T.Store(l0, d[0] + k);
            T.Store(l1, d[1] + k);
            T.Store(l2, d[2] + k);
            T.Store(l3, d[3] + k);
            T.Store(l4, d[4] + k);
            T.Store(l5, d[5] + k);
            T.Store(l6, d[6] + k);
            T.Store(l7, d[7] + k);
        }
    }

    // Eight accumulators, one x, one weight: each x is loaded once for four rows. After every n columns the sums are folded into totals.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void FourRows<TRuns>(in SimdTile tile, Modulus q)
        where TRuns : struct, ISimdRuns
    {
        T prime = T.Broadcast(q.Value);
        T inverse = T.Broadcast(q.Reciprocal);
        T bias = T.Broadcast(tile.Sum.Bias);
        int perFold = ColumnsPerFold(tile);
        double** end = tile.Operands + 5 * tile.Columns;
        double* d0 = tile.Destination[0], d1 = tile.Destination[1], d2 = tile.Destination[2], d3 = tile.Destination[3];
        int shift = tile.Shift;
        bool isAdded = tile.IsAdded;
        for (int k = tile.Start; k < tile.Start + tile.Count; k += T.Count)
        {
            T t0 = default, t1 = default, t2 = default, t3 = default;
            if (isAdded)
            {
                t0 = T.Load(d0 + k);
                t1 = T.Load(d1 + k);
                t2 = T.Load(d2 + k);
                t3 = T.Load(d3 + k);
            }

            for (double** column = tile.Operands; column < end;)
            {
                double** stop = column + 5 * perFold < end ? column + 5 * perFold : end;
                T h0 = bias, h1 = bias, h2 = bias, h3 = bias;
                T l0 = t0, l1 = t1, l2 = t2, l3 = t3;
                for (; column < stop; column += 5)
                {
                    T x = T.Load(column[0] + k);
                    T.Prefetch(column[0] + k + PrefetchDistance);
                    T.Accumulate(x, TRuns.Load<T>(column + 1, k, shift), prime, inverse, ref h0, ref l0);
                    T.Accumulate(x, TRuns.Load<T>(column + 2, k, shift), prime, inverse, ref h1, ref l1);
                    T.Accumulate(x, TRuns.Load<T>(column + 3, k, shift), prime, inverse, ref h2, ref l2);
                    T.Accumulate(x, TRuns.Load<T>(column + 4, k, shift), prime, inverse, ref h3, ref l3);
                }

                t0 = T.Reduce(T.Fold(h0, l0, bias, prime, inverse), prime, inverse);
                t1 = T.Reduce(T.Fold(h1, l1, bias, prime, inverse), prime, inverse);
                t2 = T.Reduce(T.Fold(h2, l2, bias, prime, inverse), prime, inverse);
                t3 = T.Reduce(T.Fold(h3, l3, bias, prime, inverse), prime, inverse);
            }

            T.Store(t0, d0 + k);
            T.Store(t1, d1 + k);
            T.Store(t2, d2 + k);
            T.Store(t3, d3 + k);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void TwoRows<TRuns>(in SimdTile tile, Modulus q)
        where TRuns : struct, ISimdRuns
    {
        T prime = T.Broadcast(q.Value);
        T inverse = T.Broadcast(q.Reciprocal);
        T bias = T.Broadcast(tile.Sum.Bias);
        int perFold = ColumnsPerFold(tile);
        double** end = tile.Operands + 3 * tile.Columns;
        double* d0 = tile.Destination[0], d1 = tile.Destination[1];
        int shift = tile.Shift;
        bool isAdded = tile.IsAdded;
        for (int k = tile.Start; k < tile.Start + tile.Count; k += T.Count)
        {
            T t0 = default, t1 = default;
            if (isAdded)
            {
                t0 = T.Load(d0 + k);
                t1 = T.Load(d1 + k);
            }

            for (double** column = tile.Operands; column < end;)
            {
                double** stop = column + 3 * perFold < end ? column + 3 * perFold : end;
                T h0 = bias, h1 = bias;
                T l0 = t0, l1 = t1;
                for (; column < stop; column += 3)
                {
                    T x = T.Load(column[0] + k);
                    T.Prefetch(column[0] + k + PrefetchDistance);
                    T.Accumulate(x, TRuns.Load<T>(column + 1, k, shift), prime, inverse, ref h0, ref l0);
                    T.Accumulate(x, TRuns.Load<T>(column + 2, k, shift), prime, inverse, ref h1, ref l1);
                }

                t0 = T.Reduce(T.Fold(h0, l0, bias, prime, inverse), prime, inverse);
                t1 = T.Reduce(T.Fold(h1, l1, bias, prime, inverse), prime, inverse);
            }

            T.Store(t0, d0 + k);
            T.Store(t1, d1 + k);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void OneRow<TRuns>(in SimdTile tile, Modulus q)
        where TRuns : struct, ISimdRuns
    {
        T prime = T.Broadcast(q.Value);
        T inverse = T.Broadcast(q.Reciprocal);
        T bias = T.Broadcast(tile.Sum.Bias);
        int perFold = ColumnsPerFold(tile);
        double** end = tile.Operands + 2 * tile.Columns;
        double* d0 = tile.Destination[0];
        int shift = tile.Shift;
        for (int k = tile.Start; k < tile.Start + tile.Count; k += T.Count)
        {
            T t0 = tile.IsAdded ? T.Load(d0 + k) : default;
            for (double** column = tile.Operands; column < end;)
            {
                double** stop = column + 2 * perFold < end ? column + 2 * perFold : end;
                T h0 = bias;
                T l0 = t0;
                for (; column < stop; column += 2)
                {
                    T.Accumulate(T.Load(column[0] + k), TRuns.Load<T>(column + 1, k, shift), prime, inverse, ref h0, ref l0);
                }

                t0 = T.Reduce(T.Fold(h0, l0, bias, prime, inverse), prime, inverse);
            }

            T.Store(t0, d0 + k);
        }
    }
}
