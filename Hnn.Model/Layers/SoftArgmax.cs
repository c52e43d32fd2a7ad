using System.Numerics;
using Heann.Core;
using Heann.Core.Ciphertexts;
using Heann.Core.Circuits;
using Heann.Core.Encoders;
using Heann.Core.Evaluation;
using Hnn.Model.Approximations;
using Hnn.Model.Weights;

namespace Hnn.Model.Layers;

/// <summary>The Differentiable Soft-Argmax under encryption. Two classes: y = σ((logit_1 − logit_0)/T), σ as an odd polynomial plus 1/2.
/// More: p_i = softmax(logits/T)_i by exponentials, their sum and a division; released are the p_i or y = Σ_i i·p_i.</summary>
/// <remarks>
/// <para>What it takes are arguments mapped to [−1, 1], t = α·a + β: for two classes a = (logit_1 − logit_0)/T, one value; for more a_i =
/// (logit_i − mean)/T, n values. <see cref="FoldInto"/> puts all of that into the classifier's weights.</para>
/// <para>The n values come in one ciphertext or in n. In one (<see cref="Forward{T}(CircuitEvaluator{T}, T, Scale)"/>) they stand at
/// places 0 … n − 1 of P = 2^⌈log2 n⌉ and repeat with that period, zero at the places without a class: a sum over any P neighbouring
/// places is then the sum over all classes, in every slot, and e^0 is taken off where there is no class. In n
/// (<see cref="Forward{T}(CircuitEvaluator{T}, T[], Scale)"/>) slots are sentences.</para>
/// <para>Intervals, degrees and errors stay together in <see cref="Polynomial"/> and <see cref="Softmax"/>. The clear evaluator may use σ
/// and the softmax themselves. Immutable, thread-safe. Source: arXiv 2502.16176.</para>
/// </remarks>
public sealed class SoftArgmax
{
    /// <summary>Fits the polynomials to the interval of a model.</summary>
    /// <param name="config">Temperature, interval, degree, and what is released.</param>
    /// <param name="classCount">n ≥ 2.</param>
    /// <exception cref="ArgumentException">The interval is not symmetric about 0 (two classes) or does not have 0 inside (more), or the
    /// degree is too low for it, or what is to be released is not there.</exception>
    public SoftArgmax(SoftArgmaxConfig config, int classCount = 2)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentOutOfRangeException.ThrowIfLessThan(classCount, 2);
        (ClassCount, Temperature, Release) = (classCount, config.Temperature, config.ReleaseFor(classCount));
        if (classCount > 2)
        {
            Softmax = new(classCount, config.Low, config.High, config.Degree, config.Iterations);
            Polynomial = Softmax.Exponential;
            return;
        }

        if (config.Low != -config.High)
        {
            throw new ArgumentException(
                $"The interval of the soft-argmax is [{config.Low}, {config.High}]; with two classes it must be symmetric about 0.", nameof(config));
        }

        Polynomial = SigmoidApproximation.Fit(config.Degree, config.High);
    }

    /// <summary>n.</summary>
    public int ClassCount { get; }

    /// <summary>T.</summary>
    public double Temperature { get; }

    /// <summary>What comes out.</summary>
    public Release Release { get; }

    /// <summary>What the arguments go through first, with its interval and its largest error: for two classes 1/2 + odd polynomial, for
    /// more the scaled exponential.</summary>
    public ApproximationPolynomial Polynomial { get; }

    /// <summary>The whole approximation for more than two classes; null for two.</summary>
    public SoftmaxApproximation? Softmax { get; }

    /// <summary>α/T: what the classifier multiplies a logit difference, or a logit less their mean, by.</summary>
    public double InputFactor => Polynomial.InputScale / Temperature;

    /// <summary>P: places that the classes take in one ciphertext, 1 for two classes, else the power of two from n on.</summary>
    public int PlaceCount => ClassCount == 2 ? 1 : (int)BitOperations.RoundUpToPowerOf2((uint)ClassCount);

    /// <summary>Bound of what the polynomials add to the error of y (two classes) or of a probability, without noise.</summary>
    public double MaxError => Softmax?.MaxError ?? Polynomial.MaxError;

    /// <summary>Levels of products of ciphertexts, in either packing.</summary>
    public int Depth => Softmax?.Depth ?? PolynomialPlan.MinimalDepth(Polynomial.Degree);

    /// <summary>What each level is spent on in one ciphertext, from the top: true for a product of ciphertexts. y of more than two
    /// classes takes a product with the indices at the end; in n ciphertexts it takes none.</summary>
    public IReadOnlyList<bool> ProductLevels => [.. Enumerable.Repeat(true, Depth), .. Enumerable.Repeat(false, WeighsPlaces ? 1 : 0)];

    private bool WeighsPlaces => ClassCount > 2 && Release == Release.SoftArgmax;

    /// <summary>The classifier whose outputs are t: for two classes one row α(w_1 − w_0)/T; for more n rows α(w_i − mean w)/T, β in their
    /// biases.</summary>
    /// <param name="classifier">n rows.</param>
    /// <exception cref="ArgumentException">It has another number of rows.</exception>
    public LinearWeights FoldInto(LinearWeights classifier)
    {
        ArgumentNullException.ThrowIfNull(classifier);
        if (classifier.Out != ClassCount)
        {
            throw new ArgumentException($"The soft-argmax is for {ClassCount} classes and the classifier has {classifier.Out}.", nameof(classifier));
        }

        double[] Column(Func<int, double> value)
        {
            double[] column = [.. Enumerable.Range(0, ClassCount).Select(value)];
            double mean = ClassCount == 2 ? 0 : column.Average();
            return ClassCount == 2 ? [(column[1] - column[0]) * InputFactor] : [.. column.Select(v => (v - mean) * InputFactor)];
        }

        double[][] columns = [.. Enumerable.Range(0, classifier.In).Select(i => Column(row => classifier[row, i]))];
        double[] bias = [.. Column(row => classifier.Bias[row]).Select(b => b + Polynomial.InputOffset)];
        return new([.. bias.SelectMany((_, row) => columns.Select(column => column[row]))], bias, classifier.In, bias.Length);
    }

    /// <summary>From one ciphertext: y in every slot, or p_i at places i modulo <see cref="PlaceCount"/> and zero at places without a
    /// class.</summary>
    /// <param name="evaluator">The evaluator; needs the keys of the rotations by 1 … P/2 that <see cref="InnerSum"/> takes for more than
    /// two classes.</param>
    /// <param name="mapped">t in every slot, or t_i at places i modulo P and zero at places without a class.</param>
    /// <param name="scale">Scale of the result.</param>
    /// <returns>As many levels below as <see cref="ProductLevels"/> has.</returns>
    public T Forward<T>(CircuitEvaluator<T> evaluator, T mapped, Scale scale)
        where T : class, ICircuitValue
    {
        ArgumentNullException.ThrowIfNull(evaluator);
        ArgumentNullException.ThrowIfNull(mapped);
        if (Softmax is null)
        {
            return Sigmoid(evaluator, mapped, scale);
        }

        using T exponentials = Exponential(evaluator, mapped, scale);
        if (PlaceCount != ClassCount)
        {
            // Without a class t = 0, the middle of the interval, where the polynomial is exact.
            double[] excess = Places(i => i < ClassCount ? 0 : -Polynomial.Evaluate((Polynomial.LowerBound + Polynomial.UpperBound) / 2));
            evaluator.AddPlainInto(exponentials, SlotVector.Periodic(excess), exponentials);
        }

        evaluator.Report("head.exponentials", exponentials);
        using T sum = InnerSum.Evaluate(evaluator, exponentials, 1, PlaceCount);
        T probabilities = Divide(evaluator, [exponentials], sum)[0];
        evaluator.Report("probabilities", probabilities);
        return WeighsPlaces ? WeighPlaces(evaluator, probabilities, scale) : probabilities;
    }

    /// <summary>From one ciphertext for each mapped argument, 1 for two classes, else n: y alone, or the n probabilities in their order.
    /// y takes no level more: i is an integer factor of the i-th exponential.</summary>
    /// <param name="evaluator">The evaluator. No rotation keys are needed.</param>
    /// <param name="mapped">t, or t_0 … t_(n−1), one level and one scale.</param>
    /// <param name="scale">Scale of the results.</param>
    /// <returns><see cref="Depth"/> levels below. Steps are reported with their first ciphertext.</returns>
    /// <exception cref="ArgumentException">Another number of ciphertexts.</exception>
    public T[] Forward<T>(CircuitEvaluator<T> evaluator, T[] mapped, Scale scale)
        where T : class, ICircuitValue
    {
        ArgumentNullException.ThrowIfNull(evaluator);
        ArgumentNullException.ThrowIfNull(mapped);
        int expected = ClassCount == 2 ? 1 : ClassCount;
        if (mapped.Length != expected)
        {
            throw new ArgumentException($"{ClassCount} classes take {expected} ciphertext(s); got {mapped.Length}.", nameof(mapped));
        }

        if (Softmax is null)
        {
            return [Sigmoid(evaluator, mapped[0], scale)];
        }

        List<T> owned = [];
        try
        {
            foreach (T t in mapped)
            {
                owned.Add(Exponential(evaluator, t, scale));
            }

            evaluator.Report("head.exponentials", owned[0]);
            T sum = Sum(evaluator, owned, _ => 1);
            owned.Add(sum);
            if (Release == Release.SoftArgmax)
            {
                T weighed = Sum(evaluator, owned[..ClassCount], i => i);
                owned.Add(weighed);
                T[] y = Divide(evaluator, [weighed], sum, ClassCount - 1);
                evaluator.Report("soft-argmax", y[0]);
                return y;
            }

            T[] probabilities = Divide(evaluator, owned[..ClassCount], sum);
            evaluator.Report("probabilities", probabilities[0]);
            return probabilities;
        }
        finally
        {
            owned.ForEach(value => value.Dispose());
        }
    }

    private T Sigmoid<T>(CircuitEvaluator<T> evaluator, T mapped, Scale scale)
        where T : class, ICircuitValue
    {
        T result = PolynomialEvaluator.EvaluateMapped(evaluator, mapped, Polynomial, scale, SigmoidApproximation.Sigmoid);
        evaluator.Report("soft-argmax", result);
        return result;
    }

    // w·exp(a), at the scale from which the division arrives at the one asked for.
    private T Exponential<T>(CircuitEvaluator<T> evaluator, T mapped, Scale scale)
        where T : class, ICircuitValue
    {
        QuotientApproximation division = Softmax!.Division;
        int levels = PolynomialPlan.MinimalDepth(Polynomial.Degree);
        if (mapped.Level < Depth)
        {
            throw new LevelExhaustedException(
                $"A softmax of {ClassCount} classes takes {Depth} levels and its arguments are at level {mapped.Level}; take parameters with more levels.");
        }

        Scale first = division.InputScaleOf(evaluator, mapped.Level - levels, scale);
        T result = PolynomialEvaluator.EvaluateMapped(evaluator, mapped, Polynomial, first, a => division.InputScale * Math.Exp(a));
        evaluator.DeclareMagnitude(result, division.InputScale * Math.Exp(Polynomial.UpperBound));
        return result;
    }

    private T[] Divide<T>(CircuitEvaluator<T> evaluator, IReadOnlyList<T> numerators, T sum, double bound = 1)
        where T : class, ICircuitValue
    {
        T[] quotients = Softmax!.Division.EvaluateScaled(evaluator, numerators, sum, bound);
        for (int i = 0; i < quotients.Length; i++)
        {
            evaluator.TryApplyExactly(numerators[i], sum, (e, s) => e / s, quotients[i]);
        }

        return quotients;
    }

    private static T Sum<T>(CircuitEvaluator<T> evaluator, List<T> terms, Func<int, int> weight)
        where T : class, ICircuitValue
    {
        T sum = evaluator.MultiplyInteger(terms[^1], weight(terms.Count - 1));
        for (int i = terms.Count - 2; i >= 0; i--)
        {
            using T term = evaluator.MultiplyInteger(terms[i], weight(i));
            evaluator.AddInto(sum, term, sum);
        }

        return sum;
    }

    // y = Σ i·p_i in every slot: no place keeps a value from which a probability could be had.
    private T WeighPlaces<T>(CircuitEvaluator<T> evaluator, T probabilities, Scale scale)
        where T : class, ICircuitValue
    {
        using (probabilities)
        {
            Scale plainScale = scale * new Scale(evaluator.Parameters.BasisQ[probabilities.Level].Value) / probabilities.Scale.Value;
            using T weighed = evaluator.MultiplyPlain(probabilities, SlotVector.Periodic(Places(i => i < ClassCount ? i : 0)), plainScale);
            evaluator.RescaleInto(weighed, weighed);
            T y = InnerSum.Evaluate(evaluator, weighed, 1, PlaceCount);
            evaluator.DeclareMagnitude(y, ClassCount - 1);
            evaluator.Report("soft-argmax", y);
            return y;
        }
    }

    private double[] Places(Func<int, double> value) => [.. Enumerable.Range(0, PlaceCount).Select(value)];
}
