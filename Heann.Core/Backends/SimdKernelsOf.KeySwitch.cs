using System.Runtime.CompilerServices;
using Heann.Core.Arithmetic;

namespace Heann.Core.Backends;

/// <content>What key switching adds: the inner product with a key, and the end of a division.</content>
internal sealed unsafe partial class SimdKernelsOf<T>
{
    public override void KeyProduct(double** x, int digitCount, in SimdKeyLimb key, double* u0, double* u1, Modulus q)
    {
        if (key.BytesPerValue == sizeof(int))
        {
            KeyProduct((int*)key.Values, x, digitCount, key, u0, u1, q);
        }
        else
        {
            KeyProduct((double*)key.Values, x, digitCount, key, u0, u1, q);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T LoadKey<TValue>(TValue* source)
        where TValue : unmanaged => typeof(TValue) == typeof(int) ? T.LoadIntegers((int*)source) : T.Load((double*)source);

    // Two vectors of x for two rows: four sums. Ranges: SimdSum.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void KeyProduct<TValue>(
        TValue* values, double** x, int digitCount, in SimdKeyLimb key, double* u0, double* u1, Modulus q)
        where TValue : unmanaged
    {
        T prime = T.Broadcast(q.Value);
        T inverse = T.Broadcast(q.Reciprocal);
        T bias = T.Broadcast(key.Sum.Bias);
        int perFold = T.IsFused ? key.Sum.Count : SimdSum.ReducedCount;
        int chunk = key.Chunk;
        int stride = 2 * chunk;
        TValue* next = values + (long)key.Start * 2 * key.DigitCount;
        for (int k = key.Start; k < key.Start + key.Count; k += chunk, next += (long)key.DigitCount * stride)
        {
            for (int s = 0; s < chunk; s += 2 * T.Count)
            {
                TValue* w = next + s;
                int at = k + s;
                T l0 = default, l1 = default, l2 = default, l3 = default;
                for (int d = 0; d < digitCount;)
                {
                    int stop = Math.Min(digitCount, d + perFold);
                    T h0 = bias, h1 = bias, h2 = bias, h3 = bias;
                    for (; d < stop; d++, w += stride)
                    {
                        double* from = x[d] + at;
                        T a = T.Load(from);
                        T b = T.Load(from + T.Count);
                        T.Accumulate(a, LoadKey(w), prime, inverse, ref h0, ref l0);
                        T.Accumulate(b, LoadKey(w + T.Count), prime, inverse, ref h1, ref l1);
                        T.Accumulate(a, LoadKey(w + chunk), prime, inverse, ref h2, ref l2);
                        T.Accumulate(b, LoadKey(w + chunk + T.Count), prime, inverse, ref h3, ref l3);
                    }

                    l0 = T.Reduce(T.Fold(h0, l0, bias, prime, inverse), prime, inverse);
                    l1 = T.Reduce(T.Fold(h1, l1, bias, prime, inverse), prime, inverse);
                    l2 = T.Reduce(T.Fold(h2, l2, bias, prime, inverse), prime, inverse);
                    l3 = T.Reduce(T.Fold(h3, l3, bias, prime, inverse), prime, inverse);
                }

                T.Store(l0, u0 + at);
                T.Store(l1, u0 + at + T.Count);
                T.Store(l2, u1 + at);
                T.Store(l3, u1 + at + T.Count);
            }
        }
    }

    // |x − t| ≤ q + 4, the product at most 0.63q; a lazy t: below 17q < 2^51, 0.75q. With the addend below 1.3q.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void SubtractMultiplyAdd(double* x, double* t, double s, double* addend, double* destination, int count, Modulus q)
    {
        T prime = T.Broadcast(q.Value);
        T inverse = T.Broadcast(q.Reciprocal);
        T scalar = T.Broadcast(s);
        T scalarQ = T.Broadcast(s / q.Value);
        for (int k = 0; k < count; k += T.Count)
        {
            T product = T.Multiply(T.Load(x + k) - T.Load(t + k), scalar, scalarQ, prime);
            T.Store(T.Reduce(product + T.Load(addend + k), prime, inverse), destination + k);
        }
    }
}
