using Heann.Core.Circuits;

namespace Hnn.Model.Approximations;

/// <summary>softmax(a)_i = exp(a_i)/Σ_j exp(a_j) for n &gt; 2 arguments of mean 0 on an interval: the exponential's polynomial, the sum's
/// interval, the division and the error together.</summary>
/// <remarks>
/// <para>Softmax does not change when all arguments move together, so their mean is taken off, which is linear and free. Then the sum S
/// needs no calibration of its own: exp is convex, so S ≥ n·exp(mean) = n; and over low ≤ a_i ≤ high with Σ a_i = 0 it is largest at a
/// corner, where all but one of the a_i stand at an end. Whatever keeps the arguments in the interval keeps the sum in [n, S_max].
/// (exp(a_i − c) with c the largest argument ever met would need a smallest sum to be calibrated as well, and a lower one.)</para>
/// <para>exp is one polynomial of degree 2^r − 1 on the whole interval in r levels. A polynomial of a/2^k squared k times takes as many
/// levels for the same degree, and is one of the polynomials that the fit chooses from, so it is never nearer. Division: see
/// <see cref="QuotientApproximation"/>; its w is part of the exponential's coefficients.</para>
/// Immutable, thread-safe.
/// </remarks>
public sealed class SoftmaxApproximation
{
    /// <summary>What the exponential and the division may each add to the error of a probability, where they are chosen here: 1e-4, far
    /// below <see cref="ReleasedValue.Margin"/>.</summary>
    public const double PartError = 1e-4;

    // Beyond that the sum's interval would reach zero.
    private const double MaxExponentialError = 0.5;

    /// <summary>Fits polynomial and division to an interval.</summary>
    /// <param name="classCount">n &gt; 2.</param>
    /// <param name="low">Lower end of the arguments' interval, less than 0.</param>
    /// <param name="high">Upper end, more than 0.</param>
    /// <param name="degree">Of the exponential's polynomial, at least 1.</param>
    /// <param name="iterations">Of the division; null for the fewest with a relative error of <see cref="PartError"/>.</param>
    /// <exception cref="ArgumentException">An argument is out of range, or the degree too low for the interval.</exception>
    public SoftmaxApproximation(int classCount, double low, double high, int degree, int? iterations = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classCount, 3);
        if (!(low < 0 && high > 0) || !double.IsFinite(high - low))
        {
            throw new ArgumentException(
                $"The arguments of a softmax have mean 0, so their interval has 0 inside; got [{low}, {high}]. Calibrate the model anew.", nameof(low));
        }

        (ClassCount, LargestSum) = (classCount, LargestSumOf(classCount, low, high));
        ApproximationPolynomial unscaled = FitExponential(low, high, degree, 1);
        double error = unscaled.MaxError;
        if (error > MaxExponentialError)
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"On [{low}, {high}] the exponential's polynomial of degree {degree} errs by {error:G3}, where a sum may be as small as {classCount}; take a higher degree, or retrain the network for smaller logits."),
                nameof(degree));
        }

        (double smallest, double largest) = (classCount * (1 - error), LargestSum + (classCount * error));
        Division = iterations is { } count
            ? QuotientApproximation.Create(smallest, largest, count)
            : QuotientApproximation.ForRelativeError(smallest, largest, PartError);
        Exponential = FitExponential(low, high, degree, Division.InputScale);
        ExponentialPart = ExponentialPartOf(classCount, error);
    }

    /// <summary>n.</summary>
    public int ClassCount { get; }

    /// <summary>The largest Σ exp(a_i) of arguments of mean 0 in the interval; the smallest is n.</summary>
    public double LargestSum { get; }

    /// <summary>w·exp(a) on the interval, w = <see cref="QuotientApproximation.InputScale"/> of <see cref="Division"/>. In the middle of
    /// the interval it is exact, so that what stands there can be taken off (places without a class).</summary>
    public ApproximationPolynomial Exponential { get; }

    /// <summary>The division by the sum, with its interval and error.</summary>
    public QuotientApproximation Division { get; }

    /// <summary>Bound of the part of <see cref="MaxError"/> that the exponential makes.</summary>
    public double ExponentialPart { get; }

    /// <summary>Bound of |approximate p_i − p_i| for arguments of mean 0 in the interval, without noise.</summary>
    /// <remarks>With δ the largest error of exp: (δ + p_i·nδ)/Ŝ ≤ δ(1 + n)/(n(1 − δ)); of that the division takes its relative
    /// error.</remarks>
    public double MaxError => ExponentialPart + ((1 + ExponentialPart) * Division.MaxRelativeError);

    /// <summary>Levels of the exponential and the division.</summary>
    public int Depth => PolynomialPlan.MinimalDepth(Exponential.Degree) + Division.Depth;

    /// <summary>The lowest degree 2^r − 1 up to <paramref name="maxDegree"/> whose part of the error is at most <see cref="PartError"/>;
    /// null if there is none.</summary>
    /// <param name="classCount">n &gt; 2.</param>
    /// <param name="low">Lower end of the arguments' interval.</param>
    /// <param name="high">Upper end.</param>
    /// <param name="maxDegree">At least 3.</param>
    public static int? SmallestDegree(int classCount, double low, double high, int maxDegree)
    {
        for (int degree = 3; degree <= maxDegree; degree = (2 * degree) + 1)
        {
            double error = FitExponential(low, high, degree, 1).MaxError;
            if (error <= MaxExponentialError && ExponentialPartOf(classCount, error) <= PartError)
            {
                return degree;
            }
        }

        return null;
    }

    /// <summary>The probabilities that the polynomials give, in double precision: what the circuit computes but for noise.</summary>
    /// <param name="arguments">n values of mean 0.</param>
    public double[] Evaluate(ReadOnlySpan<double> arguments)
    {
        double[] powers = new double[arguments.Length];
        for (int i = 0; i < powers.Length; i++)
        {
            powers[i] = Exponential.Evaluate(arguments[i]);
        }

        return Division.EvaluateScaled(powers, powers.Sum());
    }

    private static double ExponentialPartOf(int classCount, double error) => error * (1 + classCount) / (classCount * (1 - error));

    // The error in the middle is taken off the constant: at most twice the error elsewhere.
    private static ApproximationPolynomial FitExponential(double low, double high, int degree, double factor)
    {
        ApproximationPolynomial fit = ApproximationPolynomial.FitChebyshev(Math.Exp, low, high, degree);
        double[] coefficients = [.. fit.Coefficients.ToArray().Select(c => factor * c)];
        double middle = (low + high) / 2;
        coefficients[0] += factor * (Math.Exp(middle) - fit.Evaluate(middle));
        return ApproximationPolynomial.Measure(PolynomialBasis.Chebyshev, coefficients, low, high, x => factor * Math.Exp(x));
    }

    // n·low + j·(high − low) + (what is left) = 0: j stand at the upper end, one between, the others at the lower end.
    private static double LargestSumOf(int classCount, double low, double high)
    {
        int atHigh = Math.Min(classCount - 1, (int)Math.Floor(classCount * -low / (high - low)));
        int atLow = classCount - 1 - atHigh;
        double between = Math.Clamp(-((atHigh * high) + (atLow * low)), low, high);
        return (atHigh * Math.Exp(high)) + (atLow * Math.Exp(low)) + Math.Exp(between);
    }
}
