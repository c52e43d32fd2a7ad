using System.Globalization;

namespace Heann.Core;

/// <summary>The factor Δ by which a message is multiplied before it is rounded to integers. Exact: it travels with every ciphertext.</summary>
/// <remarks>A leaf type: every folder may use it. Two scales match when they differ by at most 2^(−40) of their value.
/// Immutable, thread-safe.</remarks>
public readonly record struct Scale : IComparable<Scale>
{
    /// <summary>Largest relative difference of two scales that count as equal: 2^(−40).</summary>
    public const double MatchTolerance = 1.0 / (1L << 40);

    /// <summary>Creates the scale Δ.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Δ is not a positive finite number.</exception>
    public Scale(double value)
    {
        if (!double.IsFinite(value) || value <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(value), value, $"A scale is a positive finite number; got {value}.");
        }

        Value = value;
    }

    /// <summary>Δ.</summary>
    public double Value { get; }

    /// <summary>log2 Δ.</summary>
    public double Log2 => Math.Log2(Value);

    /// <summary>Δ = 2^bits.</summary>
    public static Scale FromLog2(double bits) => new(Math.Pow(2, bits));

    /// <summary>The scale of a product.</summary>
    public static Scale operator *(Scale left, Scale right) => new(left.Value * right.Value);

    /// <summary>The scale after a division by <paramref name="divisor"/>, such as a prime.</summary>
    public static Scale operator /(Scale scale, double divisor) => new(scale.Value / divisor);

    /// <summary>|Δ − Δ'| / Δ.</summary>
    public double RelativeDifference(Scale other) => Math.Abs(Value - other.Value) / Value;

    /// <summary>Whether the two differ by at most 2^(−40) of their value.</summary>
    public bool Matches(Scale other) => RelativeDifference(other) <= MatchTolerance;

    /// <inheritdoc/>
    public int CompareTo(Scale other) => Value.CompareTo(other.Value);

    /// <summary>For people: 2^40.00.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"2^{Log2:F2}");
}
