using Heann.Core;
using Heann.Core.Ciphertexts;
using Heann.Core.Circuits;
using Heann.Core.Encoders;
using Heann.Core.Evaluation;
using Hnn.Model.Packing;
using Hnn.Model.Weights;

namespace Hnn.Model.Layers;

/// <summary>Pooling, the layer before the classifier, and the classifier for two classes: t = α·(logit_1 − logit_0)/T in every slot.</summary>
/// <remarks>
/// u = W·p + w_m·r + b, p = Σ_t x_t / B, r = Σ_t m_t / B: the map is applied to every token first and the tokens summed afterwards, so
/// that the mask need not be summed by itself. Temperature T and the map α of the soft-argmax's interval to [−1, 1] are folded into
/// the classifier's weights. Plaintext, product, plaintext: three levels.
/// </remarks>
public sealed class ClassifierHead
{
    /// <summary>What each level is spent on, from the top: true for a product of ciphertexts.</summary>
    public static IReadOnlyList<bool> ProductLevels { get; } = [false, true, false];

    private readonly TokenLayout _layout;
    private readonly Linear _pre;
    private readonly SlotVector _bias;
    private readonly SlotVector _classifier;
    private readonly double _constant;

    /// <summary>Prepares the head.</summary>
    /// <param name="layout">The layout of tokens.</param>
    /// <param name="weights">Pre, mask weight and classifier of two classes.</param>
    /// <param name="activation">The activation between them.</param>
    /// <param name="factor">α/T.</param>
    /// <exception cref="ArgumentException">The classifier has not two classes.</exception>
    public ClassifierHead(TokenLayout layout, HeadWeights weights, QuadraticActivation activation, double factor)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(weights);
        if (weights.Classifier.Out != 2)
        {
            throw new ArgumentException(
                $"The encrypted soft-argmax is for 2 classes and the classifier has {weights.Classifier.Out}; evaluate this network in the clear.", nameof(weights));
        }

        _layout = layout;
        FeaturePlacement single = FeaturePlacement.Single(layout);
        LinearWeights pre = activation.Before(weights.Pre);

        // The mask channel carries w_m; the bias itself is added after the pooling, once.
        double perToken = 1.0 / layout.Bucket;
        LinearWeights perTokenPre = new(
            [.. pre.Weight.Select(w => w * perToken)], [.. weights.MaskWeight.Select(w => w * activation.InputFactor * perToken)], pre.In, pre.Out);
        _pre = new(layout, perTokenPre, [FeaturePlacement.Residual(layout)], [single]);
        _bias = FeatureMatrix.Row(layout, pre.Bias, single);

        LinearWeights classifier = activation.After(weights.Classifier);
        double[] difference = [.. Enumerable.Range(0, classifier.In).Select(i => (classifier[1, i] - classifier[0, i]) * factor)];
        _classifier = FeatureMatrix.Row(layout, difference, single);
        _constant = (classifier.Bias[1] - classifier.Bias[0]) * factor;
    }

    /// <summary>α·(logit_1 − logit_0)/T in every slot, at the given scale.</summary>
    public T Forward<T>(CircuitEvaluator<T> evaluator, T x, T mask, Scale scale)
        where T : class, ICircuitValue
    {
        ArgumentNullException.ThrowIfNull(evaluator);
        using T tokens = _pre.Forward(evaluator, [x], mask)[0];
        using T hidden = InnerSum.Evaluate(evaluator, tokens, _layout.FeatureStride, _layout.Bucket);
        evaluator.AddPlainInto(hidden, _bias, hidden);
        evaluator.DeclareMagnitude(hidden, Linear.TypicalMagnitude);
        evaluator.Report("head.pre", hidden);
        QuadraticActivation.SquareInto(evaluator, hidden);
        evaluator.Report("head.activation", hidden);

        Scale plainScale = scale * new Scale(evaluator.Parameters.BasisQ[hidden.Level].Value) / hidden.Scale.Value;
        using T products = evaluator.MultiplyPlain(hidden, _classifier, plainScale);
        evaluator.RescaleInto(products, products);

        // Every token's places hold the same pooled values, so the window of F places wraps without harm.
        T difference = InnerSum.Evaluate(evaluator, products, 1, _layout.FeatureStride);
        evaluator.AddPlainInto(difference, SlotVector.Constant(_constant), difference);
        evaluator.DeclareMagnitude(difference, Linear.TypicalMagnitude);
        evaluator.Report("head.classifier", difference);
        return difference;
    }
}
