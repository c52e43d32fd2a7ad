using System.Runtime.CompilerServices;
using Heann.Core.Arithmetic;
using Heann.Core.Rings;

namespace Heann.Core.Backends;

/// <content>Basis conversion, for one piece: first the y_i and v, which stay in the nearest cache, then target after target.</content>
internal sealed unsafe partial class SimdKernelsOf<T>
{
    // The product is at most 0.57d; centring it exactly gives the y_i of the definition, at most (d − 1)/2, and the fma chain is the
    // definition's own, so v is the same to the bit.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void Puncture(double** x, int start, int count, SimdConversion conversion, double* y)
    {
        int sourceCount = conversion.SourceCount;
        for (int k = 0; k < count; k += T.Count)
        {
            double* constants = conversion.Sources;
            T sum = default;
            for (int i = 0; i < sourceCount; i++, constants += 4)
            {
                T d = T.Broadcast(constants[0]);
                T product = T.Multiply(T.Load(x[i] + start + k), T.Broadcast(constants[2]), T.Broadcast(constants[3]), d);
                T centred = T.Center(product, d, T.Broadcast((constants[0] - 1) / 2));
                T.Store(centred, y + (long)i * count + k);
                sum = T.FusedMultiplyAdd(centred, T.Broadcast(constants[1]), sum);
            }

            T.Store(T.Round(sum), y + (long)sourceCount * count + k);
        }
    }

    // y_0, y_1 and v as in Puncture; then the lift y_0·d_1 + y_1·d_0 − v·D, below 2^99, is gathered exactly: high holds multiples of 2^50
    // around the bias 1.5·2^102 (SimdSum with e = 50: both products and v·D, below 2^101 together, keep its binade), low the rest of each product,
    // at most 2^49, and of v·D: below 2^51.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void PuncturePair(double** x, int start, int count, SimdConversion conversion, double* y)
    {
        double* constants = conversion.Sources;
        T d0 = T.Broadcast(constants[0]), r0 = T.Broadcast(constants[1]), w0 = T.Broadcast(constants[2]), wq0 = T.Broadcast(constants[3]);
        T d1 = T.Broadcast(constants[4]), r1 = T.Broadcast(constants[5]), w1 = T.Broadcast(constants[6]), wq1 = T.Broadcast(constants[7]);
        T half0 = T.Broadcast((constants[0] - 1) / 2), half1 = T.Broadcast((constants[4] - 1) / 2);
        T minusHigh = T.Broadcast(-conversion.Pairs[0]), minusLow = T.Broadcast(-conversion.Pairs[1]);
        T bias = T.Broadcast(Math.ScaleB(1.5, 52 + PairBits));
        T unit = T.Broadcast(Math.ScaleB(1, -PairBits));
        T none = default;
        for (int k = 0; k < count; k += T.Count)
        {
            T y0 = T.Center(T.Multiply(T.Load(x[0] + start + k), w0, wq0, d0), d0, half0);
            T y1 = T.Center(T.Multiply(T.Load(x[1] + start + k), w1, wq1, d1), d1, half1);
            T v = T.Round(T.FusedMultiplyAdd(y1, r1, T.FusedMultiplyAdd(y0, r0, none)));
            T high = bias, low = default;
            T.Accumulate(y0, d1, d0, r0, ref high, ref low);
            T.Accumulate(y1, d0, d0, r0, ref high, ref low);
            high = T.FusedMultiplyAdd(v, minusHigh, high);
            T.Store(T.FusedMultiplyAdd(v, minusLow, low), y + k);
            T.Store(T.FusedMultiplyAdd(high - bias, unit, none), y + count + k);
        }
    }

    // |high| < 2^50, its product at most 5p/8; with |low| < 2^51 below 2^53.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void RecombinePair(double* y, int count, SimdConversion conversion, int target, double* destination)
    {
        Modulus p = conversion.Conversion.Target[target];
        T prime = T.Broadcast(p.Value);
        T inverse = T.Broadcast(p.Reciprocal);
        T w = T.Broadcast(conversion.Pairs[2 + 2 * target]);
        T wq = T.Broadcast(conversion.Pairs[3 + 2 * target]);
        for (int k = 0; k < count; k += T.Count)
        {
            T sum = T.Load(y + k) + T.Multiply(T.Load(y + count + k), w, wq, prime);
            T.Store(T.Reduce(sum, prime, inverse), destination + k);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void Fetch(double* x, int count)
    {
        for (int k = 0; k < count; k += SimdStream.Line)
        {
            T.PrefetchFar(x + k);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void Center(double* x, int count, Modulus q)
    {
        T prime = T.Broadcast(q.Value);
        T half = T.Broadcast((q.Value - 1) / 2);
        for (int k = 0; k < count; k += T.Count)
        {
            T.Store(T.Center(T.Load(x + k), prime, half), x + k);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void Reduce(double* x, int count, Modulus q, double* destination)
    {
        T prime = T.Broadcast(q.Value);
        T inverse = T.Broadcast(q.Reciprocal);
        for (int k = 0; k < count; k += T.Count)
        {
            T.Store(T.Reduce(T.Load(x + k), prime, inverse), destination + k);
        }
    }

    public override void Recombine(double* y, int count, SimdConversion conversion, int target, double* destination)
    {
        if (conversion.SourceCount == 1)
        {
            // D/d_0 = 1 and v = 0, so z = y mod p; |y| < 2^49.
            Reduce(y, count, conversion.Conversion.Target[target], destination);
            return;
        }

        int done = count / (4 * T.Count) * (4 * T.Count);
        RecombineFour(y, done, count, conversion, target, destination);
        for (int k = done; k < count; k += T.Count)
        {
            RecombineOne(y + k, count, conversion, target, destination + k);
        }
    }

    // Four vectors share each constant; eight accumulators. Ranges: SimdSum.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void RecombineFour(double* y, int done, int count, SimdConversion conversion, int target, double* destination)
    {
        double p = conversion.Conversion.Target[target].Value;
        T prime = T.Broadcast(p);
        T inverse = T.Broadcast(1 / p);
        SimdSum sum = conversion.Sums[target];
        T bias = T.Broadcast(sum.Bias);
        int perFold = T.IsFused ? sum.Count : SimdSum.ReducedCount;
        int terms = conversion.SourceCount + 1;
        double* weights = conversion.Weights + (long)target * terms;
        for (int k = 0; k < done; k += 4 * T.Count)
        {
            T t0 = default, t1 = default, t2 = default, t3 = default;
            double* from = y + k;
            for (int i = 0; i < terms;)
            {
                int stop = Math.Min(terms, i + perFold);
                T h0 = bias, h1 = bias, h2 = bias, h3 = bias;
                T l0 = t0, l1 = t1, l2 = t2, l3 = t3;
                for (; i < stop; i++, from += count)
                {
                    T w = T.Broadcast(weights[i]);
                    T.Accumulate(T.Load(from), w, prime, inverse, ref h0, ref l0);
                    T.Accumulate(T.Load(from + T.Count), w, prime, inverse, ref h1, ref l1);
                    T.Accumulate(T.Load(from + 2 * T.Count), w, prime, inverse, ref h2, ref l2);
                    T.Accumulate(T.Load(from + 3 * T.Count), w, prime, inverse, ref h3, ref l3);
                }

                t0 = T.Reduce(T.Fold(h0, l0, bias, prime, inverse), prime, inverse);
                t1 = T.Reduce(T.Fold(h1, l1, bias, prime, inverse), prime, inverse);
                t2 = T.Reduce(T.Fold(h2, l2, bias, prime, inverse), prime, inverse);
                t3 = T.Reduce(T.Fold(h3, l3, bias, prime, inverse), prime, inverse);
            }

            T.Store(t0, destination + k);
            T.Store(t1, destination + k + T.Count);
            T.Store(t2, destination + k + 2 * T.Count);
            T.Store(t3, destination + k + 3 * T.Count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void RecombineOne(double* y, int count, SimdConversion conversion, int target, double* destination)
    {
        double p = conversion.Conversion.Target[target].Value;
        T prime = T.Broadcast(p);
        T inverse = T.Broadcast(1 / p);
        SimdSum sum = conversion.Sums[target];
        T bias = T.Broadcast(sum.Bias);
        int perFold = T.IsFused ? sum.Count : SimdSum.ReducedCount;
        int terms = conversion.SourceCount + 1;
        double* weights = conversion.Weights + (long)target * terms;
        T total = default;
        for (int i = 0; i < terms;)
        {
            int stop = Math.Min(terms, i + perFold);
            T high = bias;
            T low = total;
            for (; i < stop; i++, y += count)
            {
                T.Accumulate(T.Load(y), T.Broadcast(weights[i]), prime, inverse, ref high, ref low);
            }

            total = T.Reduce(T.Fold(high, low, bias, prime, inverse), prime, inverse);
        }

        T.Store(total, destination);
    }
}
