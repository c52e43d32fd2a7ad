using System.Runtime.CompilerServices;
using Heann.Core.Arithmetic;
using Heann.Core.Rings;

namespace Heann.Core.Backends;

/// <summary>The kernels, written once for every width.</summary>
/// <remarks>
/// This part: transfers and operations value by value. The others: transforms, products, conversions. Kernels are optimised at once and
/// never inlined: inlined into a caller that the runtime recompiles by profile, their loops lost their registers and took eight times as long.
/// </remarks>
internal sealed unsafe partial class SimdKernelsOf<T> : SimdKernels
    where T : unmanaged, ISimdLanes<T>
{
    public override int LaneCount => T.Count;

    public override bool IsFused => T.IsFused;

    public override int MaxTileRows => T.Count == 8 ? 8 : 4;

    public override SimdTables CreateTables(NttTables tables) => SimdTables.Create<T>(tables);

    // 0 ≤ x < q: reducing balances it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void Upload(ulong* residues, double* destination, int count, Modulus q)
    {
        T prime = T.Broadcast(q.Value);
        T inverse = T.Broadcast(q.Reciprocal);
        for (int k = 0; k < count; k += T.Count)
        {
            T.Store(T.Reduce(T.LoadResidues(residues + k), prime, inverse), destination + k);
        }
    }

    // |x| ≤ 2^49·q: c = rint(x·fl(1/q)) is off by at most 1/2 + 2^49·2^(−52), so |x − c·q| ≤ 0.63q, an integer: the fma is exact although
    // c·q may need more than 53 bits. The second reduction restores the invariant of storage.
    // Larger x first: c, of 53 bits, is a multiple of its unit u in the last place, and so is x, |x| ≤ 2^53·u·q; then
    // |x − c·q| ≤ |x|·2^(−52)·(1 + 2^(−50)) + q/2 is a multiple of u below 2^52·u: exact again, and 2^50 times smaller than x
    // as long as that exceeds q.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void UploadIntegers(double* integers, double* destination, int count, Modulus q, int extraRounds)
    {
        T prime = T.Broadcast(q.Value);
        T inverse = T.Broadcast(q.Reciprocal);
        for (int k = 0; k < count; k += T.Count)
        {
            T x = T.Load(integers + k);
            for (int round = 0; round < extraRounds; round++)
            {
                x = T.Reduce(x, prime, inverse);
            }

            T.Store(T.Reduce(T.Reduce(x, prime, inverse), prime, inverse), destination + k);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void Download(double* source, ulong* residues, int count, Modulus q)
    {
        T prime = T.Broadcast(q.Value);
        for (int k = 0; k < count; k += T.Count)
        {
            T.StoreResidues(T.Load(source + k), prime, residues + k);
        }
    }

    public override void Apply(
        SimdOperation operation, double* x, double* y, int shift, double* destination, int start, int count, Modulus q)
    {
        switch (operation)
        {
            case SimdOperation.Add:
                Apply<AddOperator>(x, y, shift, destination, start, count, q);
                break;
            case SimdOperation.Subtract:
                Apply<SubtractOperator>(x, y, shift, destination, start, count, q);
                break;
            case SimdOperation.Multiply:
                Apply<MultiplyOperator>(x, y, shift, destination, start, count, q);
                break;
            default:
                Apply<MultiplyAddOperator>(x, y, shift, destination, start, count, q);
                break;
        }
    }

    public override void MultiplyScalar(double* x, double s, double* destination, int count, Modulus q, bool isAdded)
    {
        if (isAdded)
        {
            MultiplyScalarAdd(x, s, destination, count, q);
        }
        else
        {
            MultiplyScalar(x, s, destination, count, q);
        }
    }

    // The permutation of vectors is read, not the values': sources are scattered, destinations in order.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void Permute(double* x, SimdPermutation permutation, double* destination, int start, int count)
    {
        int* sources = permutation.Sources;
        double* patterns = permutation.Patterns;
        for (int k = start; k < start + count; k += T.Count)
        {
            int* source = sources + 2 * (k / T.Count);
            T.Store(T.Permute(T.Load(x + source[0]), patterns + source[1]), destination + k);
        }
    }

    // |product| ≤ 0.57q for |x| ≤ q/2 + 2; with the old value below 1.1q.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void MultiplyScalar(double* x, double s, double* destination, int count, Modulus q)
    {
        T prime = T.Broadcast(q.Value);
        T inverse = T.Broadcast(q.Reciprocal);
        T scalar = T.Broadcast(s);
        T scalarQ = T.Broadcast(s / q.Value);
        for (int k = 0; k < count; k += T.Count)
        {
            T.Store(T.Reduce(T.Multiply(T.Load(x + k), scalar, scalarQ, prime), prime, inverse), destination + k);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void MultiplyScalarAdd(double* x, double s, double* destination, int count, Modulus q)
    {
        T prime = T.Broadcast(q.Value);
        T inverse = T.Broadcast(q.Reciprocal);
        T scalar = T.Broadcast(s);
        T scalarQ = T.Broadcast(s / q.Value);
        for (int k = 0; k < count; k += T.Count)
        {
            T product = T.Multiply(T.Load(x + k), scalar, scalarQ, prime);
            T.Store(T.Reduce(T.Load(destination + k) + product, prime, inverse), destination + k);
        }
    }

    private static void Apply<TOperator>(double* x, double* y, int shift, double* destination, int start, int count, Modulus q)
        where TOperator : struct, IOperator
    {
        if (shift == 0)
        {
            Apply<TOperator, SimdNoRuns>(x, y, shift, destination, start, count, q);
        }
        else if (1 << shift >= T.Count)
        {
            Apply<TOperator, SimdLongRuns>(x, y, shift, destination, start, count, q);
        }
        else
        {
            Apply<TOperator, SimdShortRuns>(x, y, shift, destination, start, count, q);
        }
    }

    // Operands at most q/2 + 2, products at most 0.6q, sums of either with another operand below 1.2q: one reduction at the end.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Apply<TOperator, TRuns>(double* x, double* y, int shift, double* destination, int start, int count, Modulus q)
        where TOperator : struct, IOperator
        where TRuns : struct, ISimdRuns
    {
        T prime = T.Broadcast(q.Value);
        T inverse = T.Broadcast(q.Reciprocal);
        for (int k = start; k < start + count; k += T.Count)
        {
            T old = TOperator.IsAccumulating ? T.Load(destination + k) : default;
            T result = TOperator.Invoke(T.Load(x + k), TRuns.Load<T>(&y, k, shift), old, prime, inverse);
            T.Store(T.Reduce(result, prime, inverse), destination + k);
        }
    }

    private interface IOperator
    {
        static abstract bool IsAccumulating { get; }

        static abstract T Invoke(T x, T y, T old, T q, T qInverse);
    }

    private readonly struct AddOperator : IOperator
    {
        public static bool IsAccumulating => false;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static T Invoke(T x, T y, T old, T q, T qInverse) => x + y;
    }

    private readonly struct SubtractOperator : IOperator
    {
        public static bool IsAccumulating => false;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static T Invoke(T x, T y, T old, T q, T qInverse) => x - y;
    }

    private readonly struct MultiplyOperator : IOperator
    {
        public static bool IsAccumulating => false;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static T Invoke(T x, T y, T old, T q, T qInverse) => T.MultiplyBy(x, y, q, qInverse);
    }

    private readonly struct MultiplyAddOperator : IOperator
    {
        public static bool IsAccumulating => true;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static T Invoke(T x, T y, T old, T q, T qInverse) => old + T.MultiplyBy(x, y, q, qInverse);
    }
}
