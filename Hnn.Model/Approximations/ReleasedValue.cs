namespace Hnn.Model.Approximations;

/// <summary>A decrypted soft-argmax, checked: a value that no soft-argmax can have is out of range and carries no label.</summary>
/// <remarks>
/// An input whose intermediate values leave the calibrated intervals gives a polynomial's value far outside [0, n − 1], or one that
/// wrapped around the modulus. Such a y is reported as out of range, never as a confident label. A value inside the range is no proof
/// that nothing left it. <b>Security</b>: this is the value as the key owner decrypted it; show others the label, or a value released
/// with noise flooding (eprint 2020/1533).
/// </remarks>
public readonly record struct ReleasedValue
{
    /// <summary>How far y may lie outside [0, n − 1] by approximation error and noise: 0.05.</summary>
    public const double Margin = 0.05;

    /// <summary>Wraps a decrypted value.</summary>
    /// <param name="value">y as decrypted; anything, NaN included.</param>
    /// <param name="classCount">n ≥ 2.</param>
    /// <exception cref="ArgumentOutOfRangeException">n &lt; 2.</exception>
    public ReleasedValue(double value, int classCount = 2)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classCount, 2);
        (Value, ClassCount) = (value, classCount);
    }

    /// <summary>y as decrypted.</summary>
    public double Value { get; }

    /// <summary>n.</summary>
    public int ClassCount { get; }

    /// <summary>True unless −0.05 ≤ y ≤ n − 1 + 0.05; NaN is out of range.</summary>
    public bool IsOutOfRange => !(Value >= -Margin && Value <= ClassCount - 1 + Margin);

    /// <summary>y rounded to the nearest class, halves to the lower; null if out of range.</summary>
    /// <remarks>For n = 2 that is the argmax. For n &gt; 2 it need not be: see <see cref="DifferentiableSoftArgmax"/>.</remarks>
    public int? Label => IsOutOfRange ? null : Math.Clamp((int)Math.Ceiling(Value - 0.5), 0, ClassCount - 1);

    /// <summary>y with approximation error and noise cut off to [0, n − 1]; null if out of range.</summary>
    public double? Clamped => IsOutOfRange ? null : Math.Clamp(Value, 0, ClassCount - 1);
}
