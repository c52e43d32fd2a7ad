using System.Numerics;
using Heann.Core.Rings;

namespace Heann.Core.Backends;

/// <summary>An automorphism of degree N in Evaluation form as a permutation of vectors and of the lanes within them.</summary>
/// <remarks>
/// Value i belongs to the exponent 2e + 1, e = brv(i); the value that X → X^g brings there comes from e' = (g(2e + 1) − 1)/2 mod N. Write
/// i = Count·a + b: b, the lane, is the top log2(Count) bits of e, reversed, and e = e_a + (N/Count)·rev(b). Then
/// e' = e'_a + g·(N/Count)·rev(b) mod N: its lower bits, hence the source vector, depend on a alone, and its top bits are
/// (t_a + g·rev(b)) mod Count with t_a the top bits of e'_a. So a table of N/Count entries (source vector, t) and Count lane patterns do.
/// </remarks>
internal sealed unsafe class SimdPermutation
{
    private readonly int[] _sources;
    private readonly double[] _patterns;

    /// <summary>The permutation for the exponent g at this width.</summary>
    public SimdPermutation(int degree, int exponent, int lanes)
    {
        int logN = BitOperations.Log2((uint)degree);
        int logLanes = BitOperations.Log2((uint)lanes);
        int vectors = degree / lanes;
        _sources = GC.AllocateUninitializedArray<int>(2 * vectors, pinned: true);
        for (int a = 0; a < vectors; a++)
        {
            long e = NttTables.ReverseBits(a, logN - logLanes);
            long source = ((exponent * (2 * e + 1) & (2L * degree - 1)) - 1) >> 1;
            _sources[2 * a] = NttTables.ReverseBits((int)(source & (vectors - 1)), logN - logLanes) * lanes;
            _sources[2 * a + 1] = (int)(source >> (logN - logLanes)) * lanes;
        }

        // A pattern is an index vector: 64-bit indices for eight lanes, pairs of 32-bit ones for four.
        _patterns = GC.AllocateUninitializedArray<double>(lanes * lanes, pinned: true);
        for (int t = 0; t < lanes; t++)
        {
            for (int b = 0; b < lanes; b++)
            {
                int top = (int)((t + (long)exponent * NttTables.ReverseBits(b, logLanes)) & (lanes - 1));
                long lane = NttTables.ReverseBits(top, logLanes);
                _patterns[t * lanes + b] = BitConverter.Int64BitsToDouble(lanes == 4 ? (2 * lane) | ((2 * lane + 1) << 32) : lane);
            }
        }

        Sources = (int*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _sources[0]);
        Patterns = (double*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _patterns[0]);
    }

    /// <summary>For each vector the index of its source's first value and the offset of its lane pattern.</summary>
    public int* Sources { get; }

    /// <summary>Lane patterns.</summary>
    public double* Patterns { get; }
}
