using System.Numerics;

namespace Heann.Core.Arithmetic;

/// <summary>An odd prime modulus q &lt; 2^50 with the scalar arithmetic of Z/qZ that defines every result of the library.</summary>
/// <remarks>
/// All operands and results are canonical, in [0, q). Products go through <see cref="UInt128"/>: slow and obviously right.
/// The limit of 50 bits is what exact arithmetic in IEEE doubles with fused multiply-add allows; see <c>SimdBackend</c>.
/// Immutable and thread-safe.
/// </remarks>
public sealed class Modulus : IEquatable<Modulus>
{
    /// <summary>Largest bit length of a modulus: 50.</summary>
    public const int MaxBitCount = 50;

    /// <summary>Creates the modulus q.</summary>
    /// <param name="value">An odd prime, 3 ≤ q &lt; 2^50.</param>
    /// <exception cref="ArgumentOutOfRangeException">q is out of range or not a prime.</exception>
    public Modulus(ulong value)
    {
        if (value < 3 || value >= 1UL << MaxBitCount)
        {
            throw new ArgumentOutOfRangeException(nameof(value), value, $"A modulus must lie in [3, 2^{MaxBitCount}); got {value}.");
        }

        if (!Primality.IsPrime(value))
        {
            throw new ArgumentOutOfRangeException(nameof(value), value, $"A modulus must be an odd prime; {value} is not. PrimeSearch finds primes.");
        }

        Value = value;
        Reciprocal = 1.0 / value;
    }

    /// <summary>q.</summary>
    public ulong Value { get; }

    /// <summary>1/q rounded to the nearest double. Part of the definition of <c>ConvertBasis</c>, so the same on every backend.</summary>
    public double Reciprocal { get; }

    /// <summary>⌈log2 q⌉: the bit length of q.</summary>
    public int BitCount => 64 - BitOperations.LeadingZeroCount(Value);

    /// <summary>log2 q.</summary>
    public double Log2 => Math.Log2(Value);

    /// <summary>x + y mod q; x, y in [0, q).</summary>
    public ulong Add(ulong x, ulong y)
    {
        ulong sum = x + y;
        return sum >= Value ? sum - Value : sum;
    }

    /// <summary>x − y mod q; x, y in [0, q).</summary>
    public ulong Subtract(ulong x, ulong y) => x >= y ? x - y : x + Value - y;

    /// <summary>−x mod q; x in [0, q).</summary>
    public ulong Negate(ulong x) => x == 0 ? 0 : Value - x;

    /// <summary>x·y mod q; x, y any 64-bit values.</summary>
    public ulong Multiply(ulong x, ulong y) => (ulong)((UInt128)x * y % Value);

    /// <summary>x^e mod q.</summary>
    public ulong Power(ulong x, ulong exponent)
    {
        ulong result = 1;
        ulong square = x % Value;
        for (; exponent != 0; exponent >>= 1)
        {
            if ((exponent & 1) != 0)
            {
                result = Multiply(result, square);
            }

            square = Multiply(square, square);
        }

        return result;
    }

    /// <summary>x^(−1) mod q, by Fermat.</summary>
    /// <exception cref="ArgumentException">x = 0 mod q.</exception>
    public ulong Invert(ulong x)
    {
        x %= Value;
        return x == 0 ? throw new ArgumentException($"0 has no inverse modulo {Value}.", nameof(x)) : Power(x, Value - 2);
    }

    /// <summary>The canonical residue of any signed 64-bit integer.</summary>
    public ulong Reduce(long x)
    {
        long remainder = x % (long)Value;
        return (ulong)(remainder < 0 ? remainder + (long)Value : remainder);
    }

    /// <summary>The canonical residue of an integer of any size.</summary>
    public ulong Reduce(BigInteger x)
    {
        BigInteger remainder = x % Value;
        return (ulong)(remainder.Sign < 0 ? remainder + Value : remainder);
    }

    /// <summary>The canonical residue of an integer-valued double of any size: mantissa and power of two are reduced apart.</summary>
    /// <exception cref="ArgumentException">x is not finite or not an integer.</exception>
    public ulong ReduceInteger(double x)
    {
        if (!double.IsInteger(x))
        {
            throw new ArgumentException($"Only an integer has a residue; got {x}. Round it first.", nameof(x));
        }

        if (Math.Abs(x) < 9.0e15)
        {
            return Reduce((long)x);
        }

        long bits = BitConverter.DoubleToInt64Bits(x);
        int exponent = (int)((bits >> 52) & 0x7FF) - 1075;
        ulong mantissa = ((ulong)bits & 0xFFFFFFFFFFFFFUL) | 0x10000000000000UL;
        ulong magnitude = Multiply(mantissa, Power(2, (ulong)exponent));
        return x < 0 ? Negate(magnitude) : magnitude;
    }

    /// <summary>The centred representative of x in [0, q): the integer of (−q/2, q/2) congruent to it.</summary>
    public long Center(ulong x) => x > Value / 2 ? (long)x - (long)Value : (long)x;

    /// <inheritdoc/>
    public bool Equals(Modulus? other) => other is not null && Value == other.Value;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Modulus);

    /// <inheritdoc/>
    public override int GetHashCode() => Value.GetHashCode();

    /// <summary>q in decimal.</summary>
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
