namespace Heann.Core.Backends;

/// <summary>Count residues at a time, held as integer-valued doubles: the operations from which every kernel of <see cref="SimdBackend"/>
/// is made.</summary>
/// <remarks>
/// <para><b>The one arithmetic.</b> With h = fl(a·b), l = fma(a, b, −h), c = rint(estimate of a·b/q) and r = fma(−c, q, h) + l, the result
/// r is congruent to a·b modulo q, exactly, and small.</para>
/// <para><b>Proof.</b> q is odd and below 2^50; a, b are integers, |a| ≤ 8q, |b| ≤ q/2 + 2. |a·b| &lt; 2^102, so h and a·b differ by at
/// most 2^48, an integer representable in 53 bits: l is exact. Let e be the relative error of the estimate, c − a·b/q ≤ 1/2 + e·|a·b|/q.
/// Then |a·b − c·q| ≤ q/2 + e·|a|·(q/2 + 2), an integer, and h − c·q = (a·b − c·q) − l is an integer of magnitude below 2^53 as long as the
/// former is below 2^52: fma rounds nothing, and neither does the final sum. With
/// <c>Multiply(a, w, wq)</c>, wq = fl(w/q), e ≤ 2^(−52)(1 + 2^(−53)): |r| ≤ q·(1/2 + |a|·2^(−53)), that is (1/2 + |a|/8q)·q at worst;
/// <c>Multiply(a, b, q, 1/q)</c> has three roundings, e ≤ 3·2^(−53)(1 + 2^(−51)): |r| ≤ (1/2 + 3/16 · |a|/q)·q.</para>
/// <para><b>Reduce</b>: r = fma(−rint(a·fl(1/q)), q, a) for |a| ≤ 2^53: e ≤ 2^(−52), |r| ≤ q/2 + |a|·2^(−52) ≤ q/2 + 2, an integer,
/// exact.</para>
/// <para>"q/2 + 2" is the <b>invariant of storage</b>; as the error is really |a|·2^(−52) it is below q for the smallest primes as well.
/// The
/// largest prime below 2^50 is 2^50 − 27, so "8q" made of such terms, at most 8q + 16, is below 2^53.</para>
/// The integer type computes r = a·b − c·q modulo 2^64 with the same estimates, so the same bounds hold there.
/// Source of the idea: Shoup's NTL and Fortin, Fleury, Lemaire, Monagan, "High performance SIMD modular arithmetic", arXiv 2007.01073.
/// </remarks>
internal unsafe interface ISimdLanes<T>
    where T : unmanaged, ISimdLanes<T>
{
    /// <summary>Residues in a T.</summary>
    static abstract int Count { get; }

    /// <summary>log2 of the block that the tail of a transform holds in registers.</summary>
    static abstract int LogTail { get; }

    /// <summary>Whether <see cref="Accumulate"/> leaves products unreduced.</summary>
    static abstract bool IsFused { get; }

    /// <summary>a + b.</summary>
    static abstract T operator +(T a, T b);

    /// <summary>a − b.</summary>
    static abstract T operator -(T a, T b);

    /// <summary>Count doubles.</summary>
    static abstract T Load(double* source);

    /// <summary>Count 32-bit integers, as doubles.</summary>
    static abstract T LoadIntegers(int* source);

    /// <summary>Fetches the line of an address that is read soon; the address need not be valid.</summary>
    static abstract void Prefetch(double* source);

    /// <summary>Fetches the line of an address that is read before long into the second cache.</summary>
    static abstract void PrefetchFar(double* source);

    /// <summary>Count doubles.</summary>
    static abstract void Store(T value, double* destination);

    /// <summary>One double in every lane.</summary>
    static abstract T Broadcast(double value);

    /// <summary>Lane k gets source[k &gt;&gt; shift], 0 &lt; shift and 2^shift &lt; Count: a compact operand with short runs.</summary>
    static abstract T LoadRuns(double* source, int shift);

    /// <summary>a·w mod q with wq = fl(w/q): |a| ≤ 8q → |result| ≤ (1/2 + |a|/8q)·q.</summary>
    static abstract T Multiply(T a, T w, T wq, T q);

    /// <summary>a·b mod q with the general estimate: |a| ≤ 8q → |result| ≤ (1/2 + 3/16·|a|/q)·q.</summary>
    static abstract T MultiplyBy(T a, T b, T q, T qInverse);

    /// <summary>a mod q: |a| ≤ 2^53 → |result| ≤ q/2 + 2.</summary>
    static abstract T Reduce(T a, T q, T qInverse);

    /// <summary>The representative of magnitude below q/2, exactly, of |a| ≤ 3q/2; half = (q − 1)/2.</summary>
    static abstract T Center(T a, T q, T half);

    /// <summary>fma(a, b, c), one rounding.</summary>
    static abstract T FusedMultiplyAdd(T a, T b, T c);

    /// <summary>rint(a), ties to even.</summary>
    static abstract T Round(T a);

    /// <summary>(high, low) ← (high, low) + a·b; see <see cref="SimdSum"/> for the ranges.</summary>
    static abstract void Accumulate(T a, T b, T q, T qInverse, ref T high, ref T low);

    /// <summary>The sum that (high, low) stands for, modulo q, below 2^53 in magnitude; bias = <see cref="SimdSum.Bias"/>.</summary>
    static abstract T Fold(T high, T low, T bias, T q, T qInverse);

    /// <summary>Canonical residues below 2^52, as doubles.</summary>
    static abstract T LoadResidues(ulong* source);

    /// <summary>a + (a &lt; 0 ? q : 0) as integers; −q &lt; a &lt; q.</summary>
    static abstract void StoreResidues(T a, T q, ulong* destination);

    /// <summary>Lane l gets a[lanes[l]], the indices in this width's form; see <see cref="SimdPermutation"/>.</summary>
    static abstract T Permute(T a, double* lanes);

    /// <summary>The last LogTail levels of a forward transform for consecutive blocks of 2^LogTail values, while something else is fetched.</summary>
    static abstract void ForwardTail(double* x, int blockCount, int firstTwiddle, SimdTables tables, SimdStream ahead);

    /// <summary>The first LogTail levels of an inverse transform for consecutive blocks of 2^LogTail values.</summary>
    static abstract void InverseTail(double* x, int blockCount, int firstTwiddle, SimdTables tables);
}
