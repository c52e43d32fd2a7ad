using System.Numerics;
using Heann.Core.Encoders;

namespace Heann.Core.Evaluation;

/// <summary>Slot arithmetic in double precision for <see cref="ClearEvaluator"/>. A method returns a new array or adds to a sum of the
/// caller's own; none writes an operand.</summary>
internal static class ClearArithmetic
{
    public static (double[] Real, double[]? Imaginary) Expand(SlotVector values, int slotCount) =>
        (Repeat(values.Real, slotCount), values.IsReal ? null : Repeat(values.Imaginary, slotCount));

    public static double[] Add(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        double[] sum = new double[x.Length];
        for (int i = 0; i < sum.Length; i++)
        {
            sum[i] = x[i] + y[i];
        }

        return sum;
    }

    public static double[]? AddOptional(double[]? x, double[]? y) => x is null ? y : y is null ? x : Add(x, y);

    public static double[] Scale(ReadOnlySpan<double> x, double factor)
    {
        double[] product = new double[x.Length];
        for (int i = 0; i < product.Length; i++)
        {
            product[i] = factor * x[i];
        }

        return product;
    }

    /// <summary>(a + bi)·(c + di), where a missing imaginary part is zero.</summary>
    public static (double[] Real, double[]? Imaginary) Multiply(double[] a, double[]? b, double[] c, double[]? d)
    {
        double[] real = Product(a, c);
        if (b is not null && d is not null)
        {
            real = Add(real, Scale(Product(b, d), -1));
        }

        return (real, AddOptional(d is null ? null : Product(a, d), b is null ? null : Product(b, c)));
    }

    /// <summary>sum += factor·x.</summary>
    public static void AddMultiple(ReadOnlySpan<double> x, double factor, Span<double> sum)
    {
        Vector<double> factors = new(factor);
        int i = 0;
        for (; i <= sum.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            (new Vector<double>(sum[i..]) + (new Vector<double>(x[i..]) * factors)).CopyTo(sum[i..]);
        }

        for (; i < sum.Length; i++)
        {
            sum[i] += x[i] * factor;
        }
    }

    /// <summary>sum += x·y.</summary>
    public static void AddProduct(ReadOnlySpan<double> x, ReadOnlySpan<double> y, Span<double> sum) => MultiplyAdd(x, y, sum);

    public static double[] Rotate(ReadOnlySpan<double> x, int steps)
    {
        double[] rotated = new double[x.Length];
        RotateInto(x, steps, rotated);
        return rotated;
    }

    /// <summary>Maps a part of a matrix, real or imaginary: the diagonal of a shift, or nothing.</summary>
    public delegate ReadOnlySpan<double> Diagonals(int shift);

    /// <summary>sum_j += Σ_k d_k[j mod F] · x_(j+k), d the real or the imaginary part of the matrix's diagonals.</summary>
    public static void AddTransform(IEnumerable<int> shifts, Diagonals diagonals, ReadOnlySpan<double> x, Span<double> sum)
    {
        double[] rotated = new double[x.Length];
        foreach (int shift in shifts)
        {
            ReadOnlySpan<double> diagonal = diagonals(shift);
            if (diagonal.IsEmpty)
            {
                continue;
            }

            RotateInto(x, shift, rotated);
            for (int start = 0; start < sum.Length; start += diagonal.Length)
            {
                MultiplyAdd(diagonal, rotated.AsSpan(start, diagonal.Length), sum.Slice(start, diagonal.Length));
            }
        }
    }

    private static void RotateInto(ReadOnlySpan<double> x, int steps, Span<double> rotated)
    {
        int shift = steps & (x.Length - 1);
        x[shift..].CopyTo(rotated);
        x[..shift].CopyTo(rotated[(x.Length - shift)..]);
    }

    private static void MultiplyAdd(ReadOnlySpan<double> x, ReadOnlySpan<double> y, Span<double> sum)
    {
        int i = 0;
        for (; i <= sum.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            (new Vector<double>(sum[i..]) + (new Vector<double>(x[i..]) * new Vector<double>(y[i..]))).CopyTo(sum[i..]);
        }

        for (; i < sum.Length; i++)
        {
            sum[i] += x[i] * y[i];
        }
    }

    private static double[] Product(double[] x, double[] y)
    {
        double[] product = new double[x.Length];
        for (int i = 0; i < product.Length; i++)
        {
            product[i] = x[i] * y[i];
        }

        return product;
    }

    private static double[] Repeat(ReadOnlySpan<double> values, int slotCount)
    {
        double[] repeated = new double[slotCount];
        for (int start = 0; start < slotCount; start += values.Length)
        {
            values.CopyTo(repeated.AsSpan(start));
        }

        return repeated;
    }
}
