using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Heann.Core.Arithmetic;
using Heann.Core.Rings;

namespace Heann.Core.Encoders;

/// <summary>Residues → centred integers as doubles.</summary>
internal static class CrtDecoder
{
    /// <summary>The coefficients of a polynomial in Coefficient form, centred in (−Q/2, Q/2], each to the precision of a double.</summary>
    /// <remarks>
    /// Mixed radix with centred digits: x = v_0 + v_1·q_0 + v_2·q_0·q_1 + …, |v_i| &lt; q_i/2. A message is far smaller than Q, so all but
    /// the first few digits are 0, and the sum, from the last digit down, does not cancel.
    /// <b>Security:</b> it branches on the coefficients of the message: time tells their size. It never sees the key.
    /// </remarks>
    public static double[] ToCenteredDoubles(RnsPolynomial polynomial)
    {
        int degree = polynomial.RingDegree;
        RnsBasis basis = polynomial.Basis;
        ulong[] residues = polynomial.ToResidues();
        ulong[][] weights = PrefixProducts(basis);
        ulong[] inverses = [.. basis.Moduli.Select((q, i) => q.Invert(weights[i][i]))];
        double[] weightValues = new double[basis.Count];
        weightValues[0] = 1;
        for (int i = 1; i < basis.Count; i++)
        {
            weightValues[i] = weightValues[i - 1] * basis[i - 1].Value;
        }

        double[] result = new double[degree];
        long[] digits = new long[basis.Count];
        for (int k = 0; k < degree; k++)
        {
            int last = MixedRadix(basis, residues, k, weights, inverses, digits);
            double value = 0;
            for (int i = last; i >= 0; i--)
            {
                value += digits[i] == 0 ? 0 : digits[i] * weightValues[i];
            }

            result[k] = value;
        }

        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(residues.AsSpan()));
        return result;
    }

    // weights[i][j] = q_0 … q_(j−1) mod q_i, j ≤ i.
    private static ulong[][] PrefixProducts(RnsBasis basis)
    {
        ulong[][] weights = new ulong[basis.Count][];
        for (int i = 0; i < basis.Count; i++)
        {
            weights[i] = new ulong[i + 1];
            weights[i][0] = 1;
            for (int j = 1; j <= i; j++)
            {
                weights[i][j] = basis[i].Multiply(weights[i][j - 1], basis[j - 1].Value);
            }
        }

        return weights;
    }

    private static int MixedRadix(RnsBasis basis, ulong[] residues, int k, ulong[][] weights, ulong[] inverses, long[] digits)
    {
        int last = 0;
        int degree = basis.RingDegree;
        for (int i = 0; i < basis.Count; i++)
        {
            Modulus q = basis[i];
            ulong difference = residues[(i * degree) + k];
            for (int j = 0; j <= last && j < i; j++)
            {
                if (digits[j] != 0)
                {
                    difference = q.Subtract(difference, q.Multiply(q.Reduce(digits[j]), weights[i][j]));
                }
            }

            digits[i] = difference == 0 ? 0 : q.Center(q.Multiply(difference, inverses[i]));
            if (digits[i] != 0)
            {
                last = i;
            }
        }

        return last;
    }
}
