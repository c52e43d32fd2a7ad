using Heann.Core.Arithmetic;
using System.Numerics;
using System.Runtime.CompilerServices;
using Heann.Core.Rings;

namespace Heann.Core.Backends;

/// <summary>The twiddles of one (N, q) as balanced doubles in the order in which the kernels read them, for one width.</summary>
/// <remarks>
/// A pair is (w, fl(w/q)). <c>ForwardPairs[2i]</c>, <c>[2i + 1]</c> belong to index i of <see cref="NttTables"/>, i below N/Count: the
/// levels whose butterflies span whole vectors. The last log2(Count) levels have one twiddle per lane: after the transposition in a tail
/// block, whose first level has index k, lane l holds what was vector l (2^LogTail = Count²), so level j = 0 … log2(Count) − 1 needs for
/// its s-th part, s &lt; 2^j, the vector with (k·Count + l)·2^j + s in lane l. A block has Count vectors: w and w/q of j = 0, then w alone,
/// whose estimate the kernels make from the product: half the memory traffic of the largest part of the tables.
/// </remarks>
internal sealed unsafe class SimdTables
{
    private readonly double[] _storage;

    private SimdTables(NttTables tables, int lanes, int logTail)
    {
        Degree = tables.RingDegree;
        LogN = BitOperations.Log2((uint)Degree);
        LogTail = logTail;
        Modulus = tables.Modulus;
        Q = tables.Modulus.Value;
        QInverse = tables.Modulus.Reciprocal;
        DegreeInverse = tables.Modulus.Center(tables.DegreeInverse);
        DegreeInverseQ = DegreeInverse / Q;
        ulong last = Degree > 1 ? tables.Modulus.Multiply(tables.Inverse[1], tables.DegreeInverse) : 0;
        LastTwiddle = tables.Modulus.Center(last);
        LastTwiddleQ = LastTwiddle / Q;

        int pairs = 2 * Math.Max(1, Degree / lanes);
        int tail = lanes == 1 ? 0 : Degree;
        _storage = GC.AllocateUninitializedArray<double>(2 * (pairs + tail) + 8 * 4, pinned: true);
        double* next = (double*)Unsafe.AsPointer(ref _storage[0]);
        ForwardPairs = Take(ref next, pairs);
        InversePairs = Take(ref next, pairs);
        ForwardTail = Take(ref next, tail);
        InverseTail = Take(ref next, tail);
        FillPairs(tables, tables.Forward, ForwardPairs, pairs / 2);
        FillPairs(tables, tables.Inverse, InversePairs, pairs / 2);
        if (lanes > 1)
        {
            FillTail(tables, tables.Forward, ForwardTail, lanes, logTail);
            FillTail(tables, tables.Inverse, InverseTail, lanes, logTail);
        }
    }

    /// <summary>N.</summary>
    public int Degree { get; }

    /// <summary>log2 N.</summary>
    public int LogN { get; }

    /// <summary>log2 of the values of a tail block.</summary>
    public int LogTail { get; }

    /// <summary>q.</summary>
    public Modulus Modulus { get; }

    /// <summary>q.</summary>
    public double Q { get; }

    /// <summary>fl(1/q).</summary>
    public double QInverse { get; }

    /// <summary>N^(−1) mod q, balanced, and its quotient by q.</summary>
    public double DegreeInverse { get; }

    /// <inheritdoc cref="DegreeInverse"/>
    public double DegreeInverseQ { get; }

    /// <summary>N^(−1) times the only twiddle of the last inverse level, and its quotient by q.</summary>
    public double LastTwiddle { get; }

    /// <inheritdoc cref="LastTwiddle"/>
    public double LastTwiddleQ { get; }

    /// <summary>Pairs of the levels before the tail.</summary>
    public double* ForwardPairs { get; }

    /// <inheritdoc cref="ForwardPairs"/>
    public double* InversePairs { get; }

    /// <summary>Vectors of the tail, block after block.</summary>
    public double* ForwardTail { get; }

    /// <inheritdoc cref="ForwardTail"/>
    public double* InverseTail { get; }

    /// <summary>The tables for lanes of type T.</summary>
    public static SimdTables Create<T>(NttTables tables)
        where T : unmanaged, ISimdLanes<T> => new(tables, T.Count, T.LogTail);

    // The array is pinned: its address is fixed for its life, and it lives as long as this object.
    private static double* Take(ref double* next, int count)
    {
        double* aligned = (double*)(((nuint)next + 63) & ~(nuint)63);
        next = aligned + count;
        return aligned;
    }

    private static void FillPairs(NttTables tables, ReadOnlySpan<ulong> twiddles, double* pairs, int count)
    {
        for (int i = 0; i < count; i++)
        {
            Set(tables, twiddles[i], out pairs[2 * i], out pairs[2 * i + 1]);
        }
    }

    private static void FillTail(NttTables tables, ReadOnlySpan<ulong> twiddles, double* tail, int lanes, int logTail)
    {
        int blocks = tables.RingDegree >> logTail;
        int vectorLevels = BitOperations.Log2((uint)lanes);
        for (int block = 0; block < blocks; block++)
        {
            int first = (blocks + block) << (logTail - vectorLevels);
            for (int lane = 0; lane < lanes; lane++)
            {
                Set(tables, twiddles[first + lane], out tail[lane], out tail[lanes + lane]);
            }

            tail += 2 * lanes;
            for (int level = 1; level < vectorLevels; level++)
            {
                for (int s = 0; s < 1 << level; s++, tail += lanes)
                {
                    for (int lane = 0; lane < lanes; lane++)
                    {
                        Set(tables, twiddles[((first + lane) << level) + s], out tail[lane], out _);
                    }
                }
            }
        }
    }

    private static void Set(NttTables tables, ulong twiddle, out double w, out double wq)
    {
        w = tables.Modulus.Center(twiddle);
        wq = w / tables.Modulus.Value;
    }
}
