using Heann.Core.Noise;

namespace Heann.Core.Evaluation;

public abstract partial class CircuitEvaluator<T>
{
    /// <summary>destination ← Σ_i x_i. One level and scale; the result has the largest number of parts among them. No keys, no
    /// level.</summary>
    /// <param name="x">At least one value; one may occur several times.</param>
    /// <param name="destination">Takes the sum; may be any of the operands.</param>
    /// <exception cref="LevelMismatchException">The levels differ: use <see cref="DropLevel"/>.</exception>
    /// <exception cref="ScaleMismatchException">The scales differ by more than 2^(−40).</exception>
    public void SumInto(ReadOnlySpan<T> x, T destination)
    {
        ArgumentOutOfRangeException.ThrowIfZero(x.Length, nameof(x));
        int longest = 0;
        bool isOperand = false;
        for (int i = 0; i < x.Length; i++)
        {
            RequireSameScale(x[i], x[0], "adding");
            longest = x[i].PartCount > x[longest].PartCount ? i : longest;
            isOperand |= ReferenceEquals(x[i], destination);
        }

        if (x.Length == 1)
        {
            DropLevelInto(x[0], x[0].Level, destination);
            return;
        }

        Outcome outcome = Into(
            destination, isOperand, new(x[0].Level, x[longest].PartCount, x[0].Scale, PredictSum(x)), worksInPlace: false);

        // The one with most parts first, so that every part of the target is written before it is added to.
        int second = longest == 0 ? 1 : 0;
        AddCore(x[longest], x[second], outcome.Target);
        for (int i = 0; i < x.Length; i++)
        {
            if (i != longest && i != second)
            {
                AddCore(outcome.Target, x[i], outcome.Target);
            }
        }

        outcome.Commit();
    }

    /// <summary>Σ_i x_i; see <see cref="SumInto"/>.</summary>
    public T Sum(params ReadOnlySpan<T> x)
    {
        ArgumentOutOfRangeException.ThrowIfZero(x.Length, nameof(x));
        using Fresh result = new(this, Require(x[0]).Level);
        SumInto(x, result.Value);
        return result.Take();
    }

    /// <summary>destination ← Σ_i x_i·y_i as three parts: one pass over the operands and no key. Scale Δ_x·Δ_y.</summary>
    /// <param name="x">At least one value of two parts; all at one level ≥ 1.</param>
    /// <param name="y">As many, at the level of x; Δ_x·Δ_y is the same for every product.</param>
    /// <param name="destination">Takes the sum; may be any of the operands.</param>
    /// <exception cref="LevelMismatchException">The levels differ.</exception>
    /// <exception cref="ScaleMismatchException">The scales of the products differ by more than 2^(−40).</exception>
    /// <exception cref="LevelExhaustedException">The operands are at level 0.</exception>
    public void TensorProductSumInto(ReadOnlySpan<T> x, ReadOnlySpan<T> y, T destination)
    {
        if (x.Length != y.Length || x.IsEmpty)
        {
            throw new ArgumentException($"A sum of products takes as many left as right factors, at least one; got {x.Length} and {y.Length}.", nameof(y));
        }

        ResultLabel label = PrepareProductSum(x, y, Require(x[0]).Scale * Require(y[0]).Scale);
        Outcome outcome = Into(destination, IsAmong(x, destination) || IsAmong(y, destination), label, worksInPlace: false);
        TensorProductSumsCore(x, y, [outcome.Target]);
        outcome.Commit();
    }

    /// <summary>Σ_i x_i·y_i as three parts; see <see cref="TensorProductSumInto"/>.</summary>
    public T TensorProductSum(ReadOnlySpan<T> x, ReadOnlySpan<T> y)
    {
        ArgumentOutOfRangeException.ThrowIfZero(x.Length, nameof(x));
        using Fresh result = new(this, Require(x[0]).Level, 3);
        TensorProductSumInto(x, y, result.Value);
        return result.Take();
    }

    /// <summary>destination_r ← Σ_c x_(r,c)·y_c as three parts: sums that share their right factors, which are read once for several
    /// rows. No key. Scale Δ_x·Δ_y.</summary>
    /// <param name="x">rows · columns values of two parts, row after row; all at one level ≥ 1.</param>
    /// <param name="y">columns values at the level of x; Δ_x·Δ_y is the same for every product.</param>
    /// <param name="destinations">rows values, none twice; may be operands.</param>
    /// <exception cref="LevelMismatchException">The levels differ.</exception>
    /// <exception cref="ScaleMismatchException">The scales of the products differ by more than 2^(−40).</exception>
    /// <exception cref="LevelExhaustedException">The operands are at level 0.</exception>
    public void TensorProductSumsInto(ReadOnlySpan<T> x, ReadOnlySpan<T> y, ReadOnlySpan<T> destinations)
    {
        if (y.IsEmpty || destinations.IsEmpty || x.Length != (long)y.Length * destinations.Length)
        {
            throw new ArgumentException(
                $"{x.Length} left factors are not {destinations.Length} rows of {y.Length}, at least one of each.", nameof(x));
        }

        RequireDestinations(destinations.Length, destinations);
        Scale scale = Require(x[0]).Scale * Require(y[0]).Scale;
        ResultLabel[] labels = new ResultLabel[destinations.Length];
        T[] targets = new T[destinations.Length];
        for (int r = 0; r < labels.Length; r++)
        {
            labels[r] = PrepareProductSum(x.Slice(r * y.Length, y.Length), y, scale);
        }

        for (int r = 0; r < labels.Length; r++)
        {
            bool isOperand = IsAmong(x, destinations[r]) || IsAmong(y, destinations[r]);
            targets[r] = Into(destinations[r], isOperand, labels[r], worksInPlace: false).Target;
        }

        TensorProductSumsCore(x, y, targets);
        Commit(targets, labels, destinations);
    }

    /// <summary>Σ_c x_(r,c)·y_c for every row r; see <see cref="TensorProductSumsInto"/>.</summary>
    public T[] TensorProductSums(ReadOnlySpan<T> x, ReadOnlySpan<T> y)
    {
        ArgumentOutOfRangeException.ThrowIfZero(x.Length, nameof(x));
        ArgumentOutOfRangeException.ThrowIfZero(y.Length, nameof(y));
        (T[] left, T[] right) = (x.ToArray(), y.ToArray());
        return AllocateMany(left.Length / right.Length, Require(left[0]).Level, results => TensorProductSumsInto(left, right, results), 3);
    }

    /// <summary>destination ← Σ_i x_i·y_i, relinearised once: as many products as there are for one key switch. Scale Δ_x·Δ_y: rescale
    /// once, afterwards.</summary>
    /// <inheritdoc cref="TensorProductSumInto"/>
    /// <exception cref="MissingKeyException">There is no relinearisation key, or it reaches only lower levels.</exception>
    public void SumOfProductsInto(ReadOnlySpan<T> x, ReadOnlySpan<T> y, T destination)
    {
        using T sum = TensorProductSum(x, y);
        RelinearizeInto(sum, destination);
    }

    /// <summary>Σ_i x_i·y_i, relinearised once; see <see cref="SumOfProductsInto"/>.</summary>
    public T SumOfProducts(ReadOnlySpan<T> x, ReadOnlySpan<T> y)
    {
        ArgumentOutOfRangeException.ThrowIfZero(x.Length, nameof(x));
        using Fresh result = new(this, Require(x[0]).Level);
        SumOfProductsInto(x, y, result.Value);
        return result.Take();
    }

    /// <summary>destination_r ← Σ_c w_(r,c)·x_c with integer weights, exact: scale Δ_x·Δ_w for weights w/Δ_w, no keys, no
    /// rotations.</summary>
    /// <param name="weights">rows · columns signed integers, row after row, |w| &lt; 2^62.</param>
    /// <param name="x">columns values of one level, scale and number of parts.</param>
    /// <param name="weightScale">Δ_w, by which the integers are understood to be multiplied; 1 for integers as such, which takes no
    /// level.</param>
    /// <param name="destinations">rows values, none twice; may be operands.</param>
    /// <exception cref="ArgumentException">The sizes do not fit, or a weight is too large.</exception>
    /// <exception cref="LevelExhaustedException">Δ_w is not 1 and x is at level 0: the result could not be rescaled.</exception>
    /// <remarks>Noise: σ_r² = Σ_c (w_(r,c)·σ_c)². One read of the columns serves all rows of a call.</remarks>
    public void MultiplyIntegerMatrixInto(ReadOnlySpan<long> weights, ReadOnlySpan<T> x, Scale weightScale, ReadOnlySpan<T> destinations) =>
        MultiplyMatrix(weights, x, [weightScale], 0, destinations);

    /// <summary>The same for columns of different scales, each with a scale of its own for its weights: the scale of the result, Δ_c·Δ_(w,c),
    /// is the same for every column c.</summary>
    /// <param name="weights">rows · columns signed integers, row after row, |w| &lt; 2^62.</param>
    /// <param name="x">columns values of one level and number of parts.</param>
    /// <param name="weightScales">Δ_(w,c), one for each column.</param>
    /// <param name="destinations">rows values, none twice; may be operands.</param>
    /// <exception cref="ArgumentException">The sizes do not fit, or a weight is too large.</exception>
    /// <exception cref="ScaleMismatchException">The scales of two columns' products differ by more than 2^(−40).</exception>
    /// <exception cref="LevelExhaustedException">A Δ_(w,c) is not 1 and x is at level 0: the result could not be rescaled.</exception>
    public void MultiplyIntegerMatrixInto(
        ReadOnlySpan<long> weights, ReadOnlySpan<T> x, ReadOnlySpan<Scale> weightScales, ReadOnlySpan<T> destinations)
    {
        RequireScales(weightScales, x);
        MultiplyMatrix(weights, x, weightScales, 0, destinations);
    }

    // The same for integers that were rounded: each is off by a uniform ±1/2, which counts as noise.
    internal void MultiplyRoundedMatrixInto(
        ReadOnlySpan<long> weights, ReadOnlySpan<T> x, ReadOnlySpan<Scale> weightScales, ReadOnlySpan<T> destinations)
    {
        RequireScales(weightScales, x);
        MultiplyMatrix(weights, x, weightScales, 1.0 / 12, destinations);
    }

    // One scale for all columns, or one for each.
    private void MultiplyMatrix(
        ReadOnlySpan<long> weights, ReadOnlySpan<T> x, ReadOnlySpan<Scale> scales, double roundingVariance, ReadOnlySpan<T> destinations)
    {
        RequireMatrix(weights, x, scales, destinations);
        ResultLabel[] labels = new ResultLabel[destinations.Length];
        for (int r = 0; r < labels.Length; r++)
        {
            NoiseEstimate noise = PredictRow(weights.Slice(r * x.Length, x.Length), x, scales, roundingVariance);
            labels[r] = new(x[0].Level, x[0].PartCount, x[0].Scale * scales[0], noise);
        }

        T[] targets = new T[destinations.Length];
        Targets(x, labels, destinations, targets);
        MultiplyIntegerMatrixCore(weights, x, targets);
        Commit(targets, labels, destinations);
    }

    /// <summary>Computes the three parts of Σ_c x_(r,c)·y_c for every row. No destination is an operand.</summary>
    protected abstract void TensorProductSumsCore(ReadOnlySpan<T> x, ReadOnlySpan<T> y, ReadOnlySpan<T> destinations);

    /// <summary>Computes Σ_c w_(r,c)·x_c for every row. No destination is an operand; each is labelled with its scale, so that Δ_(w,c) is
    /// that over Δ_c.</summary>
    protected abstract void MultiplyIntegerMatrixCore(ReadOnlySpan<long> weights, ReadOnlySpan<T> x, ReadOnlySpan<T> destinations);

    private ResultLabel PrepareProductSum(ReadOnlySpan<T> x, ReadOnlySpan<T> y, Scale scale)
    {
        NoiseEstimate noise = default;
        for (int i = 0; i < x.Length; i++)
        {
            RequireSameLevel(x[i], y[0], "adding products");
            RequireSameLevel(x[i], y[i], "multiplying");
            RequireTwoParts(x[i], "Multiplication");
            RequireTwoParts(y[i], "Multiplication");
            RequireLevels(x[i], 1, "Multiplication");
            double difference = scale.RelativeDifference(x[i].Scale * y[i].Scale);
            if (difference > Scale.MatchTolerance)
            {
                Throw.ScaleMismatch(scale, x[i].Scale * y[i].Scale, "adding products");
            }

            NoiseEstimate product = Estimator.Multiply(x[i].Noise, x[i].Scale, y[i].Noise, y[i].Scale, ReferenceEquals(x[i], y[i]));
            noise = i == 0 ? product : Estimator.Add(noise, product, isSame: false, scale, difference);
        }

        return new(x[0].Level, 3, scale, noise);
    }

    private static bool IsAmong(ReadOnlySpan<T> values, T? value)
    {
        foreach (T other in values)
        {
            if (ReferenceEquals(other, value))
            {
                return true;
            }
        }

        return false;
    }

    private static void RequireScales(ReadOnlySpan<Scale> weightScales, ReadOnlySpan<T> x)
    {
        if (weightScales.Length != x.Length)
        {
            throw new ArgumentException($"{x.Length} columns take as many weight scales; got {weightScales.Length}.", nameof(weightScales));
        }
    }

    private void RequireMatrix(ReadOnlySpan<long> weights, ReadOnlySpan<T> x, ReadOnlySpan<Scale> scales, ReadOnlySpan<T> destinations)
    {
        const long MaxWeight = 1L << 62;
        if (x.IsEmpty || destinations.IsEmpty || weights.Length != (long)x.Length * destinations.Length)
        {
            throw new ArgumentException(
                $"{weights.Length} weights are not {destinations.Length} rows of {x.Length} columns, at least one of each.", nameof(weights));
        }

        foreach (long weight in weights)
        {
            if (weight is <= -MaxWeight or >= MaxWeight)
            {
                throw new ArgumentOutOfRangeException(nameof(weights), weight, $"An integer weight is below 2^62 in size; got {weight}. Lower the weight scale.");
            }
        }

        bool isRescaled = false;
        Scale product = Require(x[0]).Scale * scales[0];
        for (int c = 0; c < x.Length; c++)
        {
            Scale weightScale = scales.Length == 1 ? scales[0] : scales[c];
            isRescaled |= weightScale.Value != 1;
            RequireSameLevel(x[c], x[0], "a matrix product");
            if (!product.Matches(x[c].Scale * weightScale))
            {
                Throw.ScaleMismatch(product, x[c].Scale * weightScale, "a matrix product");
            }

            if (x[c].PartCount != x[0].PartCount)
            {
                Throw.PartCount(x[c].PartCount, x[0].PartCount, "A matrix product");
            }
        }

        if (isRescaled)
        {
            RequireLevels(x[0], 1, "A matrix product");
        }

        RequireDestinations(destinations.Length, destinations);
    }

    private static void RequireOnce(ReadOnlySpan<T> destinations, int index)
    {
        if (IsAmong(destinations[..index], destinations[index]))
        {
            throw new ArgumentException($"Destination {index} occurs twice; every result needs its own.", nameof(destinations));
        }
    }

    private void RequireSameScale(T x, T y, string operation)
    {
        RequireSameLevel(x, y, operation);
        if (!x.Scale.Matches(y.Scale))
        {
            Throw.ScaleMismatch(x.Scale, y.Scale, operation);
        }
    }

    // Σ_c (w_c/Δ_c)·x_c, whose error is w_c times the errors of the columns, and the columns times the errors of the weights.
    private NoiseEstimate PredictRow(ReadOnlySpan<long> weights, ReadOnlySpan<T> x, ReadOnlySpan<Scale> scales, double roundingVariance)
    {
        double variance = 0, power = 0;
        for (int c = 0; c < x.Length; c++)
        {
            NoiseEstimate term = Estimator.MultiplyInteger(x[c].Noise, weights[c]);
            double magnitude = term.Magnitude / (scales.Length == 1 ? scales[0] : scales[c]).Value;
            double coefficient = x[c].Scale.Value * x[c].Noise.Magnitude;
            variance += (term.Sigma * term.Sigma) + (roundingVariance * coefficient * coefficient / Parameters.RingDegree);
            power += magnitude * magnitude;
        }

        return new(Math.Sqrt(variance), Math.Sqrt(power));
    }

    // A value that occurs c times adds its error c times over; different ones are independent.
    private NoiseEstimate PredictSum(ReadOnlySpan<T> x)
    {
        NoiseEstimate sum = default;
        bool isFirst = true;
        for (int i = 0; i < x.Length; i++)
        {
            if (IsAmong(x[..i], x[i]))
            {
                continue;
            }

            int count = 1;
            for (int j = i + 1; j < x.Length; j++)
            {
                count += ReferenceEquals(x[i], x[j]) ? 1 : 0;
            }

            NoiseEstimate term = Estimator.MultiplyInteger(x[i].Noise, count);
            sum = isFirst ? term : Estimator.Add(sum, term, isSame: false, x[0].Scale, x[0].Scale.RelativeDifference(x[i].Scale));
            isFirst = false;
        }

        return sum;
    }
}
