namespace Heann.Core.Circuits;

/// <summary>Finds the largest |p − f| on an interval: a grid that is dense at the ends, then golden-section search around its
/// peaks.</summary>
internal static class ErrorSearch
{
    private const double GoldenRatio = 0.6180339887498949;

    /// <summary>max |p(x) − f(x)| over [a, b], to about eight digits for a difference with at most some 10(d + 1) extrema.</summary>
    /// <exception cref="ArgumentException">f is not finite in some point of the grid.</exception>
    public static double MaxError(
        Func<double, double> approximation, Func<double, double> function, double lowerBound, double upperBound, int degree)
    {
        int cells = Math.Max(2000, 40 * (degree + 2));
        double centre = lowerBound + (upperBound - lowerBound) / 2;
        double radius = (upperBound - lowerBound) / 2;
        double[] grid = new double[cells + 1];
        double[] errors = new double[cells + 1];
        double Error(double x) => Math.Abs(approximation(x) - function(x));
        for (int i = 0; i <= cells; i++)
        {
            grid[i] = Math.Clamp(centre - radius * Math.Cos(Math.PI * i / cells), lowerBound, upperBound);
            errors[i] = Error(grid[i]);
            if (!double.IsFinite(errors[i]))
            {
                throw new ArgumentException(
                    $"The function or its approximation is not finite at x = {grid[i]:R}; choose another interval.", nameof(function));
            }
        }

        double best = errors.Max();
        for (int i = 0; i <= cells; i++)
        {
            double left = errors[Math.Max(i - 1, 0)];
            double right = errors[Math.Min(i + 1, cells)];
            if (errors[i] >= left && errors[i] >= right && errors[i] > 0.9 * best)
            {
                double peak = Maximise(Error, grid[Math.Max(i - 1, 0)], grid[Math.Min(i + 1, cells)]);
                best = Math.Max(best, Error(peak));
            }
        }

        return best;
    }

    /// <summary>The place of the maximum of a function with one peak in [low, high], by golden section to 2^−30 of the width.</summary>
    public static double Maximise(Func<double, double> function, double low, double high)
    {
        double inner = high - GoldenRatio * (high - low);
        double outer = low + GoldenRatio * (high - low);
        double atInner = function(inner);
        double atOuter = function(outer);
        for (int i = 0; i < 44; i++)
        {
            if (atInner >= atOuter)
            {
                (high, outer, atOuter) = (outer, inner, atInner);
                inner = high - GoldenRatio * (high - low);
                atInner = function(inner);
            }
            else
            {
                (low, inner, atInner) = (inner, outer, atOuter);
                outer = low + GoldenRatio * (high - low);
                atOuter = function(outer);
            }
        }

        return atInner >= atOuter ? inner : outer;
    }
}
