using Heann.Core;
using Heann.Core.Ciphertexts;
using Heann.Core.Circuits;
using Heann.Core.Evaluation;
using Hnn.Model.Approximations;
using Hnn.Model.Weights;

namespace Hnn.Model.Layers;

/// <summary>The Differentiable Soft-Argmax for two classes under encryption: y = σ((logit_1 − logit_0)/T), σ as an odd polynomial plus 1/2.</summary>
/// <remarks>Interval, degree, coefficients and error stay together in <see cref="Polynomial"/>. The clear evaluator may use σ itself. Source: arXiv 2502.16176.</remarks>
public sealed class SoftArgmax
{
    /// <summary>Fits the polynomial to the interval of a model.</summary>
    /// <exception cref="ArgumentException">The interval is not symmetric about 0.</exception>
    public SoftArgmax(SoftArgmaxConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        if (config.Low != -config.High)
        {
            throw new ArgumentException(
                $"The interval of the soft-argmax is [{config.Low}, {config.High}]; with two classes it must be symmetric about 0.", nameof(config));
        }

        Temperature = config.Temperature;
        Polynomial = SigmoidApproximation.Fit(config.Degree, config.High);
    }

    /// <summary>T.</summary>
    public double Temperature { get; }

    /// <summary>1/2 + odd polynomial, with its interval and its largest error.</summary>
    public ApproximationPolynomial Polynomial { get; }

    /// <summary>α/T: what the classifier multiplies the logit difference by.</summary>
    public double InputFactor => Polynomial.InputScale / Temperature;

    /// <summary>Levels spent.</summary>
    public int Depth => PolynomialPlan.MinimalDepth(Polynomial.Degree);

    /// <summary>y in every slot, from t = α·(logit_1 − logit_0)/T.</summary>
    public T Forward<T>(CircuitEvaluator<T> evaluator, T mapped, Scale scale)
        where T : class, ICircuitValue
    {
        ArgumentNullException.ThrowIfNull(evaluator);
        T result = PolynomialEvaluator.EvaluateMapped(evaluator, mapped, Polynomial, scale, SigmoidApproximation.Sigmoid);
        evaluator.Report("soft-argmax", result);
        return result;
    }
}
