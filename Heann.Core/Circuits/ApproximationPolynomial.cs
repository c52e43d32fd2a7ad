namespace Heann.Core.Circuits;

/// <summary>A real polynomial together with the interval it is meant for and the largest error it was measured to make there.</summary>
/// <remarks>
/// Immutable and thread-safe. Interval, degree, coefficients and error are one object on purpose: coefficients without their interval
/// are how approximations get used outside it.
/// </remarks>
public sealed class ApproximationPolynomial
{
    /// <summary>Largest degree: 1023, that is ten levels.</summary>
    public const int MaxDegree = 1023;

    private readonly double[] _coefficients;

    /// <summary>Wraps coefficients whose error is known.</summary>
    /// <param name="basis">What the coefficients multiply.</param>
    /// <param name="coefficients">c_0 … c_d, finite, 1 to 1024 of them; trailing zeros are cut off (c_0 stays).</param>
    /// <param name="lowerBound">a, finite.</param>
    /// <param name="upperBound">b &gt; a, finite.</param>
    /// <param name="maxError">max |p(x) − f(x)| over [a, b], finite and not negative; 0 for a polynomial that is itself what is
    /// wanted.</param>
    /// <exception cref="ArgumentException">An argument is out of its range.</exception>
    public ApproximationPolynomial(
        PolynomialBasis basis, ReadOnlySpan<double> coefficients, double lowerBound, double upperBound, double maxError)
    {
        if (!Enum.IsDefined(basis))
        {
            throw new ArgumentOutOfRangeException(nameof(basis), basis, "The basis is Power or Chebyshev.");
        }

        RequireInterval(lowerBound, upperBound);
        if (coefficients.Length is < 1 or > MaxDegree + 1)
        {
            throw new ArgumentException(
                $"A polynomial has 1 to {MaxDegree + 1} coefficients; got {coefficients.Length}.", nameof(coefficients));
        }

        foreach (double coefficient in coefficients)
        {
            if (!double.IsFinite(coefficient))
            {
                throw new ArgumentException($"Every coefficient must be finite; got {coefficient}.", nameof(coefficients));
            }
        }

        if (!double.IsFinite(maxError) || maxError < 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(maxError), maxError, "The maximal error must be measured: finite and not negative.");
        }

        _coefficients = Trim(coefficients);
        (Basis, LowerBound, UpperBound, MaxError) = (basis, lowerBound, upperBound, maxError);
        Parity = FindParity(_coefficients);
    }

    /// <summary>What the coefficients multiply.</summary>
    public PolynomialBasis Basis { get; }

    /// <summary>c_0 … c_d; c_d ≠ 0 unless d = 0.</summary>
    public ReadOnlySpan<double> Coefficients => _coefficients;

    /// <summary>d, 0 to 1023.</summary>
    public int Degree => _coefficients.Length - 1;

    /// <summary>a, the lower end of the interval.</summary>
    public double LowerBound { get; }

    /// <summary>b, the upper end of the interval.</summary>
    public double UpperBound { get; }

    /// <summary>max |p(x) − f(x)| over [a, b] as measured when the polynomial was made (a fine grid, then refinement around its
    /// peaks); nothing is promised outside.</summary>
    public double MaxError { get; }

    /// <summary>Odd or even if the other half of the coefficients is exactly zero.</summary>
    public PolynomialParity Parity { get; }

    /// <summary>Where the coefficients come from.</summary>
    public FitMethod Method { get; private init; } = FitMethod.Given;

    /// <summary>α in t = αx + β, the variable of the basis: 2/(b − a) for Chebyshev, 1 for Power.</summary>
    /// <remarks>Under encryption t, not x, is what must be on the ciphertext: fold α and β into the linear map that makes x, then
    /// the change of variable costs no level.</remarks>
    public double InputScale => Basis == PolynomialBasis.Chebyshev ? 2 / (UpperBound - LowerBound) : 1;

    /// <summary>β in t = αx + β: −(a + b)/(b − a) for Chebyshev (0 on a symmetric interval), 0 for Power.</summary>
    public double InputOffset => Basis == PolynomialBasis.Chebyshev && LowerBound != -UpperBound
        ? -(LowerBound + UpperBound) / (UpperBound - LowerBound)
        : 0;

    /// <summary>Fits Σ c_k T_k to f on [a, b]: truncated Chebyshev series, improved to the minimax polynomial by the Remez exchange
    /// where that converges (<see cref="Method"/> says so).</summary>
    /// <param name="function">f, finite and continuous on [a, b].</param>
    /// <param name="lowerBound">a.</param>
    /// <param name="upperBound">b &gt; a.</param>
    /// <param name="degree">d, 0 to 1023: an upper bound, a leading coefficient that symmetry makes zero is cut off.</param>
    /// <returns>The polynomial with its measured maximal error.</returns>
    /// <exception cref="ArgumentException">The interval is empty or not finite, the degree out of range, or f not finite
    /// somewhere.</exception>
    /// <remarks>
    /// If [a, b] = [−b, b] and f is even, or odd but for a constant (as the sigmoid), to rounding, then the coefficients that must
    /// vanish are exactly zero, and the exchange runs on [0, b] with the remaining ones.
    /// Source: Remez (1934) as in Trefethen, "Approximation Theory and Approximation Practice", chapter 10.
    /// </remarks>
    public static ApproximationPolynomial FitChebyshev(Func<double, double> function, double lowerBound, double upperBound, int degree)
    {
        ArgumentNullException.ThrowIfNull(function);
        RequireInterval(lowerBound, upperBound);
        ArgumentOutOfRangeException.ThrowIfNegative(degree);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(degree, MaxDegree);
        (double[] coefficients, bool isMinimax) = MinimaxFit.Fit(function, lowerBound, upperBound, degree);
        double error = ErrorOf(PolynomialBasis.Chebyshev, coefficients, lowerBound, upperBound, function);
        return new ApproximationPolynomial(PolynomialBasis.Chebyshev, coefficients, lowerBound, upperBound, error)
        {
            Method = isMinimax ? FitMethod.Minimax : FitMethod.ChebyshevSeries,
        };
    }

    /// <summary>Wraps given coefficients and measures their error against f.</summary>
    /// <param name="basis">What the coefficients multiply.</param>
    /// <param name="coefficients">c_0 … c_d, finite.</param>
    /// <param name="lowerBound">a.</param>
    /// <param name="upperBound">b &gt; a.</param>
    /// <param name="function">f, finite on [a, b].</param>
    /// <returns>The polynomial with its measured maximal error.</returns>
    /// <exception cref="ArgumentException">An argument is out of its range, or f is not finite somewhere.</exception>
    public static ApproximationPolynomial Measure(
        PolynomialBasis basis, ReadOnlySpan<double> coefficients, double lowerBound, double upperBound, Func<double, double> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        double error = ErrorOf(basis, coefficients, lowerBound, upperBound, function);
        return new ApproximationPolynomial(basis, coefficients, lowerBound, upperBound, error);
    }

    /// <summary>p(x), by Clenshaw's recurrence or Horner's rule.</summary>
    /// <param name="x">Any real number; outside [a, b] the result is that of the polynomial, not of what it approximates.</param>
    public double Evaluate(double x)
    {
        if (Basis == PolynomialBasis.Chebyshev)
        {
            return ChebyshevSeries.Evaluate(_coefficients, (2 * x - (LowerBound + UpperBound)) / (UpperBound - LowerBound));
        }

        double sum = 0;
        for (int k = Degree; k >= 0; k--)
        {
            sum = sum * x + _coefficients[k];
        }

        return sum;
    }

    /// <summary>True if x lies in [a, b], where <see cref="MaxError"/> holds.</summary>
    public bool Covers(double x) => x >= LowerBound && x <= UpperBound;

    /// <summary>Basis, degree, interval and error in one line.</summary>
    public override string ToString() =>
        FormattableString.Invariant(
            $"{Basis} polynomial of degree {Degree} on [{LowerBound}, {UpperBound}], maximal error {MaxError:E2} ({Method})");

    private static double ErrorOf(
        PolynomialBasis basis, ReadOnlySpan<double> coefficients, double lowerBound, double upperBound, Func<double, double> function)
    {
        ApproximationPolynomial unmeasured = new(basis, coefficients, lowerBound, upperBound, maxError: 0);
        return ErrorSearch.MaxError(unmeasured.Evaluate, function, lowerBound, upperBound, unmeasured.Degree);
    }

    private static void RequireInterval(double lowerBound, double upperBound)
    {
        bool isFinite = double.IsFinite(lowerBound) && double.IsFinite(upperBound) && double.IsFinite(upperBound - lowerBound);
        if (!isFinite || lowerBound >= upperBound)
        {
            throw new ArgumentException($"An interval needs finite ends a < b; got [{lowerBound}, {upperBound}].", nameof(lowerBound));
        }
    }

    private static double[] Trim(ReadOnlySpan<double> coefficients)
    {
        int length = coefficients.Length;
        while (length > 1 && coefficients[length - 1] == 0)
        {
            length--;
        }

        return coefficients[..length].ToArray();
    }

    private static PolynomialParity FindParity(double[] coefficients)
    {
        bool hasEven = false;
        bool hasOdd = false;
        for (int k = 0; k < coefficients.Length; k++)
        {
            hasEven |= k % 2 == 0 && coefficients[k] != 0;
            hasOdd |= k % 2 == 1 && coefficients[k] != 0;
        }

        return !hasOdd ? PolynomialParity.Even : hasEven ? PolynomialParity.None : PolynomialParity.Odd;
    }
}
