namespace Heann.Core.Circuits;

/// <summary>Chebyshev fits: truncated series, then the Remez exchange on the coefficients that symmetry leaves free.</summary>
internal static class MinimaxFit
{
    private const int MaxExchanges = 40;

    // One exchange solves a dense system: 128 unknowns take milliseconds, 1000 would take minutes. Beyond, the series stays.
    private const int MaxUnknowns = 128;

    // The exchange stops when the largest error exceeds the levelled one (a lower bound for every polynomial: de la Vallee Poussin)
    // by less than this.
    private const double ExchangeTolerance = 1e-3;

    // Below this share of max |f| the error is rounding, which does not alternate.
    private const double RoundingFloor = 2e-14;

    /// <summary>Coefficients c_0 … c_d on the image of [a, b], and whether they are the minimax ones.</summary>
    public static (double[] Coefficients, bool IsMinimax) Fit(
        Func<double, double> function, double lowerBound, double upperBound, int degree)
    {
        double centre = lowerBound + (upperBound - lowerBound) / 2;
        double radius = (upperBound - lowerBound) / 2;
        double OnUnit(double t) => function(Math.Clamp(centre + radius * t, lowerBound, upperBound));
        PolynomialParity parity = lowerBound == -upperBound ? DetectParity(OnUnit) : PolynomialParity.None;
        double constant = parity == PolynomialParity.Odd ? OnUnit(0) : 0;
        Func<double, double> target = parity switch
        {
            PolynomialParity.Odd => t => (OnUnit(t) - OnUnit(-t)) / 2,
            PolynomialParity.Even => t => (OnUnit(t) + OnUnit(-t)) / 2,
            _ => OnUnit,
        };
        int rest = parity == PolynomialParity.Odd ? 1 : 0;
        int[] indices = [.. Enumerable.Range(0, degree + 1).Where(k => parity == PolynomialParity.None || k % 2 == rest)];
        double[] series = ChebyshevSeries.Interpolate(target, degree, NodeCount(degree));
        double[] coefficients = new double[degree + 1];
        foreach (int k in indices)
        {
            coefficients[k] = series[k];
        }

        bool isMinimax = indices.Length is > 0 and <= MaxUnknowns
            && TryExchange(target, indices, parity != PolynomialParity.None, coefficients);
        coefficients[0] += constant;
        return (coefficients, isMinimax);
    }

    /// <summary>Odd c_1 T_1 + c_3 T_3 + … + c_d T_d nearest to 1 on [a, 1], hence to the sign on [−1, −a] and [a, 1]; null where the
    /// exchange does not converge, which is when the error has reached rounding.</summary>
    /// <param name="lowerBound">a, 0 &lt; a &lt; 1.</param>
    /// <param name="degree">d, odd.</param>
    public static double[]? FitSign(double lowerBound, int degree)
    {
        int[] indices = [.. Enumerable.Range(0, (degree + 1) / 2).Select(i => (2 * i) + 1)];
        double[] coefficients = new double[degree + 1];

        // Dense at both ends: the extrema crowd at a.
        int cells = Math.Max(2000, 100 * (degree + 1));
        double Point(int i) => lowerBound + ((1 - lowerBound) * (1 - Math.Cos(Math.PI * i / cells)) / 2);
        double[] grid = [.. Enumerable.Range(0, cells + 1).Select(Point)];

        // A first alternation: the extrema of a Chebyshev polynomial of t, dense at a.
        double[] points = [.. Enumerable.Range(0, indices.Length + 1).Select(i => grid[i * cells / indices.Length])];
        if (SolveLevelled(static _ => 1, indices, points) is not { } solution)
        {
            return null;
        }

        for (int j = 0; j < indices.Length; j++)
        {
            coefficients[indices[j]] = solution[j];
        }

        return TryExchange(static _ => 1, indices, grid, coefficients) ? coefficients : null;
    }

    // Enough nodes that aliasing of an analytic function is far below the truncation error; more bring only cost.
    private static int NodeCount(int degree) => Math.Max(256, 4 * (degree + 1));

    /// <summary>Even, odd but for the constant f(0), or none, to rounding on 65 pairs of points.</summary>
    private static PolynomialParity DetectParity(Func<double, double> function)
    {
        double atZero = function(0);
        double scale = 0;
        double even = 0;
        double odd = 0;
        for (int i = 0; i <= 64; i++)
        {
            double t = Math.Cos(Math.PI * i / 129);
            (double plus, double minus) = (function(t), function(-t));
            scale = Math.Max(scale, Math.Max(Math.Abs(plus), Math.Abs(minus)));
            even = Math.Max(even, Math.Abs(plus - minus));
            odd = Math.Max(odd, Math.Abs((plus - atZero) + (minus - atZero)));
        }

        double tolerance = 1e-14 * scale;
        return even <= tolerance ? PolynomialParity.Even : odd <= tolerance ? PolynomialParity.Odd : PolynomialParity.None;
    }

    /// <summary>Remez: level the error on n + 1 points, move the points to its extrema, repeat. Overwrites the coefficients only if
    /// it converges.</summary>
    private static bool TryExchange(Func<double, double> function, int[] indices, bool isHalf, double[] coefficients) =>
        TryExchange(function, indices, MakeGrid(coefficients.Length, isHalf), coefficients);

    private static bool TryExchange(Func<double, double> function, int[] indices, double[] grid, double[] coefficients)
    {
        double scale = grid.Max(t => Math.Abs(function(t)));
        double[] current = [.. coefficients];
        double Error(double t) => function(t) - ChebyshevSeries.Evaluate(current, t);
        for (int exchange = 0; exchange < MaxExchanges; exchange++)
        {
            double[]? points = FindAlternation(Error, grid, indices.Length + 1);
            if (points is null)
            {
                return false;
            }

            // After the first pass the points are the extrema of a levelled error: their spread says how far from best it is.
            double largest = points.Max(t => Math.Abs(Error(t)));
            double smallest = points.Min(t => Math.Abs(Error(t)));
            if (!double.IsFinite(largest) || largest < RoundingFloor * scale)
            {
                return false;
            }

            if (largest <= smallest * (1 + ExchangeTolerance))
            {
                Array.Copy(current, coefficients, current.Length);
                return true;
            }

            if (SolveLevelled(function, indices, points) is not { } solution)
            {
                return false;
            }

            for (int j = 0; j < indices.Length; j++)
            {
                current[indices[j]] = solution[j];
            }
        }

        return false;
    }

    /// <summary>Ascending points of [−1, 1], or of [0, 1] where symmetry gives the other half, dense at ±1.</summary>
    private static double[] MakeGrid(int length, bool isHalf)
    {
        int cells = 2 * Math.Max(200, 20 * (length + 1));
        IEnumerable<double> points = Enumerable.Range(0, cells + 1).Select(i => i * 2 == cells ? 0 : -Math.Cos(Math.PI * i / cells));
        return [.. points.Where(t => !isHalf || t >= 0)];
    }

    /// <summary>Extrema of the error with alternating signs, exactly <paramref name="count"/> of them, or null if there are
    /// fewer.</summary>
    private static double[]? FindAlternation(Func<double, double> error, double[] grid, int count)
    {
        double[] errors = [.. grid.Select(error)];
        List<(double Point, double Size)> extrema = [];
        for (int start = 0; start < grid.Length;)
        {
            // One run of equal sign; a zero belongs to the run it interrupts.
            int sign = Math.Sign(errors[start]);
            int best = start;
            int end = start;
            for (; end < grid.Length && (sign == 0 || errors[end] == 0 || Math.Sign(errors[end]) == sign); end++)
            {
                sign = sign == 0 ? Math.Sign(errors[end]) : sign;
                best = Math.Abs(errors[end]) > Math.Abs(errors[best]) ? end : best;
            }

            (double left, double right) = (grid[Math.Max(best - 1, 0)], grid[Math.Min(best + 1, grid.Length - 1)]);
            double peak = ErrorSearch.Maximise(t => Math.Abs(error(t)), left, right);
            double point = Math.Abs(error(peak)) > Math.Abs(errors[best]) ? peak : grid[best];
            extrema.Add((point, Math.Abs(error(point))));
            start = end;
        }

        while (extrema.Count > count)
        {
            extrema.RemoveAt(extrema[0].Size < extrema[^1].Size ? 0 : extrema.Count - 1);
        }

        return extrema.Count == count ? [.. extrema.Select(e => e.Point)] : null;
    }

    /// <summary>Solves Σ_j c_j T_(k_j)(t_i) + (−1)^i E = f(t_i) for c and E by elimination with row pivoting; null if singular.</summary>
    private static double[]? SolveLevelled(Func<double, double> function, int[] indices, double[] points)
    {
        int size = points.Length;
        double[][] rows = new double[size][];
        for (int i = 0; i < size; i++)
        {
            double angle = Math.Acos(Math.Clamp(points[i], -1, 1));
            rows[i] = [.. indices.Select(k => Math.Cos(k * angle)), i % 2 == 0 ? 1 : -1, function(points[i])];
        }

        for (int column = 0; column < size; column++)
        {
            int pivot = Enumerable.Range(column, size - column).MaxBy(i => Math.Abs(rows[i][column]));
            (rows[column], rows[pivot]) = (rows[pivot], rows[column]);
            if (!(Math.Abs(rows[column][column]) > 1e-13))
            {
                return null;
            }

            for (int i = column + 1; i < size; i++)
            {
                double factor = rows[i][column] / rows[column][column];
                for (int j = column; j <= size; j++)
                {
                    rows[i][j] -= factor * rows[column][j];
                }
            }
        }

        return BackSubstitute(rows);
    }

    private static double[] BackSubstitute(double[][] rows)
    {
        int size = rows.Length;
        double[] solution = new double[size];
        for (int i = size - 1; i >= 0; i--)
        {
            double sum = rows[i][size];
            for (int j = i + 1; j < size; j++)
            {
                sum -= rows[i][j] * solution[j];
            }

            solution[i] = sum / rows[i][i];
        }

        return solution;
    }
}
