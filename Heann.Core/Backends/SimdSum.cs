namespace Heann.Core.Backends;

/// <summary>How many products may be summed before they are reduced, for factors of given sizes.</summary>
/// <remarks>
/// <para>high starts at the bias M = 1.5·2^(52+e), where doubles are the multiples of 2^e. fma(a, b, high) rounds a·b to such a multiple p;
/// p is exactly the difference of the new and the old high, and a·b − p, of magnitude at most 2^(e−1), goes to low: two multiplications
/// and two additions a product, nothing lost.</para>
/// <para><b>Proof of the count</b> n, for |a| ≤ A, |b| ≤ B: high − M stays within 2^(51+e), so that high keeps its binade, if
/// n·(A·B + 2^(e−1)) ≤ 2^(51+e); a·b − p is an integer below 2^53, hence exact in the fma. Folding computes c = rint((high − M)·fl(1/q))
/// and r = fma(−c, q, high − M): |r| ≤ q/2 + |high − M|·2^(−52)(1 + 2^(−50)) ≤ 2^49 + 2^(e−1) + 1, an integer, exact. With low, |r + low| ≤
/// 2^49 + 1 + (n + 1)·2^(e−1) ≤ 2^53 − 2^49 − 3 is demanded: a reduced value may be added and the sum is exact and in the range of
/// Reduce.</para>
/// For 50-bit primes e = 50 and n = 8, or 7 next to 2^50; for 40-bit primes n is in the thousands.
/// The integer lanes reduce every product instead (|r| ≤ 0.6q for |a| ≤ 2^49 + 2, and 0.7q for the lazy |a| ≤ 12q of a prime below 2^46) and
/// sum at most 12 of them and a reduced value: below 8q, or 9q &lt; 2^50.
/// </remarks>
internal readonly struct SimdSum
{
    /// <summary>Products per fold where every product is reduced.</summary>
    public const int ReducedCount = 12;

    /// <summary>The best e for factors of these magnitudes.</summary>
    public SimdSum(double a, double b)
    {
        for (int e = 52; e >= 20; e--)
        {
            double unit = Math.ScaleB(1, e - 1);
            double byHigh = Math.Floor(Math.ScaleB(1, 51 + e) * (1 - 1e-14) / (a * b + unit));
            double byLow = Math.Floor((Math.ScaleB(1, 53) - Math.ScaleB(1, 50) - 4) / unit) - 1;
            int count = (int)Math.Min(1 << 20, Math.Min(byHigh, byLow));
            if (count > Count)
            {
                Count = count;
                Bias = Math.ScaleB(1.5, 52 + e);
            }
        }
    }

    /// <summary>M.</summary>
    public double Bias { get; }

    /// <summary>n.</summary>
    public int Count { get; }
}
