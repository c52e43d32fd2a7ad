using Hnn.Model.Weights;

namespace Hnn.Model.Layers;

/// <summary>The head of a network of two classes with everything folded in that its circuit would else multiply by; the constants of
/// <see cref="ClassifierHead"/>.</summary>
/// <param name="TokenMap">Applied to every token before the pooling: √c_2·W/B, and √c_2·w_m/B as the masked bias.</param>
/// <param name="Bias">√c_2·(b + c_1/(2c_2)), added once, after the pooling.</param>
/// <param name="Difference">Row 1 less row 0 of the classifier, times α/T.</param>
/// <param name="Constant">Added to the classifier's difference.</param>
internal sealed record HeadMaps(LinearWeights TokenMap, double[] Bias, double[] Difference, double Constant)
{
    /// <summary>Folds 1/B, the activation's affine maps and α/T into the weights.</summary>
    /// <param name="weights">Pre, mask weight and classifier of two classes.</param>
    /// <param name="activation">The activation between them.</param>
    /// <param name="bucket">B.</param>
    /// <param name="factor">α/T.</param>
    /// <exception cref="ArgumentException">The classifier has not two classes.</exception>
    public static HeadMaps Fold(HeadWeights weights, QuadraticActivation activation, int bucket, double factor)
    {
        ArgumentNullException.ThrowIfNull(weights);
        if (weights.Classifier.Out != 2)
        {
            throw new ArgumentException(
                $"The encrypted soft-argmax is for 2 classes and the classifier has {weights.Classifier.Out}; evaluate this network in the clear.", nameof(weights));
        }

        // The mask channel carries w_m; the bias itself is added after the pooling, once.
        double perToken = 1.0 / bucket;
        LinearWeights pre = activation.Before(weights.Pre);
        LinearWeights tokenMap = new(
            [.. pre.Weight.Select(w => w * perToken)], [.. weights.MaskWeight.Select(w => w * activation.InputFactor * perToken)], pre.In, pre.Out);
        LinearWeights classifier = activation.After(weights.Classifier);
        double[] difference = [.. Enumerable.Range(0, classifier.In).Select(i => (classifier[1, i] - classifier[0, i]) * factor)];
        return new(tokenMap, pre.Bias, difference, (classifier.Bias[1] - classifier.Bias[0]) * factor);
    }
}
