namespace Heann.Core.Arithmetic;

/// <summary>Deterministic primality for 64-bit integers.</summary>
/// <remarks>Thread-safe.</remarks>
public static class Primality
{
    // The first twelve primes decide every n < 3.3e24. Source: Sorenson, Webster, "Strong pseudoprimes to twelve prime bases", 2017.
    private static ReadOnlySpan<byte> Bases => [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37];

    /// <summary>Whether n is prime: Miller–Rabin with bases that leave no exception below 2^64.</summary>
    public static bool IsPrime(ulong n)
    {
        if (n < 2)
        {
            return false;
        }

        foreach (byte b in Bases)
        {
            if (n % b == 0)
            {
                return n == b;
            }
        }

        int twos = System.Numerics.BitOperations.TrailingZeroCount(n - 1);
        ulong odd = (n - 1) >> twos;
        foreach (byte b in Bases)
        {
            if (IsWitness(n, b, odd, twos))
            {
                return false;
            }
        }

        return true;
    }

    // n − 1 = odd·2^twos. True when b proves n composite.
    private static bool IsWitness(ulong n, ulong b, ulong odd, int twos)
    {
        ulong x = Power(b, odd, n);
        if (x == 1 || x == n - 1)
        {
            return false;
        }

        for (int i = 1; i < twos; i++)
        {
            x = (ulong)((UInt128)x * x % n);
            if (x == n - 1)
            {
                return false;
            }
        }

        return true;
    }

    private static ulong Power(ulong x, ulong exponent, ulong n)
    {
        UInt128 result = 1;
        UInt128 square = x;
        for (; exponent != 0; exponent >>= 1)
        {
            if ((exponent & 1) != 0)
            {
                result = result * square % n;
            }

            square = square * square % n;
        }

        return (ulong)result;
    }
}
