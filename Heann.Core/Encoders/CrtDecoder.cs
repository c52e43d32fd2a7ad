using Heann.Core.Arithmetic;
using Heann.Core.Rings;

namespace Heann.Core.Encoders;

/// <summary>Residues → centred integers as doubles, with the constants for one basis. Immutable and thread-safe.</summary>
internal sealed class CrtDecoder
{
    private readonly RnsBasis _basis;
    private readonly ulong[][] _weights;
    private readonly ulong[] _inverses;
    private readonly double[] _weightValues;

    /// <summary>Prepares the constants for the primes of a basis; its ring degree does not matter.</summary>
    public CrtDecoder(RnsBasis basis)
    {
        _basis = basis;
        _weights = PrefixProducts(basis);
        _inverses = [.. basis.Moduli.Select((q, i) => q.Invert(_weights[i][i]))];
        _weightValues = new double[basis.Count];
        _weightValues[0] = 1;
        for (int i = 1; i < basis.Count; i++)
        {
            _weightValues[i] = _weightValues[i - 1] * basis[i - 1].Value;
        }
    }

    /// <summary>The coefficients of a polynomial in Coefficient form, centred in (−Q/2, Q/2], each to the precision of a double.</summary>
    /// <remarks>
    /// Mixed radix with centred digits: x = v_0 + v_1·q_0 + v_2·q_0·q_1 + …, |v_i| &lt; q_i/2. A message is far smaller than Q, so all but
    /// the first few digits are 0, and the sum, from the last digit down, does not cancel.
    /// <b>Security:</b> it branches on the coefficients of the message: time tells their size. It never sees the key.
    /// </remarks>
    /// <param name="residues">limbs · M residues, limb after limb.</param>
    /// <param name="destination">M coefficients.</param>
    public void ToCenteredDoubles(ReadOnlySpan<ulong> residues, Span<double> destination)
    {
        Span<long> digits = stackalloc long[_basis.Count];
        for (int k = 0; k < destination.Length; k++)
        {
            int last = MixedRadix(residues, destination.Length, k, digits);
            double value = 0;
            for (int i = last; i >= 0; i--)
            {
                value += digits[i] == 0 ? 0 : digits[i] * _weightValues[i];
            }

            destination[k] = value;
        }

        digits.Clear();
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

    private int MixedRadix(ReadOnlySpan<ulong> residues, int degree, int k, Span<long> digits)
    {
        int last = 0;
        for (int i = 0; i < _weights.Length; i++)
        {
            Modulus q = _basis[i];
            ulong[] weights = _weights[i];
            ulong difference = residues[(i * degree) + k];
            for (int j = 0; j <= last && j < i; j++)
            {
                if (digits[j] != 0)
                {
                    difference = q.Subtract(difference, q.Multiply(q.Reduce(digits[j]), weights[j]));
                }
            }

            digits[i] = difference == 0 ? 0 : q.Center(q.Multiply(difference, _inverses[i]));
            if (digits[i] != 0)
            {
                last = i;
            }
        }

        return last;
    }
}
