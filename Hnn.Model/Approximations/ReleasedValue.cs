namespace Hnn.Model.Approximations;

/// <summary>What was decrypted of a classification, checked: values that no soft-argmax can have are out of range and carry no
/// label.</summary>
/// <remarks>
/// An input whose intermediate values leave the calibrated intervals gives polynomials' values far outside what probabilities can be, or
/// ones that wrapped around the modulus. They are reported as out of range, never as a confident label. Values inside the range are no
/// proof that nothing left it; with probabilities n values and their sum are checked, with y one. <b>Security</b>: these are the values
/// as the key owner decrypted them; show others the label, or values released with noise flooding (eprint 2020/1533).
/// </remarks>
public readonly record struct ReleasedValue
{
    /// <summary>How far y may lie outside [0, n − 1], a probability outside [0, 1] and their sum from 1, by approximation error and
    /// noise: 0.05.</summary>
    public const double Margin = 0.05;

    /// <summary>Wraps a decrypted y.</summary>
    /// <param name="value">y as decrypted; anything, NaN included.</param>
    /// <param name="classCount">n ≥ 2.</param>
    /// <exception cref="ArgumentOutOfRangeException">n &lt; 2.</exception>
    public ReleasedValue(double value, int classCount = 2)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classCount, 2);
        (Value, ClassCount) = (value, classCount);
    }

    /// <summary>Wraps decrypted probabilities.</summary>
    /// <param name="probabilities">p_0 … p_(n−1) as decrypted, n &gt; 2; anything, NaN included.</param>
    /// <exception cref="ArgumentException">Fewer than three.</exception>
    public ReleasedValue(IReadOnlyList<double> probabilities)
    {
        ArgumentNullException.ThrowIfNull(probabilities);
        if (probabilities.Count < 3)
        {
            throw new ArgumentException($"Probabilities are of three classes at least; got {probabilities.Count}.", nameof(probabilities));
        }

        (Probabilities, ClassCount) = (probabilities, probabilities.Count);
        Value = probabilities.Select((p, i) => i * p).Sum();
    }

    /// <summary>y as decrypted, or Σ i·p_i of the probabilities.</summary>
    public double Value { get; }

    /// <summary>The probabilities as decrypted; null where y was released alone.</summary>
    public IReadOnlyList<double>? Probabilities { get; }

    /// <summary>All that was released: the probabilities, or y alone.</summary>
    public IReadOnlyList<double> Values => Probabilities ?? [Value];

    /// <summary>n.</summary>
    public int ClassCount { get; }

    /// <summary>True unless −0.05 ≤ y ≤ n − 1 + 0.05, or every −0.05 ≤ p_i ≤ 1.05 and 0.95 ≤ Σ p_i ≤ 1.05; NaN is out of range.</summary>
    public bool IsOutOfRange => Probabilities is { } p
        ? !(p.All(value => value >= -Margin && value <= 1 + Margin) && Math.Abs(p.Sum() - 1) <= Margin)
        : !(Value >= -Margin && Value <= ClassCount - 1 + Margin);

    /// <summary>The class of the largest probability, the first of equals; or y rounded to the nearest class, halves to the lower; null
    /// if out of range.</summary>
    /// <remarks>Rounding y gives the argmax for n = 2. For n &gt; 2 it need not: see <see cref="DifferentiableSoftArgmax"/>.</remarks>
    public int? Label => IsOutOfRange ? null : Probabilities is { } p
        ? Enumerable.Range(0, p.Count).MaxBy(i => p[i])
        : Math.Clamp((int)Math.Ceiling(Value - 0.5), 0, ClassCount - 1);

    /// <summary>y with approximation error and noise cut off to [0, n − 1]; null if out of range.</summary>
    public double? Clamped => IsOutOfRange ? null : Math.Clamp(Value, 0, ClassCount - 1);

    /// <summary>How far every released value may be off without the label changing: for y the distance to the nearest k + 1/2, for
    /// probabilities half of what the largest is ahead of the second; 0 if out of range.</summary>
    public double LabelMargin
    {
        get
        {
            if (IsOutOfRange)
            {
                return 0;
            }

            if (Probabilities is { } p)
            {
                double[] falling = [.. p.OrderDescending()];
                return (falling[0] - falling[1]) / 2;
            }

            double value = Value;
            return Enumerable.Range(0, ClassCount - 1).Min(k => Math.Abs(value - k - 0.5));
        }
    }

    /// <summary>The largest distance of the released values from another's.</summary>
    /// <exception cref="ArgumentException">One has probabilities and the other has not, or other classes.</exception>
    public double DistanceTo(ReleasedValue other)
    {
        if (ClassCount != other.ClassCount || Probabilities is null != other.Probabilities is null)
        {
            throw new ArgumentException(
                $"Values of {ClassCount} classes and of {other.ClassCount}, or y and probabilities, have no distance.", nameof(other));
        }

        return Probabilities is { } p
            ? p.Zip(other.Probabilities!, (a, b) => Math.Abs(a - b)).Max()
            : Math.Abs(Value - other.Value);
    }

    /// <summary>The same values, to the bit.</summary>
    public bool Equals(ReleasedValue other) =>
        ClassCount == other.ClassCount && Value.Equals(other.Value)
        && (Probabilities is { } p ? other.Probabilities is { } q && p.SequenceEqual(q) : other.Probabilities is null);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(ClassCount, Value);
}
