using Hnn.Model.Weights;

namespace Hnn.Model.Layers;

/// <summary>The head of a network with everything folded in that its circuit would else multiply by.</summary>
/// <param name="TokenMap">Applied to every token before the pooling: √c_2·W/B, and √c_2·w_m/B as the masked bias.</param>
/// <param name="Bias">√c_2·(b + c_1/(2c_2)), added once, after the pooling.</param>
/// <param name="Classifier">From the activation's square to the arguments of the soft-argmax, see <see cref="SoftArgmax.FoldInto"/>: one
/// row for two classes, else n.</param>
internal sealed record HeadMaps(LinearWeights TokenMap, double[] Bias, LinearWeights Classifier)
{
    /// <summary>Folds 1/B, the activation's affine maps and those of the soft-argmax into the weights.</summary>
    /// <param name="weights">Pre, mask weight and classifier.</param>
    /// <param name="activation">The activation between them.</param>
    /// <param name="bucket">B.</param>
    /// <param name="softArgmax">What follows.</param>
    /// <exception cref="ArgumentException">The classifier has another number of classes than the soft-argmax.</exception>
    public static HeadMaps Fold(HeadWeights weights, QuadraticActivation activation, int bucket, SoftArgmax softArgmax)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(softArgmax);

        // The mask channel carries w_m; the bias itself is added after the pooling, once.
        double perToken = 1.0 / bucket;
        LinearWeights pre = activation.Before(weights.Pre);
        LinearWeights tokenMap = new(
            [.. pre.Weight.Select(w => w * perToken)], [.. weights.MaskWeight.Select(w => w * activation.InputFactor * perToken)], pre.In, pre.Out);
        return new(tokenMap, pre.Bias, softArgmax.FoldInto(activation.After(weights.Classifier)));
    }
}
