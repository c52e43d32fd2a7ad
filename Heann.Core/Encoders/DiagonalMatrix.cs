using System.Numerics;

namespace Heann.Core.Encoders;

/// <summary>A linear map of the slots by its diagonals: y_j = Σ_k d_k[j] · x_(j+k), indices around the number of slots.</summary>
/// <remarks>
/// Diagonals repeat with a period F, so that a map which is the same for every token (slot = t·F + f) needs F values a diagonal, not N/2.
/// Shifts k may be negative. Diagonals that are zero throughout are left out; the zero map keeps that of k = 0. Immutable, thread-safe.
/// Source: Halevi, Shoup, "Algorithms in HElib", eprint 2014/106; Gazelle, eprint 2018/073.
/// </remarks>
public sealed class DiagonalMatrix
{
    private readonly SortedDictionary<int, (double[] Real, double[]? Imaginary)> _diagonals = [];

    /// <summary>Creates the map from its diagonals.</summary>
    /// <param name="period">F, a power of two.</param>
    /// <param name="diagonals">For each shift k the values d_k[0 … F − 1]; diagonals of zeros are left out.</param>
    /// <exception cref="ArgumentException">The period is no power of two, a diagonal has another length or an entry that is not finite.</exception>
    public DiagonalMatrix(int period, IEnumerable<KeyValuePair<int, double[]>> diagonals)
    {
        ArgumentNullException.ThrowIfNull(diagonals);
        if (period < 1 || !System.Numerics.BitOperations.IsPow2(period))
        {
            throw new ArgumentException($"A period is a power of two; got {period}.", nameof(period));
        }

        Period = period;
        foreach ((int shift, double[] diagonal) in diagonals)
        {
            if (diagonal.Length != period || !IsFinite(diagonal))
            {
                throw new ArgumentException($"Diagonal {shift} must have {period} finite entries; it has {diagonal.Count(double.IsFinite)} of {diagonal.Length}.", nameof(diagonals));
            }

            if (diagonal.AsSpan().ContainsAnyExcept(0.0))
            {
                _diagonals.Add(shift, ([.. diagonal], null));
            }
        }

        if (_diagonals.Count == 0)
        {
            // The zero map is a map too: one diagonal says so.
            _diagonals.Add(0, (new double[period], null));
        }
    }

    /// <summary>Creates the map whose entry (row j, column j + k) is <paramref name="entry"/>(j, k), j = 0 … F − 1, for the shifts from <paramref name="minShift"/> to <paramref name="maxShift"/>.</summary>
    /// <exception cref="ArgumentException">As for the other constructor.</exception>
    public DiagonalMatrix(int period, int minShift, int maxShift, Func<int, int, double> entry)
        : this(period, Enumerable.Range(minShift, Math.Max(0, maxShift - minShift + 1)).Select(
            k => KeyValuePair.Create(k, Enumerable.Range(0, Math.Max(0, period)).Select(j => entry(j, k)).ToArray())))
    {
    }

    private static bool IsFinite(ReadOnlySpan<double> values)
    {
        foreach (double value in values)
        {
            if (!double.IsFinite(value))
            {
                return false;
            }
        }

        return true;
    }

    private DiagonalMatrix(DiagonalMatrix real, DiagonalMatrix imaginary)
    {
        Period = real.Period;
        foreach (int shift in real.Shifts.Union(imaginary.Shifts))
        {
            double[] Part(DiagonalMatrix matrix) => matrix._diagonals.TryGetValue(shift, out var diagonal) ? diagonal.Real : new double[Period];
            _diagonals.Add(shift, (Part(real), Part(imaginary)));
        }
    }

    /// <summary>F.</summary>
    public int Period { get; }

    /// <summary>Whether every entry is real.</summary>
    public bool IsReal => _diagonals.Values.All(diagonal => diagonal.Imaginary is null);

    /// <summary>The shifts k with a non-zero diagonal, ascending.</summary>
    public IReadOnlyCollection<int> Shifts => _diagonals.Keys;

    /// <summary>A + i·B: two maps of one real vector side by side, for the price of one; or, of a vector a − i·b, with A·a + B·b as its real
    /// part.</summary>
    /// <param name="real">A, with real entries.</param>
    /// <param name="imaginary">B, with real entries.</param>
    /// <exception cref="ArgumentException">The periods differ, or a map has complex entries already.</exception>
    public static DiagonalMatrix Join(DiagonalMatrix real, DiagonalMatrix imaginary)
    {
        ArgumentNullException.ThrowIfNull(real);
        ArgumentNullException.ThrowIfNull(imaginary);
        if (real.Period != imaginary.Period || !real.IsReal || !imaginary.IsReal)
        {
            throw new ArgumentException(
                $"Two real maps of one period are joined; got periods {real.Period} and {imaginary.Period}{(real.IsReal && imaginary.IsReal ? string.Empty : ", and complex entries")}.",
                nameof(imaginary));
        }

        return new(real, imaginary);
    }

    /// <summary>Real parts of d_k, one period.</summary>
    public ReadOnlySpan<double> Diagonal(int shift) => _diagonals[shift].Real;

    /// <summary>Imaginary parts of d_k, one period; empty where all are zero.</summary>
    public ReadOnlySpan<double> ImaginaryDiagonal(int shift) => _diagonals[shift].Imaginary;

    /// <summary>d_k rotated by <paramref name="offset"/> to the right: value j is d_k[j − offset].</summary>
    public SlotVector Shifted(int shift, int offset)
    {
        (double[] real, double[]? imaginary) = _diagonals[shift];
        double[] rotated = Rotated(real);
        if (imaginary is null)
        {
            return SlotVector.Periodic(rotated);
        }

        double[] rotatedImaginary = Rotated(imaginary);
        return SlotVector.Periodic(Enumerable.Range(0, Period).Select(j => new Complex(rotated[j], rotatedImaginary[j])).ToArray());

        double[] Rotated(double[] values)
        {
            int start = offset & (Period - 1);
            double[] result = new double[Period];
            values.AsSpan(0, Period - start).CopyTo(result.AsSpan(start));
            values.AsSpan(Period - start).CopyTo(result);
            return result;
        }
    }
}
