using System.Globalization;

namespace Heann.Core.Circuits;

/// <summary>A real function and the interval on which it is wanted: what polynomials are fitted to, by degree, by error or by
/// levels.</summary>
/// <remarks>
/// Every fit is a Chebyshev polynomial with its achieved maximal error measured (<see cref="ApproximationPolynomial.FitChebyshev"/>).
/// Levels count the map of [a, b] to [−1, 1], which is one level unless b − a = 2. A smooth function gains digits in proportion to the
/// degree; one with a corner (|x|) gains one bit as the degree doubles. Immutable, thread-safe if the function is.
/// </remarks>
public sealed class FunctionOnInterval
{
    private const double WorthALevel = 1.1;

    private readonly Func<double, double> _function;

    /// <summary>f on [a, b].</summary>
    /// <param name="function">Finite and continuous on [a, b].</param>
    /// <param name="lowerBound">a.</param>
    /// <param name="upperBound">b &gt; a.</param>
    /// <exception cref="ArgumentException">The interval is empty or not finite.</exception>
    public FunctionOnInterval(Func<double, double> function, double lowerBound, double upperBound)
    {
        ArgumentNullException.ThrowIfNull(function);
        if (!double.IsFinite(upperBound - lowerBound) || lowerBound >= upperBound)
        {
            throw new ArgumentException($"An interval needs finite ends a < b; got [{lowerBound}, {upperBound}].", nameof(lowerBound));
        }

        (_function, LowerBound, UpperBound) = (function, lowerBound, upperBound);
    }

    /// <summary>a.</summary>
    public double LowerBound { get; }

    /// <summary>b.</summary>
    public double UpperBound { get; }

    /// <summary>Levels of the map of [a, b] to [−1, 1]: 0 or 1.</summary>
    public int MapDepth => 2 / (UpperBound - LowerBound) == 1 ? 0 : 1;

    /// <summary>f(x).</summary>
    public double Evaluate(double x) => _function(x);

    /// <summary>Levels that a polynomial of this function takes: ⌈log2(d + 1)⌉ and those of the map.</summary>
    public int DepthOf(int degree) => PolynomialPlan.MinimalDepth(Math.Max(1, degree)) + MapDepth;

    /// <summary>The best polynomial of a degree.</summary>
    /// <exception cref="ArgumentException">The degree is not in 0 … 1023, or f is not finite somewhere.</exception>
    public ApproximationPolynomial FitDegree(int degree) => ApproximationPolynomial.FitChebyshev(_function, LowerBound, UpperBound, degree);

    /// <summary>The polynomial of the lowest degree whose error is at most <paramref name="maxError"/>.</summary>
    /// <param name="maxError">Positive.</param>
    /// <param name="maxDegree">Highest degree to try, 1 … 1023.</param>
    /// <param name="progress">Share of the fits done, at most 1; the search may end before.</param>
    /// <param name="cancellation">Ends the search between two fits.</param>
    /// <exception cref="ArgumentException">No polynomial up to that degree is so near: the message says how near the last one
    /// is.</exception>
    public ApproximationPolynomial FitError(
        double maxError, int maxDegree = ApproximationPolynomial.MaxDegree, IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        if (!(maxError > 0))
        {
            throw new ArgumentOutOfRangeException(nameof(maxError), maxError, $"The wanted error is a positive number; got {maxError}.");
        }

        RequireDegree(maxDegree);

        // Upwards through 1, 3, 7 …, then between the last that is too far and the first that is near enough.
        int tooLow = 0;
        (int done, int all) = (0, 2 * PolynomialPlan.MinimalDepth(maxDegree));
        ApproximationPolynomial best;
        for (int degree = 1; ; degree = Math.Min((2 * degree) + 1, maxDegree))
        {
            cancellation.ThrowIfCancellationRequested();
            best = FitDegree(degree);
            progress?.Report((double)++done / all);
            if (best.MaxError <= maxError)
            {
                break;
            }

            if (degree == maxDegree)
            {
                throw new ArgumentException(Invariant(
                    $"A polynomial of degree {degree} on [{LowerBound}, {UpperBound}] is off by {best.MaxError:E2} and {maxError:E2} was asked for; allow a higher degree or a larger error, or narrow the interval."),
                    nameof(maxError));
            }

            tooLow = degree;
        }

        for (int high = best.Degree; high - tooLow > 1;)
        {
            cancellation.ThrowIfCancellationRequested();
            int middle = (tooLow + high) / 2;
            ApproximationPolynomial fit = FitDegree(middle);
            progress?.Report(Math.Min(1, (double)++done / all));
            (tooLow, high, best) = fit.MaxError <= maxError ? (tooLow, middle, fit) : (middle, high, best);
        }

        return best;
    }

    /// <summary>The polynomial with the smallest error that so many levels allow; of a lower degree where a higher one gains nothing
    /// more.</summary>
    /// <param name="levels">Levels to spend, those of the map included: at least 1, or 2 with a map.</param>
    /// <param name="progress">Share of the fits done.</param>
    /// <param name="cancellation">Ends the search between two fits.</param>
    /// <exception cref="LevelExhaustedException">There are too few levels for any polynomial.</exception>
    public ApproximationPolynomial FitLevels(int levels, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        if (levels < 1 + MapDepth)
        {
            Throw.LevelExhausted(Invariant($"A polynomial on [{LowerBound}, {UpperBound}]"), levels, 1 + MapDepth);
        }

        int depth = Math.Min(levels - MapDepth, PolynomialPlan.MinimalDepth(ApproximationPolynomial.MaxDegree));
        ApproximationPolynomial[] fits = new ApproximationPolynomial[depth];
        for (int d = 1; d <= depth; d++)
        {
            cancellation.ThrowIfCancellationRequested();
            fits[d - 1] = FitDegree((1 << d) - 1);
            progress?.Report((double)d / depth);
        }

        // At rounding another level brings nothing: a tenth of the error is not worth one.
        double least = fits.Min(fit => fit.MaxError);
        return fits.First(fit => fit.MaxError <= least * WorthALevel);
    }

    /// <summary>The polynomial of the lowest degree whose error is at most <paramref name="maxError"/>, if it fits the levels.</summary>
    /// <param name="levels">Levels to spend, those of the map included.</param>
    /// <param name="maxError">Positive.</param>
    /// <param name="progress">Share of the fits done, at most 1.</param>
    /// <param name="cancellation">Ends the search between two fits.</param>
    /// <exception cref="LevelExhaustedException">It does not: the message says what the levels allow and what the error takes.</exception>
    /// <exception cref="ArgumentException">No polynomial of degree 1023 is so near.</exception>
    public ApproximationPolynomial FitErrorWithin(
        int levels, double maxError, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ApproximationPolynomial best = FitError(maxError, progress: progress, cancellation: cancellation);
        int needed = DepthOf(best.Degree);
        if (needed > levels)
        {
            string allowed = levels < 1 + MapDepth
                ? "no polynomial at all"
                : Invariant($"an error of {FitLevels(levels, cancellation: cancellation).MaxError:E2}");
            Throw.LevelExhausted(
                Invariant($"An error of {maxError:E2} on [{LowerBound}, {UpperBound}] takes degree {best.Degree}; the levels left allow {allowed}. The polynomial"),
                levels, needed);
        }

        return best;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static void RequireDegree(int degree)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(degree, 1, "maxDegree");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(degree, ApproximationPolynomial.MaxDegree, "maxDegree");
    }
}
