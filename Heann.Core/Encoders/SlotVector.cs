using System.Numerics;

namespace Heann.Core.Encoders;

/// <summary>The slots of a message: real or complex values that repeat with a period.</summary>
/// <remarks>
/// The period F is a power of two and divides the number of slots. A vector of period F is encoded with 2F coefficients instead of N, and
/// a constant (F = 1) with one, or two when it is complex. Immutable, thread-safe.
/// </remarks>
public sealed class SlotVector
{
    private readonly double[] _real;
    private readonly double[]? _imaginary;

    private SlotVector(double[] real, double[]? imaginary)
    {
        _real = real;
        _imaginary = imaginary;
        Magnitude = MagnitudeOf(real, imaginary);
    }

    /// <summary>F.</summary>
    public int Period => _real.Length;

    /// <summary>Whether every value is real.</summary>
    public bool IsReal => _imaginary is null;

    /// <summary>Root mean square of the slots.</summary>
    public double Magnitude { get; }

    /// <summary>Real parts of one period.</summary>
    public ReadOnlySpan<double> Real => _real;

    /// <summary>Imaginary parts of one period; empty when all are zero.</summary>
    public ReadOnlySpan<double> Imaginary => _imaginary;

    /// <summary>The value of slot i.</summary>
    public Complex this[int slot] => new(_real[slot & (Period - 1)], _imaginary is null ? 0 : _imaginary[slot & (Period - 1)]);

    /// <summary>The same real value in every slot.</summary>
    public static SlotVector Constant(double value) => new([value], null);

    /// <summary>The same complex value in every slot.</summary>
    public static SlotVector Constant(Complex value) => new([value.Real], value.Imaginary == 0 ? null : [value.Imaginary]);

    /// <summary>Values repeated through all slots.</summary>
    /// <param name="values">F values, F a power of two.</param>
    /// <exception cref="ArgumentException">The number is not a power of two, or a value is not finite.</exception>
    public static SlotVector Periodic(ReadOnlySpan<double> values)
    {
        RequirePowerOfTwo(values.Length);
        return new(values.ToArray(), null);
    }

    /// <summary>Complex values repeated through all slots; see <see cref="Periodic(ReadOnlySpan{double})"/>.</summary>
    public static SlotVector Periodic(ReadOnlySpan<Complex> values)
    {
        RequirePowerOfTwo(values.Length);
        (double[] real, double[] imaginary) = Split(values, values.Length);
        return new(real, imaginary);
    }

    /// <summary>Values followed by zeros up to the number of slots.</summary>
    /// <exception cref="ArgumentException">More values than slots, or a value is not finite.</exception>
    public static SlotVector Padded(ReadOnlySpan<double> values, int slotCount)
    {
        RequireFit(values.Length, slotCount);
        double[] real = new double[slotCount];
        values.CopyTo(real);
        return new(real, null);
    }

    /// <summary>Complex values followed by zeros; see <see cref="Padded(ReadOnlySpan{double}, int)"/>.</summary>
    public static SlotVector Padded(ReadOnlySpan<Complex> values, int slotCount)
    {
        RequireFit(values.Length, slotCount);
        (double[] real, double[] imaginary) = Split(values, slotCount);
        return new(real, imaginary);
    }

    // Root mean square of slots; without imaginary parts those are zero.
    internal static double MagnitudeOf(ReadOnlySpan<double> real, ReadOnlySpan<double> imaginary)
    {
        double squares = 0;
        for (int i = 0; i < real.Length; i++)
        {
            double imaginaryPart = imaginary.IsEmpty ? 0 : imaginary[i];
            squares += (real[i] * real[i]) + (imaginaryPart * imaginaryPart);
        }

        return double.IsFinite(squares)
            ? Math.Sqrt(squares / real.Length)
            : throw new ArgumentException("A message must be finite; it holds NaN, infinity, or values whose squares overflow.");
    }

    private static (double[] Real, double[] Imaginary) Split(ReadOnlySpan<Complex> values, int count)
    {
        double[] real = new double[count];
        double[] imaginary = new double[count];
        for (int i = 0; i < values.Length; i++)
        {
            (real[i], imaginary[i]) = (values[i].Real, values[i].Imaginary);
        }

        return (real, imaginary);
    }

    private static void RequirePowerOfTwo(int count)
    {
        if (!BitOperations.IsPow2(count))
        {
            throw new ArgumentException($"A period is a power of two; got {count} values. Pad them, or encode without a period.");
        }
    }

    internal static void RequireFit(int count, int slotCount)
    {
        if (count > slotCount || count == 0)
        {
            throw new ArgumentException($"{count} values do not go into {slotCount} slots; give 1 to {slotCount}.");
        }

        RequirePowerOfTwo(slotCount);
    }
}
