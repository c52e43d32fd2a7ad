using System.Numerics;
using Heann.Core.Rings;

namespace Heann.Core.Backends;

/// <summary>The constants of a <see cref="BasisConversion"/> as balanced doubles.</summary>
internal sealed unsafe class SimdConversion
{
    private readonly double[] _constants;
    private readonly double[] _pairs = [];

    /// <summary>Prepares a conversion.</summary>
    public SimdConversion(BasisConversion conversion)
    {
        Conversion = conversion;
        SourceCount = conversion.Source.Count;
        int targets = conversion.Target.Count;
        _constants = GC.AllocateUninitializedArray<double>(4 * SourceCount + targets * (SourceCount + 1), pinned: true);
        double* next = (double*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _constants[0]);
        Sources = next;
        double largest = SourceCount / 2 + 1; // |v|, for the tiniest primes
        for (int i = 0; i < SourceCount; i++)
        {
            double d = conversion.Source[i].Value;
            double inverse = conversion.Source[i].Center(conversion.PuncturedInverses[i]);
            *next++ = d;
            *next++ = conversion.Source[i].Reciprocal;
            *next++ = inverse;
            *next++ = inverse / d;
            largest = Math.Max(largest, d / 2);
        }

        Weights = next;
        Sums = new SimdSum[targets];
        for (int j = 0; j < targets; j++)
        {
            var p = conversion.Target[j];
            Sums[j] = new(largest, (p.Value - 1) / 2);
            for (int i = 0; i < SourceCount; i++)
            {
                *next++ = p.Center(conversion.Punctured(j)[i]);
            }

            *next++ = p.Center(p.Negate(conversion.Products[j]));
        }

        if (SourceCount == 2)
        {
            _pairs = CreatePairs(conversion);
            Pairs = (double*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _pairs[0]);
        }
    }

    /// <summary>The definition.</summary>
    public BasisConversion Conversion { get; }

    /// <summary>k.</summary>
    public int SourceCount { get; }

    /// <summary>For each i: d_i, fl(1/d_i), (D/d_i)^(−1) mod d_i, and its quotient by d_i.</summary>
    public double* Sources { get; }

    /// <summary>For each j: D/d_0 … D/d_(k−1), −D modulo p_j.</summary>
    public double* Weights { get; }

    /// <summary>For each j how many products may be summed.</summary>
    public SimdSum[] Sums { get; }

    /// <summary>For two source primes: D rounded to a multiple of 2^50, D less that; and for each j 2^50 mod p_j and its quotient by p_j.
    /// Else null.</summary>
    public double* Pairs { get; }

    private static double[] CreatePairs(BasisConversion conversion)
    {
        BigInteger unit = BigInteger.One << SimdKernels.PairBits;
        BigInteger product = conversion.Source.Product;
        BigInteger high = (product + (unit >> 1)) / unit * unit;
        double[] pairs = GC.AllocateUninitializedArray<double>(2 + 2 * conversion.Target.Count, pinned: true);
        pairs[0] = (double)high;
        pairs[1] = (double)(product - high);
        for (int j = 0; j < conversion.Target.Count; j++)
        {
            var p = conversion.Target[j];
            double weight = p.Center(p.Reduce(unit));
            pairs[2 + 2 * j] = weight;
            pairs[3 + 2 * j] = weight / p.Value;
        }

        return pairs;
    }
}
